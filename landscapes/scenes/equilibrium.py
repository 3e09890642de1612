"""What a scene shows of a game in place of a Hessian: its field's Jacobian and what each optimizer makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from landscapes.games.jacobian import Jacobian, jacobian
from landscapes.games.step_stability import UnitCircle, unit_circle
from landscapes.optimization.trajectory import Progress
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Rest:
    """How a game behaves near a point at which it might come to rest.

    Attributes:
        place: which point that is, in words.
        jacobian: of the field there.
        tests: the unit-circle test of each of the recipe's optimizers, at its peak learning rate.
    """

    place: str
    jacobian: Jacobian
    tests: dict[str, UnitCircle] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The eigenvalues: of what, where, and how much of the largest is rotation."""
        found = self.jacobian
        if not len(found.eigenvalues):
            return f"No eigenvalue of the field's Jacobian is resolved at {self.place}."
        state = (
            "where the field vanishes"
            if found.at_rest
            else f"no equilibrium, since the field jumps there by {found.jump:.3g}"
            if found.jump
            else f"no equilibrium, since the field is {found.field_norm:.2g} long: this tells how near paths part"
        )
        many = "" if found.complete else f"the {len(found.eigenvalues)} outermost of "
        return (
            f"Eigenvalues λ of the field's Jacobian at {self.place}, {state}. Of {many}{found.dim:,} the largest "
            f"is {_complex(found.eigenvalues[0])}, {found.rotation[0]:.0%} rotation."
        )

    @property
    def verdict(self) -> str:
        """What each way of moving makes of it, in words."""
        told = [f"{test.sentence[:1].upper()}{test.sentence[1:]}" for test in self.tests.values()]
        return " ".join(told) or "Choose an optimizer, which says how they move."


def rest(recipe: Recipe, here: Problem, progress: Progress | None = None) -> Rest:
    """The game of a complete recipe, at its known equilibrium where there is one and at the picture's centre where
    not.

    Raises:
        ValueError: where the field is not finite at that point.
    """
    known = catalog.optimum(recipe, here)
    trained = recipe.center == "trained" and recipe.optimizers
    place = f"the end of {centre_run(recipe)}" if trained else "the initial point"
    found = jacobian(here, here.params if known is None else known, key=here.key, progress=progress)
    tests = {choice.name: unit_circle(found, choice.name, choice.settings) for choice in recipe.optimizers}
    return Rest("the known equilibrium" if known is not None else place, found, tests)


def centre_run(recipe: Recipe) -> str:
    """Whose end a trained game is centred on: the first optimizer's, since no loss says which is best."""
    return recipe.optimizers[0].name


def _complex(value: complex) -> str:
    size = max(abs(value), 1e-300)
    if abs(value.imag) <= 1e-9 * size:
        return f"{value.real:.3g}"
    sign = "±"  # a real matrix has it with its conjugate
    real = "" if abs(value.real) <= 1e-9 * size else f"{value.real:.3g}\u00a0"
    return f"{real}{sign}\u00a0{abs(value.imag):.3g}i".replace("-", "−")
