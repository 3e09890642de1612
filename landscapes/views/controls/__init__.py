"""The controls: sidebar, toolbar, address, undo and presenter mode; and the instruments beside a picture.

A module draws its widgets and keeps their values in the settings of the session, which outlive a page that does
not draw them. The sidebar and the toolbar return a recipe, which the address spells out.
"""
