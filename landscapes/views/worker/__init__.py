"""Computations off the script thread, and the panel that watches them."""
