"""The pages Home, Explore, Race, Curvature, Compare and Open, and the navigation between them.

A page draws the controls, asks the worker for the scenes of their recipe, and draws what it has computed so far.
"""
