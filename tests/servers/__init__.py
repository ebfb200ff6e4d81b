"""The real servers that tests stand on."""
