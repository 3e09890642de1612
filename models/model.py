"""Registry entries of models, and Flax modules as pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import jax
from flax import nnx
from jax.typing import ArrayLike
from jaxtyping import Float, PyTree

PureDict = dict[Any, Any]


class Constant(nnx.Variable):
    """Weights of a module that no optimizer moves. They are part of the state."""


class Units(NamedTuple):
    """A group of interchangeable hidden units.

    Attributes:
        writes: paths of the kernels, biases and scales that compute the units, which are the last axis.
        reads: paths of the kernels that read the units, which are the last axis but one; where pixels were
            flattened, this axis has pixels times units entries.
        homogeneous: whether multiplying the writing arrays by α > 0 and dividing the reading ones by α preserves
            the function. A path in both lists, as in a residual stream, is left unchanged.
    """

    writes: tuple[str, ...]
    reads: tuple[str, ...]
    homogeneous: bool


def without_units(**knobs: Any) -> tuple[Units, ...]:
    """For a model without hidden units."""
    return ()


def never_fixed(**knobs: Any) -> bool:
    """For a model whose initial parameters depend on the seed."""
    return False


def always_fixed(**knobs: Any) -> bool:
    """For a model whose initial parameters are constants."""
    return True


def fixed_without_spread(*, spread: float, **knobs: Any) -> bool:
    """For a model whose initial parameters have the standard deviation `spread`."""
    return spread == 0


@dataclass(frozen=True)
class Model:
    """An entry of `MODELS`.

    Attributes:
        build: `build(input_shape, outputs, rngs, **knobs)` returns a module. Its keywords with defaults are the
            model's knobs.
        inputs: the kinds of inputs that it reads, such as "vector" and "image".
        targets: the kinds of targets that it predicts, such as "classes" and "values".
        title: its name on the pages.
        capabilities: names of the methods of its module, of which an objective needs one. "predictor" is
            `module(x, *, train=False)` from x["N *input_shape"] to ["N outputs"]: raw outputs without a softmax or
            another link function. The other capabilities are described in the modules of the models that have
            them.
        filter_axes: kernels whose output axes are not the last axis, as pairs (pattern, axes); the pattern (of
            `fnmatch`) applies to paths such as "blocks/0/query/kernel".
        has_fixed_start: `has_fixed_start(**knobs)` tells whether the initial parameters are the same under every
            seed.
        units: `units(**knobs)` returns the groups of hidden units, from input to output; it takes all knobs.
    """

    build: Callable[..., nnx.Module]
    inputs: frozenset[str]
    targets: frozenset[str]
    title: str
    capabilities: frozenset[str] = frozenset({"predictor"})
    filter_axes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    units: Callable[..., tuple[Units, ...]] = without_units
    has_fixed_start: Callable[..., bool] = never_fixed


def split(module: nnx.Module) -> tuple[Any, PureDict, PureDict]:
    """The module as (graphdef, params, state): a static, hashable description and two nested dicts.

    `state` holds the running statistics of BatchNorm and constant weights; it is {} for a model without either.
    """
    graphdef, params, state = nnx.split(module, nnx.Param, (nnx.BatchStat, Constant))
    return graphdef, nnx.to_pure_dict(params), nnx.to_pure_dict(state)


def has_statistics(graphdef: Any, params: PyTree, state: PyTree) -> bool:
    """Whether the state holds running statistics of BatchNorm."""
    if not jax.tree.leaves(state):
        return False
    return bool(jax.tree.leaves(nnx.state(nnx.merge(graphdef, params, state), nnx.BatchStat)))


def apply(
    graphdef: Any, params: PyTree, state: PyTree, *inputs: Any, method: str = "__call__", **static: Any
) -> Any:
    """The result of a method of the module at these parameters: a pure function, which reads `state` and does not
    update it.

    For a predictor called on x["N ..."] these are its outputs ["N outputs"].
    """
    return getattr(nnx.merge(graphdef, params, state), method)(*inputs, **static)


def collect_statistics(graphdef: Any, params: PyTree, state: PyTree, x: Float[ArrayLike, "N ..."]) -> PureDict:
    """The state whose running statistics are exactly those of one forward pass over all of x.

    Each layer receives inputs that are normalized with the statistics collected in the layers below, so that
    `apply` with running statistics on the same x equals `apply` with batch statistics.
    """
    if not has_statistics(graphdef, params, state):
        return state
    module = nnx.merge(graphdef, params, state)
    module(x, train=True)
    return nnx.to_pure_dict(nnx.state(module, (nnx.BatchStat, Constant)))


def filter_axes(model: Model, params: PyTree) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """`model.filter_axes` with its patterns resolved to the paths of `params`, sorted."""
    paths = [
        jax.tree_util.keystr(path, simple=True, separator="/")
        for path, _ in jax.tree_util.tree_leaves_with_path(params)
    ]
    return tuple(
        sorted((path, axes) for pattern, axes in model.filter_axes for path in paths if fnmatchcase(path, pattern))
    )


def compatible(
    models: Mapping[str, Model], *, inputs: str, targets: str, needs: Set[str] | None = None
) -> list[str]:
    """Names of the models that read this kind of input, predict this kind of target, and have one of the needed
    capabilities."""
    return [
        name
        for name, model in models.items()
        if inputs in model.inputs and targets in model.targets and (needs is None or needs & model.capabilities)
    ]


def check(
    models: Mapping[str, Model],
    name: str,
    *,
    data: str,
    inputs: str,
    targets: str,
    objective: str = "",
    needs: Set[str] | None = None,
) -> Model:
    """The model called `name`, if it fits the data called `data` with these kinds, and the objective.

    Raises:
        ValueError: for an unknown model, or one that does not fit; the sentence lists those that do.
    """
    fitting = ", ".join(compatible(models, inputs=inputs, targets=targets, needs=needs)) or "other data"
    if name not in models:
        raise ValueError(f"there is no model {name!r}; for {data} choose {fitting}")
    model = models[name]
    if inputs not in model.inputs:
        reads = _either(model.inputs)
        raise ValueError(f"{name} needs {reads} inputs, but {data} has {inputs} inputs; choose {fitting}")
    if targets not in model.targets:
        predicts = _either(model.targets)
        raise ValueError(f"{name} predicts {predicts}, but {data} has {targets}; choose {fitting}")
    if needs is not None and not needs & model.capabilities:
        needed, provided = (" or ".join(sorted(kinds)) for kinds in (needs, model.capabilities))
        raise ValueError(f"{objective} needs {_a(needed)}, but {name} is {_a(provided)}; choose {fitting}")
    return model


def _a(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _either(kinds: Iterable[str]) -> str:
    """The kinds joined as "a, b or c"."""
    *most, last = sorted(kinds)
    return f"{', '.join(most)} or {last}" if most else last
