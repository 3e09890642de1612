"""Learning-rate schedules: the rate of every step, computed outside of what is compiled.

Each is a function of the peak η and the number of steps, whose further knobs its signature says. One of them gives
way to the losses of the run: see `plateau`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from annotated_types import Interval
from jaxtyping import Float

from landscapes.optimization.plateau import PLATEAU, reduce_on_plateau

_Share = Interval(ge=0, le=1)

Rates = Float[np.ndarray, "T"]


def constant(peak: float, steps: int) -> Rates:
    """η at every step."""
    return np.full(steps, peak)


def cosine(
    peak: float, steps: int, *, final: Annotated[float, _Share, "last rate as a share of the first"] = 0.0
) -> Rates:
    """Half a cosine from η to final·η (Loshchilov and Hutter 2017)."""
    return peak * _cosine(1.0, final, np.arange(steps) / steps)


def exponential(
    peak: float,
    steps: int,
    *,
    final: Annotated[float, Interval(gt=0, le=1), "last rate as a share of the first"] = 0.01,
) -> Rates:
    """η·final^(t/T): the same factor at every step."""
    return peak * final ** (np.arange(steps) / steps)


def step(
    peak: float,
    steps: int,
    *,
    drops: Annotated[int, Interval(ge=1, le=20), "number of drops, evenly spaced"] = 3,
    factor: Annotated[float, Interval(gt=0, le=1), "factor of the rate at each drop"] = 0.3,
) -> Rates:
    """η·factorᵏ on the k-th of drops + 1 equal stretches."""
    return peak * factor ** (np.arange(steps) * (drops + 1) // steps).astype(float)


def one_cycle(
    peak: float,
    steps: int,
    *,
    warmup: Annotated[float, _Share, "share of the steps spent rising"] = 0.3,
    start: Annotated[float, _Share, "first rate as a share of the peak"] = 0.04,
    final: Annotated[float, _Share, "last rate as a share of the peak"] = 1e-4,
) -> Rates:
    """Up from start·η to η and down to final·η, each on half a cosine (Smith and Topin 2018)."""
    t = np.arange(steps) / steps
    rise = _cosine(start, 1.0, t / warmup) if warmup > 0 else t
    fall = _cosine(1.0, final, (t - warmup) / (1 - warmup)) if warmup < 1 else t
    return peak * np.where(t < warmup, rise, fall)


def warmup(
    peak: float,
    steps: int,
    *,
    warmup: Annotated[float, _Share, "share of the steps spent rising"] = 0.1,
    final: Annotated[float, _Share, "last rate as a share of the peak"] = 0.0,
) -> Rates:
    """Linearly up to η, the first step already above 0, then half a cosine down to final·η
    (Goyal et al. 2017)."""
    rising = round(warmup * steps)
    t = np.arange(steps)
    rise = (t + 1) / max(rising, 1)
    fall = _cosine(1.0, final, (t - rising) / max(steps - rising, 1))
    return peak * np.where(t < rising, rise, fall)


def warm_restarts(
    peak: float,
    steps: int,
    *,
    cycles: Annotated[int, Interval(ge=1, le=20), "number of cosines from η down"] = 3,
    growth: Annotated[float, Interval(ge=1, le=10), "length of a cycle over that of the one before"] = 2.0,
    final: Annotated[float, _Share, "last rate of a cycle as a share of its first"] = 0.0,
) -> Rates:
    """Half a cosine from η to final·η, again and again (SGDR, Loshchilov and Hutter 2017)."""
    ends = np.cumsum(growth ** np.arange(cycles))
    t = np.arange(steps) / steps * ends[-1]
    cycle = np.minimum(np.searchsorted(ends, t, side="right"), cycles - 1)
    length = growth**cycle
    return peak * _cosine(1.0, final, (t - (ends[cycle] - length)) / length)


def warmup_stable_decay(
    peak: float,
    steps: int,
    *,
    warmup: Annotated[float, _Share, "share of the steps spent rising"] = 0.1,
    decay: Annotated[float, _Share, "share of the steps spent falling, at the end"] = 0.2,
    final: Annotated[float, _Share, "last rate as a share of the peak"] = 0.0,
) -> Rates:
    """Linearly up to η, η, then linearly down to final·η (Hu et al. 2024, arXiv:2404.06395)."""
    t = np.arange(steps)
    rise = (t + 1) / max(round(warmup * steps), 1)
    left = (steps - t) / max(round(decay * steps), 1)
    return peak * np.minimum(np.minimum(rise, 1), final + (1 - final) * np.minimum(left, 1))


def _cosine(first: float, last: float, t: Rates) -> Rates:
    return last + (first - last) * (1 + np.cos(np.pi * np.clip(t, 0, 1))) / 2


SCHEDULES: dict[str, Callable[..., Rates]] = {
    "constant": constant,
    "cosine": cosine,
    "exponential": exponential,
    "step": step,
    "one-cycle": one_cycle,
    "warm-up": warmup,
    "warm-restarts": warm_restarts,
    "warmup-stable-decay": warmup_stable_decay,
    PLATEAU: reduce_on_plateau,
}
