"""What the process holds of memory, and what it makes of it."""
