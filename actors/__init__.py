"""What runs. Start with system.py: the picture, the wiring, the supervision tree."""
