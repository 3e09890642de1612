"""The equilibrium of a game in a scene: the Jacobian of the field, and the stability of each optimizer."""

from __future__ import annotations

from dataclasses import dataclass, field

from landscapes.games.game_jacobian import Jacobian, jacobian
from landscapes.games.step_stability import UnitCircle, unit_circle
from landscapes.optimization.trajectory import Progress
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe


@dataclass(frozen=True, eq=False)
class EquilibriumAnalysis:
    """How a game behaves near a possible equilibrium.

    Attributes:
        place: the point in words.
        jacobian: the Jacobian of the field there.
        tests: the unit-circle test of each of the recipe's optimizers, at its peak learning rate.
    """

    place: str
    jacobian: Jacobian
    tests: dict[str, UnitCircle] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The largest eigenvalue in words, with its point and its share of rotation."""
        jac = self.jacobian
        if not len(jac.eigenvalues):
            return f"No eigenvalue of the field's Jacobian is resolved at {self.place}."
        state = (
            "The field vanishes there."
            if jac.is_equilibrium
            else f"This is no equilibrium: the field jumps there by {jac.jump:.3g}."
            if jac.jump
            else f"This is no equilibrium: the field's norm there is {jac.field_norm:.2g}, and the eigenvalues "
            "describe how fast nearby paths separate."
        )
        count = "the" if jac.is_complete else f"the {len(jac.eigenvalues)} outermost of"
        return (
            f"The largest of {count} {jac.dim:,} eigenvalues λ of the field's Jacobian at {self.place} is "
            f"{_complex(jac.eigenvalues[0])} ({jac.rotation[0]:.0%} rotation). {state}"
        )

    @property
    def verdict(self) -> str:
        """The result of the unit-circle test of each optimizer, in words."""
        sentences = [f"{test.sentence[:1].upper()}{test.sentence[1:]}" for test in self.tests.values()]
        return " ".join(sentences) or "Choose an optimizer: its steps decide whether they settle."


def analyze_equilibrium(recipe: Recipe, problem: Problem, progress: Progress | None = None) -> EquilibriumAnalysis:
    """The analysis at the known equilibrium of a complete recipe, or else at the center of its picture.

    Raises:
        ValueError: where the field is not finite at that point.
    """
    equilibrium = catalog.optimum(recipe, problem)
    is_trained = recipe.center == "trained" and recipe.optimizers
    place = f"the end of {center_run(recipe)}" if is_trained else "the initial point"
    jac = jacobian(
        problem, problem.params if equilibrium is None else equilibrium, key=problem.key, progress=progress
    )
    tests = {choice.name: unit_circle(jac, choice.name, choice.settings) for choice in recipe.optimizers}
    return EquilibriumAnalysis("the known equilibrium" if equilibrium is not None else place, jac, tests)


def center_run(recipe: Recipe) -> str:
    """The optimizer at whose end a trained game is centered: the first one, since no loss says which is best."""
    return recipe.optimizers[0].name


def _complex(value: complex) -> str:
    size = max(abs(value), 1e-300)
    if abs(value.imag) <= 1e-9 * size:
        return f"{value.real:.3g}"
    sign = "±"  # eigenvalues of a real matrix come in conjugate pairs
    real = "" if abs(value.real) <= 1e-9 * size else f"{value.real:.3g}\u00a0"
    return f"{real}{sign}\u00a0{abs(value.imag):.3g}i".replace("-", "−")
