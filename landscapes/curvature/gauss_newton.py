"""The Gauss–Newton matrix beside the Hessian: what is left of it when the model is taken for linear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

import jax
from jax.extend import core
from jax.tree_util import register_dataclass
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.curvature.differentiation import linear_map
from landscapes.curvature.hessian import refuse_game
from landscapes.precision import precision
from landscapes.problem import Problem, Sense


@runtime_checkable
class LossOfOutputs(Protocol):
    """An objective that is split into a model and a loss of its outputs.

    `forward(params, state, *inputs)` is the model; `of(forward, params, state, batch, key)` are the terms of
    another function in the model's place.
    """

    @property
    def forward(self) -> Callable[..., Any]: ...

    @property
    def sense(self) -> Sense: ...

    def of(
        self, forward: Callable[..., Any], params: PyTree, state: PyTree, batch: PyTree, key: Any
    ) -> dict[str, Any]: ...


@check_arguments
def gauss_newton(problem: Problem) -> Problem:
    """The same problem with its model f replaced by its tangent at θ₀ = problem.params,

        f(θ₀) + J(θ − θ₀),   so that its Hessian at θ₀ is   G = Jᵀ·(∇²ℓ)·J + ∇²(penalties),

    with J the Jacobian of all outputs on all examples and ℓ the loss as a function of those outputs (Schraudolph
    2002). Every function of a Hessian thereby is one of G: `spectrum`, `density`, `trace`, `dense_hessian`.

    H = G + Σ (∂ℓ/∂f)·∇²f. The two agree where the model is linear or the loss does not pull on its outputs. G is
    positive semidefinite for every ℓ that is convex in the outputs, whatever the model, so it says nothing about
    convexity; for cross-entropy without label smoothing it is the Fisher information of the model's own
    predictions.

    Raises:
        ValueError: for a game; for a loss that is not split into a model and a loss of its outputs, as those of
            `Problem.from_loss` are not; for a model that is fed its own outputs.
    """
    refuse_game(problem)
    objective = problem.objective
    if not isinstance(objective, LossOfOutputs):
        raise ValueError(
            "the Gauss–Newton matrix needs a loss that is split into a model and a loss of its outputs; this one "
            "is a function of the parameters alone, so look at its Hessian"
        )
    with precision(problem.params):
        if _feeds_itself(problem):
            raise ValueError(
                "the Gauss–Newton matrix is defined for one model between inputs and loss, and this model reads "
                "its own outputs; look at its Hessian"
            )
    return replace(problem, objective=_Tangent(objective, problem.params))


@partial(register_dataclass, data_fields=["objective", "origin"], meta_fields=[])
@dataclass(frozen=True, eq=False)
class _Tangent:
    objective: LossOfOutputs
    origin: PyTree

    @property
    def sense(self) -> Sense:
        return self.objective.sense

    @property
    def players(self) -> None:
        return None

    def __call__(self, params: PyTree, state: PyTree, batch: PyTree, key: Any) -> dict[str, Any]:
        move = jax.tree.map(lambda there, here: there - here, params, self.origin)

        def tangent(_: PyTree, state: PyTree, x: Any) -> Any:
            def model(params: PyTree) -> Any:
                return self.objective.forward(params, state, x)

            outputs, derivative = linear_map(model, self.origin)
            change = derivative(move)
            return jax.tree.map(lambda value, slope: value + slope, outputs, change)

        return self.objective.of(tangent, params, state, batch, key)


def _feeds_itself(problem: Problem) -> bool:
    """Whether anything that the model reads, its parameters apart, depends on the parameters."""

    def read(params: PyTree) -> list[Any]:
        seen: list[Any] = []

        def watched(params: PyTree, state: PyTree, x: Any) -> Any:
            seen.extend(jax.tree.leaves((state, x)))
            return problem.objective.forward(params, state, x)

        problem.objective.of(watched, params, problem.state, problem.data, problem.key)
        return seen

    program = jax.make_jaxpr(read)(problem.params).jaxpr
    moving = set(program.invars)
    for step in program.eqns:
        if any(not isinstance(atom, core.Literal) and atom in moving for atom in step.invars):
            moving.update(step.outvars)
    return any(not isinstance(atom, core.Literal) and atom in moving for atom in program.outvars)
