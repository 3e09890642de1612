"""A path projected onto a plane, and its computation from what a run notes at every step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float, Int

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.optimization.outcome import Outcome


@dataclass(frozen=True, eq=False, repr=False)
class Projection(Display):
    """A path projected onto a plane. Read-only NumPy arrays.

    Attributes:
        steps: the steps of the projected points: the snapshots of the path, or every step of a run that was
            projected while it ran.
        coordinates: of the nearest point of the plane, in units of distance in parameter space.
        distance: from θ to that point, in the same units.
        loss: L(θ) on all examples, also for minibatch optimizers, unless `batch_size` says otherwise. NaN in a
            game, which has no single loss.
        plane_loss: L at the nearest point of the plane, where the path is drawn; NaN in a game. The picture does
            not show the difference between the two.
        share: the share of the path's length in the plane, Σ‖ΠΔ_s‖ / Σ‖Δ_s‖ over the moves Δ_s between the
            projected points, with Π the projection onto the plane. √(K/d) on average for a random K-dimensional
            plane in d dimensions; 1 for a path that does not move.
        displacement: the same share for the straight line from start to end, ‖Π(θ_S − θ_0)‖ / ‖θ_S − θ_0‖, which
            oscillating steps do not lengthen.
        outcome: how the run ended.
        terms, plane_terms: the unweighted terms of `loss` and of `plane_loss`, {term: ["S"]}.
        batch_size: the number of examples in the minibatch of each step, which all losses and terms are of; None
            if they are of all examples.
    """

    steps: Int[np.ndarray, "S"]
    coordinates: Float[np.ndarray, "S K"]
    distance: Float[np.ndarray, "S"]
    loss: Float[np.ndarray, "S"]
    plane_loss: Float[np.ndarray, "S"]
    share: float
    displacement: float
    outcome: Outcome
    terms: dict[str, Float[np.ndarray, "S"]] = field(default_factory=dict)
    plane_terms: dict[str, Float[np.ndarray, "S"]] = field(default_factory=dict)
    batch_size: int | None = None

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        last = int(self.steps[-1])
        points = "every step" if len(self.steps) == last + 1 else f"{len(self.steps):,} snapshots"
        of_batches = "" if self.batch_size is None else f" on minibatches of {self.batch_size:,}"
        return (
            f"{points} to step {last}, loss {display.ends(self.loss)}{of_batches}, "
            f"{self.share:.0%} of the motion in the plane, ends {float(self.distance[-1]):.3g} off it, "
            f"{self.outcome.kind}"
        )

    @check_arguments
    def of_term(self, term: str) -> Projection:
        """The same path with the values of one term in place of the loss.

        Raises:
            ValueError: if there is no such term.
        """
        if term not in self.terms:
            raise ValueError(f"there is no term {term!r}; the terms are: {', '.join(self.terms)}")
        return replace(self, loss=self.terms[term], plane_loss=self.plane_terms[term])


def projections_of_run(
    rows: Float[np.ndarray, "R T"],
    dims: tuple[int, ...],
    loss: Float[np.ndarray, "T"],
    terms: dict[str, Float[np.ndarray, "T"]],
    start: Float[np.ndarray, "D"],
    end: Float[np.ndarray, "D"],
    outcome: Outcome,
    batch_size: int | None,
) -> tuple[Projection, ...]:
    """The projection of every step onto each plane.

    Args:
        rows: what `noted_entries.projected_entries` noted at every step.
        dims: K of each plane.
        loss, terms: at every step, of the run.
        start, end: the first and the last point.
    """
    steps = frozen(np.arange(rows.shape[1]))
    lengths = rows[0].astype(np.float64)
    straight = np.linalg.norm(np.asarray(end, np.float64) - start)
    projections = []
    places = np.cumsum([dim + 2 + len(terms) for dim in dims])
    for dim, part in zip(dims, np.split(rows[1:], places[:-1]), strict=True):
        coordinates, (distance, plane_loss, *plane_terms) = part[:dim].T, part[dim:]
        share = share_in_plane(coordinates, lengths)
        displacement = share_in_plane(coordinates[[0, -1]], np.array([straight]))
        projections.append(
            Projection(
                steps=steps,
                coordinates=coordinates,
                distance=distance,
                loss=loss,
                plane_loss=plane_loss,
                share=share,
                displacement=displacement,
                outcome=outcome,
                terms=terms,
                plane_terms=dict(zip(terms, plane_terms, strict=True)),
                batch_size=batch_size,
            )
        )
    return tuple(projections)


def share_in_plane(coordinates: np.ndarray, moves: np.ndarray) -> float:
    """Σ‖ΠΔ_s‖ / Σ‖Δ_s‖; the basis is orthonormal, so that ‖ΠΔ_s‖ is the distance between coordinates."""
    length = moves.sum()
    projected = np.linalg.norm(np.diff(coordinates.astype(np.float64), axis=0), axis=1).sum()
    return float(min(projected / length, 1.0)) if length > 0 else 1.0
