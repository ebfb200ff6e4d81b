"""The domain: jobs, what they come to, the rules between, and the ports. Knows no loop, no HTTP, no SQL."""
