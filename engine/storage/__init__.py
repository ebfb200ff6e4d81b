"""Where jobs and results are kept: adapters of the JobStore port, and the one schema of the databases among them."""
