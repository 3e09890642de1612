"""A path of seven checkpoints through parameters of three shapes, in memory and on disk."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem
from landscapes.optimization.checkpoints import named_leaves
from landscapes.optimization.trajectory import Outcome, Trajectory

COUNT = 7
STEPS = [0, 3, 5, 40, 90, 100, 1000]


def checkpoints(dtype=np.float32):
    """Seven points of which no two moves have the same length."""
    random = np.random.default_rng(5)

    def shift(time):
        return {
            "layer": {"kernel": time * random.normal(size=(3, 2)), "bias": np.sin(time) * random.normal(size=2)},
            "scale": 1 + time**2,
        }

    return [jax.tree.map(lambda leaf: np.asarray(leaf, dtype), shift(0.3 * t)) for t in range(COUNT)]


def _mean_square(params, x):
    hidden = jnp.tanh(x @ params["layer"]["kernel"] + params["layer"]["bias"][None])
    return jnp.mean((params["scale"] * hidden - 0.3) ** 2)


def problem():
    x = np.random.default_rng(6).normal(size=(5, 3)).astype(np.float32)
    return Problem.from_loss(_mean_square, checkpoints()[-1], x)


def stacked_path():
    """The same path in memory, as `descend` returns one."""
    params = jax.tree.map(lambda *leaves: np.stack(leaves), *checkpoints())
    nothing = np.full(STEPS[-1] + 1, np.nan)
    return Trajectory(np.array(STEPS), params, nothing, nothing, Outcome("finished", STEPS[-1], ""), {})


def write_npz(directory, separator="/"):
    for step, tree in zip(STEPS, checkpoints(), strict=True):
        arrays: dict[str, Any] = {
            name.replace("/", separator): array for name, array in named_leaves(tree, "").items()
        }
        np.savez(directory / f"model2-step{step}.npz", **arrays)


def write_safetensors(directory):
    from safetensors.numpy import save_file

    for step, tree in zip(STEPS, checkpoints(), strict=True):
        arrays = {name.replace("/", "."): array for name, array in named_leaves(tree, "").items()}
        save_file(arrays, directory / f"step_{step}.safetensors")


def write_orbax(directory):
    import orbax.checkpoint as ocp

    with ocp.StandardCheckpointer() as checkpointer:
        for step, tree in zip(STEPS, checkpoints(), strict=True):
            checkpointer.save(directory / str(step), tree)


def write_orbax_manager(directory):
    import orbax.checkpoint as ocp

    with ocp.CheckpointManager(directory) as manager:
        for step, tree in zip(STEPS, checkpoints(), strict=True):
            manager.save(step, args=ocp.args.Composite(params=ocp.args.StandardSave(tree)))
        manager.wait_until_finished()
