"""`make bench-peers`: the same work by this library and by PyTorch packages, side by side in one process.

python -m tests.benchmarks.peers [--repeats 5] [--threads 2]

- loss-landscapes: a plane of random filter-normalized directions.
- curvlinops with SciPy's eigsh: the largest eigenvalues of a Hessian.
- torch.optim: a race of optimizers in a Python loop.

It needs an environment of its own, from peers-requirements.txt beside this file.
"""

from __future__ import annotations

# pyright: reportMissingImports=false
import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import loss_landscapes
import loss_landscapes.metrics
import numpy as np
import torch
from curvlinops import HessianLinearOperator
from jax.flatten_util import ravel_pytree
from loss_landscapes.model_interface.model_parameters import orthogonal_to, rand_u_like
from loss_landscapes.model_interface.model_wrapper import wrap_model
from scipy.sparse.linalg import eigsh

from landscapes import Problem, evaluate, race, span
from landscapes.evaluation.batching import points_program
from landscapes.slices.grid import nodes
from tests.benchmarks import networks
from tests.benchmarks.measure import HEADER, Line, half_widths, plane_of, seconds, side_by_side
from tests.benchmarks.refinement import SHOWN, TOLERANCE, finest
from tests.benchmarks.spectra import RELATIVE, TOP, largest
from tests.benchmarks.starting import timed

SIDE = 51
STEPS = 1000
RATE = 1e-3
# Where PyTorch has no optimizer of a name, another of its own takes the place.
RACE: dict[str, Callable[..., Any]] = {
    "sgd": lambda p: torch.optim.SGD(p, RATE),
    "momentum": lambda p: torch.optim.SGD(p, RATE, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, RATE, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, RATE),
    "adagrad": lambda p: torch.optim.Adagrad(p, RATE),
    "adam": lambda p: torch.optim.Adam(p, RATE),
    "adamw": lambda p: torch.optim.AdamW(p, RATE),
    "lion": lambda p: torch.optim.Rprop(p, RATE),
    "yogi": lambda p: torch.optim.NAdam(p, RATE),
    "adabelief": lambda p: torch.optim.RAdam(p, RATE),
}
# Those whose recursion is the same in both, so that the paths can be compared.
ALIKE = ("sgd", "momentum", "nesterov", "adam", "adamw")

NEW_PROCESS = """
import sys, time
import jax, numpy as np, optax
from dataclasses import replace
from pathlib import Path
from landscapes.evaluation.compilation import keep_compiled
from tests.benchmarks import networks, refinement
from tests.benchmarks.measure import half_widths, plane_of
problem = networks.dense(784, 256, 10, activation="tanh")
held = np.load(sys.argv[1])
leaves, structure = jax.tree.flatten(problem.params)
began = time.perf_counter()
keep_compiled(Path(sys.argv[2]))
problem = replace(problem, params=jax.tree.unflatten(structure, [held[f"leaf{i}"] for i in range(len(leaves))]))
plane = plane_of(problem)
refinement.finest(problem, plane, half_widths(plane)).resampled(refinement.SHOWN)
print(time.perf_counter() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.peers", description="Time other packages at the same work."
    )
    parser.add_argument("--repeats", type=int, default=5, help="turns of each pair, of which the median counts")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads that PyTorch may use")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts of the table")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        f"JAX {jax.__version__}, PyTorch {torch.__version__} on {arguments.threads} threads, float32\n\n{HEADER}"
    )
    for part in arguments.only:
        for line in PARTS[part](arguments.repeats):
            print(line, flush=True)


def smooth() -> Problem:
    """784-256-10 with tanh after 100 steps of Adam on its random data."""
    return networks.trained(networks.dense(784, 256, 10, activation="tanh"))


def torch_network(problem: Problem, activation: type) -> tuple[Any, Any, Any]:
    """The same network on the same data."""
    layers: list[Any] = []
    for layer in problem.params:
        weight, bias = (torch.tensor(np.array(layer[name])) for name in ("kernel", "bias"))
        linear = torch.nn.Linear(*weight.shape)
        linear.weight.data, linear.bias.data = weight.T.contiguous(), bias[0]
        layers += [linear, activation()]
    x, y = (np.array(problem.data[name]) for name in ("x", "y"))
    return torch.nn.Sequential(*layers[:-1]), torch.tensor(x), torch.tensor(y.astype(np.int64))


def random_plane(problem: Problem, activation: type, side: int) -> np.ndarray:
    """The grid that loss-landscapes draws; its directions are the same every time."""
    network, x, y = torch_network(problem, activation)
    torch.manual_seed(0)
    metric = loss_landscapes.metrics.Loss(torch.nn.functional.cross_entropy, x, y)
    return loss_landscapes.random_plane(network, metric, 1, side, "filter", deepcopy_model=False)


def surface(repeats: int) -> Iterator[Line]:
    """`random_plane` against `evaluate` over as many points of a plane of the same kind."""
    problem = networks.trained(networks.dense(784, 256, 10))
    plane = plane_of(problem)
    axes = tuple(nodes(low, high, SIDE) for low, high in half_widths(plane))
    times = side_by_side(
        lambda: evaluate(problem, plane, axes).loss, lambda: random_plane(problem, torch.nn.ReLU, SIDE), repeats
    )
    work = "loss-landscapes random_plane ÷ evaluate, 784-256-10"
    yield Line(work, f"{SIDE}×{SIDE} points", *times, _difference(problem), 10.0)


def _difference(problem: Problem, side: int = 11) -> float:
    """Between the losses that loss-landscapes finds on a plane of its own and ours at the same points.

    Its rows are drawn to and fro. Each moves before it looks, so that every second row is one column off.
    """
    result = random_plane(problem, torch.nn.ReLU, side)
    start = wrap_model(torch_network(problem, torch.nn.ReLU)[0]).get_module_parameters()
    torch.manual_seed(0)
    first = rand_u_like(start)
    directions = [first, orthogonal_to(first)]
    for direction in directions:
        direction.filter_normalize_(start)
        direction.mul_(start.model_norm() / side / direction.model_norm())
    tree = _as_tree(directions)
    plane = span(problem.params, tree)
    rows, basis = (np.asarray(jax.vmap(lambda d: ravel_pytree(d)[0])(t), np.float64) for t in (tree, plane.basis))
    i, j = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    steps = np.stack([i - side / 2, j + (i % 2 == 0) - side / 2], axis=-1).reshape(-1, 2)
    ours = np.concatenate([part["loss"] for _, part in points_program(problem, plane)(steps @ (rows @ basis.T))])
    return float(np.max(np.abs(ours - result.ravel())) / np.ptp(result))


def _as_tree(vectors: list[Any]) -> Any:
    """Lists of PyTorch's parameters as one tree of ours with a leading axis."""
    rows = []
    for vector in vectors:
        parts = [np.array(part) for part in vector]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        rows.append([{"kernel": weight.T, "bias": bias[None]} for weight, bias in pairs])
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)


