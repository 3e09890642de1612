from . import (
    adapters as adapters,
)
from . import (
    connectivity as connectivity,
)
from . import (
    curvature as curvature,
)
from . import (
    directions as directions,
)
from . import (
    evaluation as evaluation,
)
from . import (
    exports as exports,
)
from . import (
    figures as figures,
)
from . import (
    formulas as formulas,
)
from . import (
    games as games,
)
from . import (
    lessons as lessons,
)
from . import (
    models as models,
)
from . import (
    objectives as objectives,
)
from . import (
    optimization as optimization,
)
from . import (
    recipes as recipes,
)
from . import (
    scenes as scenes,
)
from . import (
    slices as slices,
)
from . import (
    storage as storage,
)
from . import (
    tables as tables,
)
from . import (
    tradeoffs as tradeoffs,
)
from .curvature.hessian_spectrum import Spectrum, spectrum
from .optimization.checkpoint_recorder import Recorder
from .optimization.checkpoints import Checkpoints
from .optimization.trajectory import Trajectory, descend, race
from .plane import Plane, span
from .problem import Problem
from .recipes.recipe import Choice, Recipe
from .slices.projection import Projection, project_path
from .slices.refinement import draw, refine
from .slices.surface import Surface, evaluate
from .storage.saved_results import SavedResults, load, save

__version__: str
__all__ = [
    "Checkpoints",
    "Choice",
    "Plane",
    "Problem",
    "Projection",
    "Recipe",
    "Recorder",
    "SavedResults",
    "Spectrum",
    "Surface",
    "Trajectory",
    "descend",
    "draw",
    "evaluate",
    "load",
    "project_path",
    "race",
    "refine",
    "save",
    "span",
    "spectrum",
]
