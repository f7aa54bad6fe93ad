"""One question each, answered as JSON-able data: what a page shows before it is HTML."""
