"""Every codec against bytes that were changed: only its declared errors, within a second, within its memory."""
