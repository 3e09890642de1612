"""A training problem: parameters, data and an objective, as one pytree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial, register_dataclass
from jaxtyping import Array, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.batch_source import Batches, BatchSource
from landscapes.filter_axes import FilterAxes
from landscapes.loss_function import PlayerLosses, check_data, loss_function, parameters_and_state, problem_fields
from landscapes.objective import Sense, Terms, check_player, weighted_sum
from landscapes.plane import Plane, check_leaves, check_point, check_space
from landscapes.precision import dtype_of, precision, preserve_precision
from landscapes.random_key import as_key
from landscapes.reparametrization import OnPlane, Reparametrized
from landscapes.streamed_loss import StreamedLoss
from landscapes.varied_parameters import Where


@partial(
    register_dataclass,
    data_fields=["params", "data", "key", "state", "weights", "objective"],
    meta_fields=["filter_axes"],
)
@dataclass(frozen=True, eq=False)
class Problem:
    """Parameters θ, data and an objective L(θ) = Σᵢ wᵢ·Lᵢ(θ).

    Every number is a leaf, so that a function compiled for one problem serves every problem of the same structure:
    another seed, other data of the same shape or other weights trace nothing.

    Attributes:
        params: the parameters, any pytree of floating-point arrays of one dtype.
        data: the batch of examples, arrays with the examples along axis 0, or None.
        key: the random key of a stochastic objective. It is the same at every point of a surface (common random
            numbers), so that noise does not look like ruggedness.
        state: other inputs of the objective, such as BatchNorm statistics or the constants of a loss. It is never
            updated.
        weights: the weight of each term, {term: float}, traced. In a game they multiply the weights of the
            players.
        objective: see `landscapes.objective.Objective`.
        filter_axes: the output axes of leaves whose filters are not along the last axis, as a tuple of
            (path, axes) with the path written as `jax.tree_util.keystr(path, simple=True, separator="/")`.
    """

    params: PyTree
    data: PyTree
    key: Any
    state: PyTree
    weights: dict[str, Any]
    objective: Any
    filter_axes: tuple[tuple[str, tuple[int, ...]], ...] = field(default=())

    @property
    def sense(self) -> Sense:
        return self.objective.sense

    @property
    def examples(self) -> int | None:
        """Number of examples that the loss is a mean over: in all batches, or along axis 0 of the data; None
        without either."""
        leaves = [leaf for leaf in jax.tree.leaves(self.data) if np.ndim(leaf)]
        return self.streamed_examples or (len(leaves[0]) if leaves else None)

    @property
    def streamed_examples(self) -> int | None:
        """Number of examples in all batches of a loader; None for a problem without `batches`."""
        objective = self.objective
        while isinstance(objective, OnPlane | Reparametrized):
            objective = objective.objective
        return objective.source.examples if isinstance(objective, StreamedLoss) else None

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return sum(leaf.size for leaf in jax.tree.leaves(self.params))

    def terms(self, params: PyTree) -> Terms:
        """The unweighted terms Lᵢ(θ), each a scalar. Parameters of another model are a ValueError."""
        check_leaves(params, self.params)
        with preserve_precision(params):
            return self.objective(jax.tree.map(jnp.asarray, params), self.state, self.data, self.key)

    def loss(self, params: PyTree) -> Float[Array, ""]:
        """L(θ) = Σᵢ wᵢ·Lᵢ(θ), in the objective's own sense: a reward is not negated.

        Raises:
            ValueError: for a game, which has no single loss.
        """
        if self.objective.players is not None:
            raise ValueError(
                "a game has no single loss that anyone descends; use problem.field for the players' "
                "gradients, or problem.terms for each player's own value"
            )
        with preserve_precision(params):
            return weighted_sum(self.terms(params), self.weights)

    @property
    def player_weights(self) -> dict[str, dict[str, Any]]:
        """The weights of each player of a game, {player: {term: weight}}: its own weight times the problem's.
        Empty without a game."""
        players = self.objective.players or {}
        with preserve_precision(self.params):
            return {
                name: {term: weight * self.weights.get(term, 1.0) for term, weight in term_weights.items()}
                for name, term_weights in players.items()
            }

    def field(self, params: PyTree, player: str | None = None) -> PyTree:
        """The vector field that optimizers step against: ∇L, −∇L where the objective is maximized, or in a game
        each player's gradient of its own loss with the other players held.

        Args:
            player: in a game, the only player whose part is computed; the other parts are 0.
        """
        if self.objective.players is not None or player is not None:
            return self.terms_and_field(params, player)[1]
        with preserve_precision(params):
            gradient = jax.grad(self.loss)(params)
            return gradient if self.sense == "minimize" else jax.tree.map(jnp.negative, gradient)

    def terms_and_field(self, params: PyTree, player: str | None = None) -> tuple[Terms, PyTree]:
        """The terms and the field of a game in one pass. Arguments and errors are those of `field`."""
        check_player(self.objective, player)
        if isinstance(self.objective, OnPlane):
            # The component in the plane of the field of the whole space.
            plane, objective = self.objective.plane, self.objective.objective
            unrestricted = replace(self, params=plane.origin, objective=objective)
            with preserve_precision(params):
                terms, field = unrestricted.terms_and_field(plane.point(params), player)
                return terms, plane.components(field)
        with preserve_precision(params):
            weights = self.player_weights
            terms, pullback = jax.vjp(self.terms, jax.tree.map(jnp.asarray, params))
            field = {name: jax.tree.map(jnp.zeros_like, params[name]) for name in weights}
            for name in weights if player is None else (player,):
                cotangents = {
                    term: jnp.asarray(weights[name].get(term, 0), value.dtype) for term, value in terms.items()
                }
                field[name] = pullback(cotangents)[0][name]
            return terms, field

    @check_arguments
    def on(self, plane: Plane) -> Problem:
        """The same problem over the plane's coordinates: L(θ₀ + Σₖ cₖ·dₖ) as a function of c["K"].

        An optimizer that starts there descends the surface that is drawn.
        """
        check_space(plane, self.params)
        coordinates = np.zeros(plane.dim, dtype_of(plane.origin))
        return replace(self, params=coordinates, objective=OnPlane(self.objective, plane), filter_axes=())

    def reparametrized(self, function: Partial, params: PyTree) -> Problem:
        """The same problem over other parameters: L(function(u)) as a function of u, at u = params.

        Args:
            function: from u to parameters θ. The arrays that it holds are traced, so that one program serves all
                values.
        """
        return replace(self, params=params, objective=Reparametrized(self.objective, function), filter_axes=())

    @check_arguments
    def at(self, params: PyTree) -> Problem:
        """The same problem at other parameters.

        Raises:
            ValueError: if they have another structure or other shapes.
        """
        check_point(params, self.params)
        with precision(self.params):
            return replace(
                self, params=jax.tree.map(lambda new, old: jnp.asarray(new, old.dtype), params, self.params)
            )

    @check_arguments
    def plane(
        self,
        kind: str = "filter-normalized",
        *,
        seed: Any = 0,
        paths: Sequence[Any] = (),
        dim: int = 2,
        **knobs: Any,
    ) -> Plane:
        """The line, plane or volume through `params` along directions of a kind.

        Args:
            kind: a name in `landscapes.directions.DIRECTIONS`.
            seed: an integer or a key, for directions that are drawn.
            paths: trajectories, for kinds that depend on them, such as "principal".
            dim: 1 for a line, 2 for a plane, 3 for a volume.
            knobs: of the kind, such as `end` of "hessian".

        Raises:
            ValueError: for an unknown kind or knob, one that does not apply to the problem, or directions that
                span nothing.
        """
        # The directions depend on problems, so their wing is imported when it is needed.
        return import_module("landscapes.directions").plane_along(self, kind, as_key(seed), paths, dim, knobs)

    @classmethod
    def from_loss(
        cls,
        loss: Callable[..., Any],
        params: PyTree,
        data: PyTree = None,
        *,
        batches: Batches | None = None,
        constants: PyTree = None,
        key: Any = None,
        state: PyTree = None,
        sense: Sense = "minimize",
        weights: Mapping[str, float] | None = None,
        where: Where | None = None,
        filter_axes: FilterAxes | None = None,
    ) -> Problem:
        """A problem from any scalar `loss(params)` or `loss(params, data)`.

        `loss` may also return a dict of scalars; each is then a term. Programs are compiled once per function
        object, so define `loss` once. Data that it closes over is compiled in, so pass large data in `data`.

        Args:
            data: arrays with the examples along axis 0, from which minibatches are drawn.
            batches: in place of data that do not fit in memory, a loader, or a function that returns a fresh
                iterator over batches. The loss is the mean over the batches weighted by their examples.
            constants: passed to the loss as `constants=`, whole at every step: a coefficient, an adjacency matrix,
                collocation points.
            key: a key or an integer seed, passed to the loss as `key=`: the same at every point of a surface,
                another at every step on minibatches.
            state: passed to the loss as `state=`, such as BatchNorm statistics. It is never updated.
            sense: "maximize" for a reward.
            weights: {term: weight} of a loss that returns a dict; 1 for those left out.
            where: the parameters that vary, as a pattern of paths ("*/lora_*"), several of them, or
                `function(path, leaf)`. The loss gets the whole tree; other leaves, integers and None ride along,
                and `Problem.params` has None in their place. Without it every leaf must be floating point.
            filter_axes: the axes of the output units where they are not the last axis: for all arrays (0 for the
                (out, in) layouts of PyTorch and Equinox), {path: axes}, or `function(path, leaf)` -> axes or None.

        Raises:
            ValueError: if the parameters that vary are not floating-point arrays of one dtype; if data, constants
                or state are not arrays of numbers; if the loss does not take these arguments, cannot be traced, or
                returns no floating-point numbers; or if an argument names what does not exist.
        """
        params, extra = parameters_and_state(params, where, {"constants": constants, "state": state})
        check_data(data, "data")
        arguments = {"key": key, "constants": constants, "state": state}
        if batches is not None and data is not None:
            raise ValueError("both data and batches are given; give one of them")
        source = None if batches is None else BatchSource(batches)
        objective: Any = loss_function(loss, data if source is None else source.shapes[0], arguments, sense)
        if source is not None:
            objective = StreamedLoss(objective, source)
        return cls(**problem_fields(objective, params, data, key, extra, weights or {}, filter_axes))

    @classmethod
    def from_players(
        cls,
        losses: Mapping[str, Callable[..., Any]],
        params: Mapping[str, PyTree],
        data: PyTree = None,
        *,
        constants: PyTree = None,
        key: Any = None,
        state: PyTree = None,
        filter_axes: FilterAxes | None = None,
    ) -> Problem:
        """A game: each player descends its own loss over its own entry of the parameters.

        Args:
            losses: {player: loss(params) or loss(params, data)} in the order in which they move, each a scalar
                function of all parameters; who maximizes f has the loss −f.
            params: {player: its parameters}.
            data, constants, key, state, filter_axes: as in `from_loss`, for every loss.

        Raises:
            ValueError: as `from_loss`; if there are fewer than two players; or if the parameters are not theirs.
        """
        if not isinstance(losses, Mapping) or len(losses) < 2:
            raise ValueError("a game has two players or more; give {player: loss}, or use Problem.from_loss")
        if not isinstance(params, Mapping) or set(params) != set(losses):
            raise ValueError(
                f"the parameters must have one entry for each player, {', '.join(map(str, losses))}; "
                "give {player: its parameters}"
            )
        params, extra = parameters_and_state(dict(params), None, {"constants": constants, "state": state})
        check_data(data, "data")
        arguments = {"key": key, "constants": constants, "state": state}
        each = tuple((name, loss_function(loss, data, arguments, "minimize")) for name, loss in losses.items())
        return cls(**problem_fields(PlayerLosses(each), params, data, key, extra, {}, filter_axes))
