open('/tmp/runpages-canary', 'w')
