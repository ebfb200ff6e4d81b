"""What keeps a process inside its memory."""
