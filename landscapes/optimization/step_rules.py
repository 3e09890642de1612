"""The rule of an optimizer's step: its formulas, and the vectors that they name.

g_t is the field that is stepped against, θ_t the parameters, s_t = θ_{t+1} − θ_t the step, η the learning rate.
Products, quotients and roots of vectors are elementwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from jax.flatten_util import ravel_pytree

from landscapes.knobs import Value

Role = Literal["", "gradient", "momentum", "direction", "ascent", "step"]

THETA, GRADIENT, STEP, RATE = r"\theta_t", "g_t", "s_t", r"\eta"
NEXT = r"\theta_{t+1} = \theta_t + s_t"


class Update(NamedTuple):
    """One call of an optimizer's update, over vectors of length D: what it received, its state before and after,
    and the step that it returned."""

    gradient: Any
    params: Any
    before: Any
    after: Any
    step: Any
    rate: Any
    knobs: Mapping[str, Any]
    extra: Mapping[str, Any]
    tree: Callable[[Any], Any] = lambda vector: vector  # from a vector back to the layers


class Vector(NamedTuple):
    """A vector of a rule.

    Attributes:
        value: computes it from the update and from the vectors before it, by symbol.
        role: chooses the color of its arrow; "" for a vector without an arrow.
        base: the symbol of the vector at whose tip the arrow begins; "" for the current point.
        sign: of the arrow: −1 for a vector that is stepped against.
    """

    value: Callable[[Update, Mapping[str, Any]], Any]
    role: Role = ""
    base: str = ""
    sign: int = 1


@dataclass(frozen=True)
class StepRule:
    """What a step of one optimizer is made of. All symbols and formulas are LaTeX.

    Attributes:
        formulas: in the order in which they are computed, the last one for s_t; or a function of the knobs.
        vectors: those besides g_t, θ_t and s_t, by symbol.
        scalars: numbers of a step besides t and η, by symbol.
        knobs: the name of the knob for each symbol.
        model: the function of s that the step minimizes; "" where there is none.
        linear: the symbol of b, the gradient of the model at s = 0.
        curvature: s_t·Ps_t from b·s_t and the scalars, with P the Hessian of the model. The minimizer of a
            quadratic model has s·Ps = −b·s.
        gradient_base: the symbol of the vector from θ_t to the point at which g_t is taken; "" at θ_t.
        is_diagonal: whether P is diagonal. Then Pᵢᵢ = −bᵢ/sᵢ.
    """

    formulas: tuple[str, ...] | Callable[[Mapping[str, Value]], tuple[str, ...]] = ()
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    scalars: Mapping[str, Callable[[Update], Any]] = field(default_factory=dict)
    knobs: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    linear: str = ""
    curvature: Callable[[Any, Mapping[str, Any]], Any] = lambda slope, scalars: -slope
    is_diagonal: bool = True
    gradient_base: str = ""

    def lines(self, settings: Mapping[str, Value]) -> tuple[str, ...]:
        """The formulas under these knobs, ending with θ_{t+1}."""
        formulas = self.formulas(settings) if callable(self.formulas) else self.formulas
        return (*formulas, NEXT)

    def explain(self, update: Update) -> tuple[dict[str, Any], dict[str, Any]]:
        """The vectors and the numbers of a step, by symbol.

        With a model the numbers include b·s_t, "slope", and s_t·Ps_t, "curvature": along the step the model is
        L(θ_t) + τ·slope + ½τ²·curvature at θ_t + τ·s_t.
        """
        vectors = {GRADIENT: update.gradient, THETA: update.params}
        for symbol, vector in self.vectors.items():
            vectors[symbol] = vector.value(update, vectors)
        vectors[STEP] = update.step
        scalars = {RATE: update.rate} | {symbol: value(update) for symbol, value in self.scalars.items()}
        if self.model:
            slope = vectors[self.linear] @ update.step
            scalars |= {"slope": slope, "curvature": self.curvature(slope, scalars)}
        return vectors, scalars

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of the vectors of `explain`, in its order."""
        return (GRADIENT, THETA, *self.vectors, STEP)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the numbers of `explain`, in its order."""
        return (RATE, *self.scalars, *(("slope", "curvature") if self.model else ()))

    def arrows(self, settings: Mapping[str, Value]) -> dict[str, Vector]:
        """The vectors that are drawn, by symbol: those with a role that a formula names."""
        gradient = Vector(_unused, "gradient", self.gradient_base, -1)
        vectors = {GRADIENT: gradient, **self.vectors, STEP: Vector(_unused, "step")}
        text = "\n".join(self.lines(settings))
        return {symbol: each for symbol, each in vectors.items() if each.role and symbol in text}


Function = TypeVar("Function", bound=Callable[..., Any])


def step_rule(rule: StepRule) -> Callable[[Function], Function]:
    """A decorator that gives an optimizer's function its rule."""

    def attach(function: Function) -> Function:
        function.__dict__["step_rule"] = rule
        return function

    return attach


def rule_of(function: Callable[..., Any]) -> StepRule:
    """The rule of an optimizer's function; one without names for what lies between g_t and s_t if it has none."""
    return getattr(function, "step_rule", StepRule())


def entry(state: Any, name: str) -> Any:
    """The field of this name in an Optax state, at any depth.

    Raises:
        ValueError: if there is none.
    """
    value = _entry(state, name)
    if value is None:
        raise ValueError(f"this state has no {name}; give the rule the names of its optimizer's state")
    return value


def vector_entry(state: Any, name: str) -> Any:
    """The same as one vector, for a field that may have the layers of the parameters."""
    return ravel_pytree(entry(state, name))[0]


def has_entry(state: Any, name: str) -> bool:
    """Whether an Optax state has a field of this name, at any depth."""
    return _entry(state, name) is not None


def before(name: str) -> Vector:
    """A field of the state before the update, without an arrow."""
    return Vector(lambda update, _: vector_entry(update.before, name))


def after(name: str, role: Role = "") -> Vector:
    """A field of the state after the update."""
    return Vector(lambda update, _: vector_entry(update.after, name), role, sign=-1)


def _entry(state: Any, name: str) -> Any:
    if name in getattr(state, "_fields", ()):
        return getattr(state, name)
    parts = state if isinstance(state, tuple) else state.values() if isinstance(state, dict) else ()
    return next((value for part in parts if (value := _entry(part, name)) is not None), None)


def _unused(update: Update, vectors: Mapping[str, Any]) -> Any:
    raise NotImplementedError
