"""Small loops of the kernel whose instructions are counted: the same number every time, whatever else the machine does.

Each does so many rounds of one thing, with nothing random, no thread and no clock in it.
"""
