"""Computations off the script thread, and the panel that watches them.

A page submits work under a key and reads its job. The service joins equal work, gives viewers equal shares of the
processor, keeps results within a bound of memory, and cancels what nobody waits for.
"""
