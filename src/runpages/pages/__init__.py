"""Views become HTML, data files and whole pages."""
