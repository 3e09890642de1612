"""How many kinks at ties of rounded numbers are found: `python -m tests.benchmarks.kinks [CASES]`.

The gradient is that of ½(θ−m)ᵀH(θ−m) + s·Σ vⱼφ(xⱼᵀθ − cⱼ), with φ piecewise linear and c₀ = x₀ᵀθ rounded in the
precision of the parameters, moved by up to 4 units in the last place. The jump is 10⁻³ to 10³ times the norm of
the smooth gradient. Where no cⱼ is tied, and for steep smooth fields, nothing should be found.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

import numpy as np

from landscapes.curvature.one_sided_limits import differing_limits
from landscapes.curvature.probe_directions import parameter_scales, probe_offsets

# The slopes of φ on both sides: |·|, ReLU, leaky ReLU, two more, and the pinball loss.
SLOPES = ((-1.0, 1.0), (0.0, 1.0), (0.1, 1.0), (-0.5, 2.0), (1.0, 0.0), (-0.1, 0.9))
SMOOTH = (
    (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    (np.sin, np.cos),
    (lambda z: z**3, lambda z: 3 * z**2),
    (np.arctan, lambda z: 1 / (1 + z**2)),
)


def kinked(seed: int, dtype: type, *, tied: bool):
    """A point, the gradient, |λ|max and the units by which the tie is moved."""
    rng = np.random.default_rng(seed)
    n, size, count = int(rng.choice([2, 3, 10, 40])), 10.0 ** rng.uniform(-2, 2), int(rng.choice([1, 12]))
    theta, curvatures = (size * rng.normal(size=n)).astype(dtype), 10.0 ** rng.uniform(-1, 1, n)
    axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
    hessian, middle = (axes * curvatures) @ axes.T, theta + size * rng.normal(size=n)
    rows, weights = rng.normal(size=(count, n)).astype(dtype), np.abs(rng.normal(size=count)) + 0.1
    away = size * np.sqrt(n) * rng.choice([-1, 1], count) * rng.uniform(0.01, 3, count)
    away[0] *= not tied
    thresholds = (rows @ theta + away).astype(dtype)
    units = int(rng.choice([0, 0, 0, 1, 2, 4])) if tied else 0
    thresholds[0] *= dtype(1 + units * np.finfo(dtype).eps)
    low, high = SLOPES[rng.integers(len(SLOPES))]
    rows, thresholds, point = (np.asarray(each, float) for each in (rows, thresholds, theta))
    jump = abs(high - low) * np.linalg.norm(rows[0]) * weights[0]
    share = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-3, 3) * np.linalg.norm(hessian @ (point - middle)) / jump

    def gradient(x):
        return hessian @ (x - middle) + share * rows.T @ (weights * np.where(rows @ x > thresholds, high, low))

    return point, gradient, float(curvatures.max()), units


def smooth(seed: int):
    """A point, a smooth and possibly steep gradient, and the norm of its derivative there."""
    rng = np.random.default_rng(seed)
    n, size = int(rng.choice([2, 5, 40])), 10.0 ** rng.uniform(-2, 2)
    point, rows = (size * rng.normal(size=n)).astype(np.float32).astype(float), rng.normal(size=(8, n))
    rate, (f, slope) = 10.0 ** rng.uniform(-2, 10) / size, SMOOTH[rng.integers(len(SMOOTH))]
    at = rows @ point - rng.choice([0, 0, 1, 3]) * rng.normal(size=8) / rate
    bound = np.linalg.norm(rows.T @ (rate * slope(rate * (rows @ point - at))[:, None] * rows), 2)
    return point, lambda x: rows.T @ f(rate * (rows @ x - at)), float(bound)


def is_found(point, gradient, bound: float, dtype: Any) -> bool:
    rays = probe_offsets(parameter_scales(point, point))
    limits = differing_limits(gradient, point, rays, bound=bound, resolution=float(np.finfo(dtype).eps))
    return limits is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=300)
    seeds = range(parser.parse_args().cases)
    for dtype in (np.float32, np.float64):
        total, missed = Counter(), Counter()
        for seed in seeds:
            point, gradient, bound, units = kinked(seed, dtype, tied=True)
            total[units] += 1
            missed[units] += not is_found(point, gradient, bound, dtype)
        for units in sorted(total):
            print(f"{dtype.__name__}: {missed[units]} of {total[units]} missed, moved by {units} units")
    others = sum(is_found(*kinked(seed, np.float32, tied=False)[:3], np.float32) for seed in seeds)
    print(f"float32: found at {others} of {len(seeds)} points without a tie")
    steep = sum(is_found(*smooth(seed), np.float32) for seed in seeds)
    print(f"float32: found in {steep} of {len(seeds)} smooth fields")


if __name__ == "__main__":
    main()
