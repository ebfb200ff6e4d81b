"""What a regression is looked for with: one part of the engine each, and what it is measured against.

A ruler is a process that waits for a line, takes one slice and prints its rate, so that slices of two of them are taken
in turn. All are of processor time, operations a second of it: on a shared machine the clock tells more of the others.
"""
