"""What was read or fetched before and may be answered again: levels, and who reads through them."""
