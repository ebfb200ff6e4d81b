"""What the process does while one looks: where its threads are, and where its tasks wait. Off unless somebody asks."""
