"""The Gauss–Newton matrix: the Hessian of the loss with the model linearized."""

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
from landscapes.curvature.hessian import check_no_game
from landscapes.objective import Sense
from landscapes.precision import precision
from landscapes.problem import Problem


@runtime_checkable
class LossOfOutputs(Protocol):
    """An objective that is split into a model and a loss of its outputs.

    `forward(params, state, *inputs)` is the model. `of(forward, params, state, batch, key)` returns the terms of
    the loss with another function in place of the model.
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
    """The same problem with its model f linearized at θ₀ = problem.params,

        f(θ₀) + J(θ − θ₀),   so that its Hessian at θ₀ is   G = Jᵀ·(∇²ℓ)·J + ∇²(penalties),

    with J the Jacobian of all outputs on all examples and ℓ the loss as a function of those outputs (Schraudolph
    2002). `spectrum`, `density`, `trace` and `dense_hessian` of the returned problem are therefore those of G.

    H = G + Σ (∂ℓ/∂f)·∇²f. The two are equal where the model is linear or ∂ℓ/∂f = 0. G is positive semidefinite for
    any ℓ that is convex in the outputs, whatever the model, so it says nothing about convexity. For cross-entropy
    without label smoothing G is the Fisher information of the model's predictions.

    Raises:
        ValueError: for a game; for a loss that is not split into a model and a loss of its outputs, such as one
            from `Problem.from_loss`; for a model that reads its own outputs.
    """
    check_no_game(problem)
    objective = problem.objective
    if not isinstance(objective, LossOfOutputs):
        raise ValueError(
            "the Gauss–Newton matrix needs a loss that is split into a model and a loss of its outputs; this one "
            "is a function of the parameters alone, so look at its Hessian"
        )
    with precision(problem.params):
        if _reads_own_outputs(problem):
            raise ValueError(
                "the Gauss–Newton matrix is defined for one model between inputs and loss, and this model reads "
                "its own outputs; look at its Hessian"
            )
    return replace(problem, objective=_LinearizedObjective(objective, problem.params))


@partial(register_dataclass, data_fields=["objective", "origin"], meta_fields=[])
@dataclass(frozen=True, eq=False)
class _LinearizedObjective:
    objective: LossOfOutputs
    origin: PyTree

    @property
    def sense(self) -> Sense:
        return self.objective.sense

    @property
    def players(self) -> None:
        return None

    def __call__(self, params: PyTree, state: PyTree, batch: PyTree, key: Any) -> dict[str, Any]:
        offset = jax.tree.map(lambda p, origin: p - origin, params, self.origin)

        def linearized_model(_: PyTree, state: PyTree, *inputs: Any, **options: Any) -> Any:
            def model(params: PyTree) -> Any:
                return self.objective.forward(params, state, *inputs, **options)

            outputs, derivative = linear_map(model, self.origin)
            change = derivative(offset)
            return jax.tree.map(lambda value, slope: value + slope, outputs, change)

        return self.objective.of(linearized_model, params, state, batch, key)


def _reads_own_outputs(problem: Problem) -> bool:
    """Whether an input of the model, other than its parameters, depends on the parameters."""

    def model_inputs(params: PyTree) -> list[Any]:
        inputs: list[Any] = []

        def recorded_model(params: PyTree, state: PyTree, *x: Any, **options: Any) -> Any:
            # An option may be the name of a method of the model.
            inputs.extend(leaf for leaf in jax.tree.leaves((state, x, options)) if not isinstance(leaf, str))
            return problem.objective.forward(params, state, *x, **options)

        problem.objective.of(recorded_model, params, problem.state, problem.data, problem.key)
        return inputs

    program = jax.make_jaxpr(model_inputs)(problem.params).jaxpr
    dependent = set(program.invars)
    for equation in program.eqns:
        if any(not isinstance(atom, core.Literal) and atom in dependent for atom in equation.invars):
            dependent.update(equation.outvars)
    return any(not isinstance(atom, core.Literal) and atom in dependent for atom in program.outvars)