def refinement(repeats: int) -> Iterator[Line]:
    """A plane displayed at 201×201: refined, and with every pixel evaluated by loss-landscapes, once."""
    problem = smooth()
    plane = plane_of(problem)
    extent = half_widths(plane)
    theirs = seconds(lambda: random_plane(problem, torch.nn.Tanh, SHOWN))

    def ours() -> np.ndarray:
        return finest(problem, plane, extent).resampled(SHOWN).loss

    dense = evaluate(problem, plane, tuple(nodes(low, high, SHOWN) for low, high in extent)).loss
    error = float(np.max(np.abs(ours() - dense)) / np.ptp(dense))
    if error > TOLERANCE:
        raise RuntimeError(f"the picture is off by {error:.1e} of its range; there is nothing to compare")
    warm = median(seconds(ours) for _ in range(max(repeats, 5)))
    size = f"{finest(problem, plane, extent).evaluations} evaluations for {SHOWN**2:,}"
    yield Line("loss-landscapes ÷ refine, tanh, warm", size, warm, theirs, theirs / warm, error, 300.0)
    with tempfile.TemporaryDirectory() as folder:
        held, kept = Path(folder) / "params.npz", Path(folder) / "compiled"
        leaves: Any = {f"leaf{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(problem.params))}
        np.savez(held, **leaves)
        starts = [timed(NEW_PROCESS, str(held), str(kept))[1] for _ in range(1 + repeats)]
        new = median(starts[1:])  # the first one compiled
    yield Line("loss-landscapes ÷ refine, tanh, new process", size, new, theirs, theirs / new, error, 60.0)


def eigenvalues(repeats: int) -> Iterator[Line]:
    """The operator is made anew each time, its check for randomness included, as its documentation shows it."""
    problem = smooth()
    network, x, y = torch_network(problem, torch.nn.Tanh)
    start = np.random.default_rng(0).standard_normal(problem.dim)
    tolerance: Any = RELATIVE

    def theirs() -> np.ndarray:
        hessian = HessianLinearOperator(network, torch.nn.CrossEntropyLoss(), list(network.parameters()), [(x, y)])
        operator = hessian.to_scipy()
        return np.sort(eigsh(operator, TOP, which="LA", tol=tolerance, v0=start, return_eigenvectors=False))

    times = side_by_side(lambda: largest(problem), theirs, min(repeats, 3))
    expected, result = theirs(), largest(problem)
    error = float(np.max(np.abs(result - expected) / np.abs(expected)))
    work = f"curvlinops with eigsh ÷ {TOP} largest eigenvalues, tanh"
    yield Line(work, f"n = {problem.dim:,}, to {RELATIVE:g}", *times, error, 20.0)


def racing(repeats: int) -> Iterator[Line]:
    """Ten optimizers in turn on Rosenbrock's function."""
    problem = networks.rosenbrock()
    entries = {name: (name, {"learning_rate": RATE}) for name in RACE}

    def ours() -> dict[str, np.ndarray]:
        return {name: path.loss for name, path in race(problem, entries, STEPS).items()}

    def afresh() -> Any:
        jax.clear_caches()
        return ours()

    def theirs() -> dict[str, np.ndarray]:
        return {name: _steps_of(make) for name, make in RACE.items()}

    mine, other = ours(), theirs()
    error = max(float(np.max(np.abs(mine[name][:STEPS] - other[name])) / np.ptp(other[name])) for name in ALIKE)
    size = f"{len(RACE)} optimizers, {STEPS:,} steps"
    cold = side_by_side(afresh, theirs, min(repeats, 3))
    yield Line("PyTorch loops ÷ race on Rosenbrock, with compilation", size, *cold, error, 10.0)
    loops, warm = cold[1], median(seconds(ours) for _ in range(max(4 * repeats, 20)))
    yield Line("PyTorch loops ÷ race on Rosenbrock, warm", size, warm, loops, loops / warm, error, 1000.0)


def _steps_of(make: Callable[..., Any]) -> np.ndarray:
    xy = torch.tensor([-1.2, 1.0], requires_grad=True)
    optimizer, losses = make([xy]), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (1 - xy[0]) ** 2 + 100 * (xy[1] - xy[0] ** 2) ** 2
        loss.backward()
        losses.append(loss.detach())
        optimizer.step()
    return torch.stack(losses).numpy()


PARTS: dict[str, Callable[[int], Iterator[Line]]] = {
    "surface": surface,
    "refinement": refinement,
    "eigenvalues": eigenvalues,
    "racing": racing,
}


if __name__ == "__main__":
    main()
