"""Problems of models from other libraries: Flax NNX, Flax Linen, Equinox, Haiku, and weights of PyTorch.

Each function splits a model into parameters that vary and everything else, and returns a `Problem` of a loss that
gets the model, or its forward function, back in one piece. The keywords of `Problem.from_loss` are passed on. A
library is needed only by the models that come from it.
"""

from landscapes.adapters.equinox_module import from_equinox
from landscapes.adapters.haiku_transformed import from_haiku
from landscapes.adapters.linen_module import from_linen
from landscapes.adapters.nnx_module import from_nnx
from landscapes.adapters.torch_weights import from_torch

__all__ = ["from_equinox", "from_haiku", "from_linen", "from_nnx", "from_torch"]
