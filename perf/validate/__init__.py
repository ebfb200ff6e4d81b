"""Does a service keep the targets of the contract? Each is measured under load, by the service's own process.

What could not be measured is said to be so, and is never a pass.
"""
