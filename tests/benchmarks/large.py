"""Ten million parameters and data larger than memory: the time of a surface and of λmax beside that of a gradient.

python -m tests.benchmarks.large [--examples 50000] [--batch 500] [--hidden 3250] [--side 25] [--tolerance 0.01]

The network is 3072-3250-10 with ReLU, 10.0 million parameters, on images of 32×32×3 that are drawn batch by batch
from a seed. The gradient is that of a loop which a user writes: jitted for a batch, summed over all batches.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem, evaluate, spectrum
from tests.benchmarks.measure import half_widths, plane_of
from tests.benchmarks.networks import layers

PIXELS, CLASSES = 32 * 32 * 3, 10
MAX_GIBIBYTES = 6.0


def loss(params: Any, batch: Any) -> Any:
    """The cross-entropy of a network with one hidden layer of ReLU units."""
    first, second = params
    hidden = jax.nn.relu(batch["x"] @ first["kernel"] + first["bias"])
    logits = hidden @ second["kernel"] + second["bias"]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), batch["y"][:, None], axis=1))


def loader(examples: int, size: int) -> Callable[[], Iterator[dict[str, np.ndarray]]]:
    """Batches of noisy images of ten classes. Each is drawn from its number when it is read."""
    means = np.random.default_rng(1).standard_normal((CLASSES, PIXELS)).astype(np.float32)

    def batches() -> Iterator[dict[str, np.ndarray]]:
        for first in range(0, examples, size):
            rng, count = np.random.default_rng([2, first]), min(size, examples - first)
            y = rng.integers(0, CLASSES, count).astype(np.int32)
            yield {"x": 0.1 * means[y] + rng.standard_normal((count, PIXELS), np.float32), "y": y}

    return batches


def full_gradient(params: Any, batches: Callable[[], Iterator[Any]]) -> tuple[Any, Any]:
    """The loss and the gradient over all batches, as a user computes them."""
    total, examples = None, 0
    for batch in batches():
        count = len(batch["y"])
        part = jax.tree.map(lambda leaf, count=count: count * leaf, _gradient(params, batch))
        total = part if total is None else jax.tree.map(jnp.add, total, part)
        examples += count
    return jax.tree.map(lambda leaf: leaf / examples, total)


_gradient = jax.jit(jax.value_and_grad(loss))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = jax.block_until_ready(work())
    return result, time.perf_counter() - start


def peak_gibibytes() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def lines(examples: int, batch: int, hidden: int, side: int, tolerance: float) -> Iterator[tuple[str, str, float]]:
    """The name of each piece of work, its result and its seconds."""
    batches = loader(examples, batch)
    params = jax.tree.map(jnp.asarray, layers(np.random.default_rng(0), PIXELS, hidden, CLASSES))
    count = sum(leaf.size for leaf in jax.tree.leaves(params))
    full_gradient(params, loader(2 * batch, batch))  # compiles
    (value, _), seconds = timed(lambda: full_gradient(params, batches))
    yield f"gradient of {count:,} parameters over {examples:,} examples", f"loss {float(value):.5g}", seconds
    problem = Problem.from_loss(loss, params, batches=batches)
    plane = plane_of(problem)
    axes = [np.linspace(low, high, side) for low, high in half_widths(plane)]
    surface, seconds = timed(lambda: evaluate(problem, plane, axes))
    result = f"loss {float(surface.loss[side // 2, side // 2]):.5g} at the centre, {surface.evaluations:,} points"
    yield f"surface of {side}×{side} points, with its error", result, seconds
    output, seconds = timed(lambda: spectrum(problem, 0, top=1, bottom=0, tolerance=tolerance))
    result = f"{output.eigenvalues[0]:.5g} ± {output.errors[0]:.2g}, {output.products} products"
    yield f"λmax to {tolerance:g}", result, seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.large", description=__doc__)
    parser.add_argument("--examples", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=500, help="examples in a batch")
    parser.add_argument("--hidden", type=int, default=3250, help="hidden units")
    parser.add_argument("--side", type=int, default=25, help="points per axis of the surface")
    parser.add_argument("--tolerance", type=float, default=1e-2, help="of λmax, relative")
    arguments = parser.parse_args()
    print(f"JAX {jax.__version__}, {jax.devices()[0].device_kind}, float32, batches of {arguments.batch}\n")
    print(f"{'work':56s} {'seconds':>9s} {'÷ gradient':>10s} {'peak':>9s}  result")
    gradient = None
    for work, result, seconds in lines(**vars(arguments)):
        gradient = gradient or seconds
        peak = f"{peak_gibibytes():.2f} GiB"
        print(f"{work:56s} {seconds:9.1f} {seconds / gradient:9.1f}× {peak:>9s}  {result}", flush=True)
    verdict = "" if peak_gibibytes() < MAX_GIBIBYTES else ", MISSED"
    print(f"\nat most {MAX_GIBIBYTES:g} GiB of memory{verdict}")


if __name__ == "__main__":
    main()
