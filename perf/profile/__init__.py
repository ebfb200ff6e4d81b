"""Looks into a daemon at work, and shows what was seen: a flame graph, the lines that hold memory, where tasks wait."""
