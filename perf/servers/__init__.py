"""Servers of other people's making, started for a question or a test and gone after it."""
