"""The controls: sidebar, toolbar, address, presenter mode, and the instruments beside a picture."""
