"""Locust's users against a daemon, what its own process shows meanwhile, and one report of both.

Only locustfile.py imports Locust, and only Locust imports locustfile.py: gevent has a process of its own.
"""
