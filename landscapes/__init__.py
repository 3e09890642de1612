"""Landscapes: the loss around any point of parameter space, its curvature, and what optimizers do on it.

`__init__.pyi` lists the public names. Each is imported when it is first used, so that `landscapes --help` does not
wait for JAX.
"""

import os

import lazy_loader

from landscapes.xla_flags import disable_wrong_sums, fuse_small_loops

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# In a checkout on a system without symbolic links (Windows), Git writes the links to models/ and objectives/ as
# text files. The packages are then found where they lie, beside this one.
if not os.path.isdir(os.path.join(__path__[0], "models")):
    __path__.append(os.path.dirname(__path__[0]))

disable_wrong_sums()
fuse_small_loops()
