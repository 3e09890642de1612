"""Which packages are installed."""

from __future__ import annotations

import importlib.util
from functools import cache

find_spec = cache(importlib.util.find_spec)
"""Like `importlib.util.find_spec`, but each package is looked up once. A page asks for several at every run,
and each time the files of an absent one are searched for on every path, while other threads wait."""
