"""The loss that a user writes as a formula in the output f and the target y: an entry of `OBJECTIVES`.

Its knobs are the text and a number for each free name. Other terms stand beside it with a weight.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any

import jax
import jax.numpy as jnp

from landscapes.formulas.latex import latex
from landscapes.formulas.numerics import evaluate
from landscapes.formulas.parsing import Formula, parse
from landscapes.formulas.tree import Applied
from landscapes.objectives import OBJECTIVES, Entry, Fits, Opening, Page
from landscapes.objectives.supervised import cross_entropy, squared_error
from landscapes.recipes.catalog.own_function import FREE_NUMBER, signed
from landscapes.recipes.recipe import Choice

LOSS = "own-loss"
DEFAULT_LOSS = "log(cosh(f-y))"
LOSS_TEXT = Annotated[str, "the loss of an output f and its target y"]


def read_loss(text: str) -> Formula:
    """The formula of a text in f and y.

    Raises:
        ValueError: one sentence that names the place and the remedy.
    """
    return parse(text, ("f", "y"), needs=("f",), taken=("text",))


@lru_cache(maxsize=1024)
def terms_of_text(text: str) -> Callable[..., Any]:
    """The terms of a formula ℓ(f, y): its mean over the examples and the outputs, the squared error, on class
    labels the cross-entropy, and the penalties. It is the same function for the same text.

    On class labels y is 1 for the output of the right class and −1 for the others.

    Raises:
        ValueError: as `read_loss` does.
    """
    formula = read_loss(text)

    def terms(forward: Any, params: Any, state: Any, batch: Any, key: Any, **settings: Any) -> dict[str, Any]:
        outputs = forward(params, state, batch["x"])
        y, other_losses = batch["y"], [squared_error]
        if jnp.issubdtype(y.dtype, jnp.integer) and y.ndim == 1:
            y = 2 * jax.nn.one_hot(y, outputs.shape[-1], dtype=outputs.dtype) - 1
            other_losses.append(cross_entropy)
        free = {name: settings.get(name, 1.0) for name in formula.names}
        losses = evaluate(formula.tree, {"f": outputs, "y": y.astype(outputs.dtype), **free})
        values = {LOSS: jnp.mean(losses)}
        for other in other_losses:
            values |= other(lambda *_: outputs, params, state, batch, key)
        return values

    knobs = {"text": (LOSS_TEXT, DEFAULT_LOSS)} | dict.fromkeys(formula.names, (FREE_NUMBER, 1.0))
    return signed(terms, knobs)


def loss_latex(text: str) -> str:
    """The mean of a formula over examples and outputs, in LaTeX."""
    tree = read_loss(text).tree
    is_sum = isinstance(tree, Applied) and tree.function in ("+", "-")
    return r"\frac1{nk}\sum_{i,j} " + (rf"\left[{latex(tree)}\right]" if is_sum else latex(tree))


def loss_terms(choice: Choice) -> Callable[..., Any]:
    """The terms of a chosen objective, with the choice's own text.

    Raises:
        ValueError: as `read_loss` does.
    """
    if choice.name == LOSS and "text" in choice.settings:
        return terms_of_text(str(choice.settings["text"]))
    return OBJECTIVES[choice.name].terms


OBJECTIVES[LOSS] = Entry(
    "Your own loss",
    terms_of_text(DEFAULT_LOSS),
    {LOSS: 1.0, "cross-entropy": 0.0, "squared-error": 0.0, "l1": 0.0, "l2": 0.0},
    Page(
        r"\frac1{nk}\sum_{i,j}\ell\bigl(f(x_i)_j,\,y_{ij}\bigr)",
        "written by you",
        "A mean over examples and outputs. On class labels y is 1 for the right class and −1 for the others.",
        "Your own",
    ),
    Fits({"classes", "values", "counts"}),
    Opening(
        {"data": "sine", "model": "mlp", "momentum.learning_rate": "0.05", "sgd.learning_rate": "0.15"},
        # As for the squared error: a formula may be as steep.
        rates={"sgd": 0.02, "sam": 0.01, "momentum": 0.003, "nesterov": 0.003},
    ),
    scores={"cross-entropy": {"classes"}},
)
