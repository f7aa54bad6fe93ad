x = 'qzscript'
