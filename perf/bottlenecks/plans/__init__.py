"""How the database makes the store's own statements, asked from beside: nothing is written and nobody is held up."""
