"""Where it runs as a fleet, and how it is watched there."""
