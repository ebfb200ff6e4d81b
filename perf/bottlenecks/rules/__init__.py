"""What evidence shows: one rule a file, each a pure function from evidence to a finding or to None.

A share is a part of the time, as honestly as the figures allow; what is below LEAST is in the run of things.
"""
