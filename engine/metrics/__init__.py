"""What can be seen of a running system, as Prometheus metrics. Nothing here runs by itself, and nothing is global."""
