"""What a model is to the rest of the product: a way to build a module, and the module as pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import jax
from flax import nnx
from jax.typing import ArrayLike
from jaxtyping import Float, PyTree

Pure = dict[Any, Any]


class Units(NamedTuple):
    """Hidden units that are alike, so that they may change places.

    Attributes:
        writes: paths of the kernels, biases and scales that make them; the units are the last axis.
        reads: paths of the kernels that read them; the units are the last axis but one, or the pixels times the
            units are, where pixels were flattened.
        homogeneous: whether what writes them times α > 0, and what reads them over α, is the same function. A path
            on both lists stays as it is, as in a residual stream.
    """

    writes: tuple[str, ...]
    reads: tuple[str, ...]
    homogeneous: bool


def no_units(**knobs: Any) -> tuple[Units, ...]:
    """Of a model without hidden units."""
    return ()


def random_start(**knobs: Any) -> bool:
    """Of a model whose initial parameters depend on the seed."""
    return False


def fixed_start(**knobs: Any) -> bool:
    """Of a model whose initial parameters are given numbers."""
    return True


def no_spread(*, spread: float, **knobs: Any) -> bool:
    """Of a model whose initial parameters are drawn with a standard deviation of `spread`."""
    return spread == 0


@dataclass(frozen=True)
class Model:
    """An entry of `MODELS`.

    Attributes:
        build: `build(input_shape, outputs, rngs, **knobs)` gives a module. Its keywords with defaults are the
            model's knobs.
        inputs: the kinds of inputs that it reads, such as "vector" and "image".
        targets: the kinds of targets that it predicts, such as "classes" and "values".
        title: what the pages call it.
        serves: what its module can do, by name; an objective needs one of them. "predictor" is
            `module(x, *, train=False)`, x["N *input_shape"] to ["N outputs"]: raw outputs, never a softmax or
            another link function. Other names stand for other methods and are explained where a model first
            serves them.
        filter_axes: kernels whose filters do not lie along the last axis, as (pattern, axes) with the
            pattern (of `fnmatch`) over paths such as "blocks/0/query/kernel".
        same_start: `same_start(**knobs)`, whether the initial parameters are the same under every seed.
        units: `units(**knobs)` gives the groups of hidden units, from input to output, with all knobs filled in.
    """

    build: Callable[..., nnx.Module]
    inputs: frozenset[str]
    targets: frozenset[str]
    title: str
    serves: frozenset[str] = frozenset({"predictor"})
    filter_axes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    units: Callable[..., tuple[Units, ...]] = no_units
    same_start: Callable[..., bool] = random_start


def split(module: nnx.Module) -> tuple[Any, Pure, Pure]:
    """The module as (graphdef, params, state): a static, hashable description and two plain nested dicts.

    `state` holds the running statistics of BatchNorm and nothing else; {} for a model without BatchNorm.
    """
    graphdef, params, statistics = nnx.split(module, nnx.Param, nnx.BatchStat)
    return graphdef, nnx.to_pure_dict(params), nnx.to_pure_dict(statistics)


def apply(
    graphdef: Any, params: PyTree, state: PyTree, *inputs: Any, method: str = "__call__", **static: Any
) -> Any:
    """What a method of the module gives at these parameters, a pure function: `state` is read, never updated.

    A predictor called on x["N ..."] gives its outputs ["N outputs"].
    """
    return getattr(nnx.merge(graphdef, params, state), method)(*inputs, **static)


def collect_statistics(graphdef: Any, params: PyTree, state: PyTree, x: Float[ArrayLike, "N ..."]) -> Pure:
    """The state whose running statistics are exactly those of one forward pass over all of x.

    Each layer sees inputs that were normalized with the statistics just collected below it, so that
    `apply` with running statistics on the same x equals `apply` with the batch's own.
    """
    if not jax.tree.leaves(state):
        return state
    module = nnx.merge(graphdef, params, state)
    module(x, train=True)
    return nnx.to_pure_dict(nnx.state(module, nnx.BatchStat))


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
    """Names of the models that read this kind of input, predict this kind of target, and serve one of what is
    needed."""
    return [
        name
        for name, model in models.items()
        if inputs in model.inputs and targets in model.targets and (needs is None or needs & model.serves)
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
    """The model called `name`, if it serves the data called `data` with these kinds, under the objective.

    Raises:
        ValueError: for an unknown model, or one of another kind; the sentence lists those that fit.
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
    if needs is not None and not needs & model.serves:
        wanted, serves = (" or ".join(sorted(kinds)) for kinds in (needs, model.serves))
        raise ValueError(f"{objective} needs {_a(wanted)}, but {name} is {_a(serves)}; choose {fitting}")
    return model


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _either(kinds: Iterable[str]) -> str:
    """Kinds in a sentence: "a, b or c"."""
    *most, last = sorted(kinds)
    return f"{', '.join(most)} or {last}" if most else last
