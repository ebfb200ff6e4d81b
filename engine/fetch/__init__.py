"""The Fetch port's adapter: one HTTP request, bounded in time and memory, and what is wanted of its page."""
