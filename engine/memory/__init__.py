"""How much memory there is, how much is used, and the rules of what is done when it grows short.

It measures and decides; nothing in it runs by itself, and nothing in it waits.
"""
