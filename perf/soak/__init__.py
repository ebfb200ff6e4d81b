"""A daemon under a memory limit, and a web that sends whatever it likes."""
