"""The shipped autoscaler put to the test: a controller by the documented rules and real processes, or a cluster.

What decides is pure: frozen values in, a number of replicas out, the time passed in.
"""
