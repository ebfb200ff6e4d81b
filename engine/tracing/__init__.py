"""What a submit, its fetches and their settles look like in traces. Imported only where there are to be some."""
