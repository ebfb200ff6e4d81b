"""Watches a server's own process for as long as one likes: on a terminal, and into a file that is always whole."""
