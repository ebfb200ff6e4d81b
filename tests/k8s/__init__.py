"""What is deployed, and how it is watched."""
