"""Long work in a directory: it survives a kill, computes only what is missing, and gives the same bits."""

import os
import sys
from dataclasses import fields, replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from landscapes import Problem, draw, evaluate, refine, span
from landscapes.curvature import convexity_map
from landscapes.evaluation import batching, result_directory
from landscapes.optimization import multistart, race_from
from landscapes.slices import surface as surfaces
from tests.problems import game, mlp, normal, skewed

KEY = jax.random.key(4)


class Stop(Exception):
    """Raised by progress, in place of a user who cancels."""


def use_small_batches(monkeypatch):
    """Small batches, each of which is written."""
    monkeypatch.setattr(batching, "MAX_BATCH", 16)
    monkeypatch.setattr(batching, "next_count", lambda count, seconds: 1)
    # Eleven calls of four steps, however fast the machine is.
    monkeypatch.setattr(multistart, "next_count", lambda count, seconds: 4)
    monkeypatch.setattr(result_directory, "MIN_WRITE_SECONDS", 0.0)
    monkeypatch.setattr(result_directory, "MAX_WRITE_SHARE", 1e9)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    use_small_batches(monkeypatch)


def plane_of(problem, seed=7):
    rows = [normal(seed + k, 2, *np.shape(leaf)) for k, leaf in enumerate(jax.tree.leaves(problem.params))]
    return span(problem.params, jax.tree.unflatten(jax.tree.structure(problem.params), rows))


PROBLEM = mlp(np.float32)
PLANE = plane_of(PROBLEM)
AXES = (np.linspace(-1, 1, 9), np.linspace(-0.5, 2, 7))
STARTS = jax.tree.map(lambda leaf: leaf[None] + normal(9, 3, *leaf.shape).astype(np.float32), PROBLEM.params)
OPTIMIZER = optax.noisy_sgd(0.05, key=jax.random.key(1))  # whose state holds a random key

CALLS = {
    "evaluate": lambda **more: evaluate(PROBLEM, PLANE, AXES, **more),
    "refine": lambda **more: list(refine(PROBLEM, PLANE, [(-1, 1), (-0.5, 2)], max_level=17, **more))[-1],
    "convexity_map": lambda **more: convexity_map(PROBLEM, PLANE, [(-1, 1), (0, 2)], key=KEY, cells=3, **more),
    "race_from": lambda **more: race_from(PROBLEM, {"own": OPTIMIZER}, STARTS, 40, **more),
}


def assert_equal(one, other):
    """Equal to the bit, in every field."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_equal(one[key], other[key])
    elif hasattr(one, "__dataclass_fields__"):
        for field in fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    else:
        jax.tree.map(np.testing.assert_array_equal, one, other)


def stop_at(share):
    def progress(fraction, partial):
        if fraction >= share:
            raise Stop

    return progress


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("call", CALLS)
def test_interrupted_call_continues_to_the_same_bits(call, tmp_path):
    expected = CALLS[call]()
    observed_values = []
    for share in (0.3, 0.7):
        with pytest.raises(Stop):
            CALLS[call](checkpoint=tmp_path, progress=stop_at(share))
    assert_equal(
        CALLS[call](checkpoint=tmp_path, progress=lambda fraction, _: observed_values.append(fraction)), expected
    )
    # The work before the interruption is not done again.
    if call in ("convexity_map", "race_from"):
        assert min(observed_values) > 0.6
    before = contents(tmp_path)
    assert_equal(CALLS[call](checkpoint=tmp_path), expected)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("call", ["evaluate", "refine"])
def test_known_points_are_not_evaluated_again(call, tmp_path, monkeypatch):
    counts = []

    def counted(problem, plane):
        run = batching.points_program(problem, plane)

        def counting(points):
            for part, values in run(points):
                counts.append(part.stop - part.start)
                yield part, values

        return counting

    module = surfaces if call == "evaluate" else sys.modules["landscapes.slices.refinement"]
    monkeypatch.setattr(module, "points_program", counted)
    finished = CALLS[call]()
    total = sum(counts)
    assert total == finished.evaluations
    counts.clear()
    with pytest.raises(Stop):
        CALLS[call](checkpoint=tmp_path, progress=stop_at(0.6))
    assert 0 < sum(counts) < total
    CALLS[call](checkpoint=tmp_path)
    assert sum(counts) == total


OTHERS = {
    "parameters": lambda: {
        "problem": replace(PROBLEM, params=jax.tree.map(lambda leaf: leaf + 1, PROBLEM.params))
    },
    "data": lambda: {"problem": replace(PROBLEM, data=jax.tree.map(lambda leaf: leaf + 1, PROBLEM.data))},
    "objective": lambda: {"problem": Problem.from_loss(_other_loss, PROBLEM.params, PROBLEM.data)},
    "plane": lambda: {"plane": plane_of(PROBLEM, seed=70)},
    "grid": lambda: {"axes": (AXES[1], AXES[0])},
    "precision": lambda: {"problem": mlp(np.float64), "plane": plane_of(mlp(np.float64))},
}


def _plus_one(tree):
    return jax.tree.map(lambda leaf: leaf + 1, tree)


def _other_loss(params, data):
    return jnp.sum(jnp.stack([jnp.sum(leaf**3) for leaf in jax.tree.leaves(params)]))


@pytest.mark.parametrize("part", OTHERS)
def test_directory_of_another_call_is_refused(part, tmp_path):
    settings = {"problem": PROBLEM, "plane": PLANE, "axes": AXES}
    evaluate(**settings, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=rf"holds results of a call with another .*\b{part}\b.*; give an empty"):
        evaluate(**settings | OTHERS[part](), checkpoint=tmp_path)


def test_arrays_that_a_loss_closes_over_belong_to_the_problem(tmp_path):
    def problem_with(table):
        return Problem.from_loss(lambda p: jnp.sum(jnp.sin(p * table)), np.zeros(2))

    tables = np.array([1.0, 2.0]), np.array([1.0, 3.0])
    plane = span(np.zeros(2), np.eye(2))
    evaluate(problem_with(tables[0]), plane, AXES, checkpoint=tmp_path)
    evaluate(problem_with(tables[0].copy()), plane, AXES, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="another objective"):
        evaluate(problem_with(tables[1]), plane, AXES, checkpoint=tmp_path)


def test_other_functions_settings_and_versions_are_refused(tmp_path, monkeypatch):
    CALLS["convexity_map"](checkpoint=tmp_path / "map")
    with pytest.raises(ValueError, match="another function"):
        CALLS["evaluate"](checkpoint=tmp_path / "map")
    with pytest.raises(ValueError, match="another key and another tolerance"):
        convexity_map(
            PROBLEM, PLANE, [(-1, 1), (0, 2)], key=5, cells=3, tolerance=1e-2, checkpoint=tmp_path / "map"
        )
    CALLS["race_from"](checkpoint=tmp_path / "race")
    with pytest.raises(ValueError, match="another optimizer under 'own'"):
        race_from(PROBLEM, {"own": optax.sgd(0.05)}, STARTS, 40, checkpoint=tmp_path / "race")
    with pytest.raises(ValueError, match="another steps"):
        race_from(PROBLEM, {"own": OPTIMIZER}, STARTS, 41, checkpoint=tmp_path / "race")
    with pytest.raises(ValueError, match="another minibatches"):
        race_from(PROBLEM, {"own": OPTIMIZER}, STARTS, 40, batch_size=5, checkpoint=tmp_path / "race")
    monkeypatch.setattr(result_directory, "version", lambda name: "0")
    with pytest.raises(ValueError, match="another version"):
        CALLS["convexity_map"](checkpoint=tmp_path / "map")


def test_weights_do_not_matter_to_a_surface(tmp_path):
    problem = skewed()
    plane = span(problem.params, np.eye(2))
    evaluate(problem, plane, AXES, checkpoint=tmp_path)
    reweighted = replace(problem, weights={"bowl": 2.0, "slope": -1.0})
    result = evaluate(reweighted, plane, AXES, checkpoint=tmp_path)
    assert_equal(result, evaluate(reweighted, plane, AXES))


def test_finished_surface_of_a_game_is_drawn_from_its_directory(tmp_path):
    problem = game()
    plane = plane_of(problem)
    expected = draw(problem, plane, 1.0, max_level=9)
    for _ in range(2):
        assert_equal(draw(problem, plane, 1.0, max_level=9, checkpoint=tmp_path), expected)


def test_other_files_and_damaged_ones_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files; give an empty one"):
        CALLS["evaluate"](checkpoint=tmp_path)
    with pytest.raises(ValueError, match="cannot be used"):
        CALLS["evaluate"](checkpoint=tmp_path / "notes.txt")
    with pytest.raises(ValueError, match="checkpoint = 3 is not valid; give the name of a directory"):
        CALLS["race_from"](checkpoint=3)
    CALLS["evaluate"](checkpoint=tmp_path / "new")
    (stored,) = (tmp_path / "new").glob("points-*.npz")
    os.truncate(stored, 100)
    with pytest.raises(ValueError, match=r"points-.* cannot be read .*; remove it"):
        CALLS["evaluate"](checkpoint=tmp_path / "new")
    (tmp_path / "new" / "call.json").write_text("{")
    with pytest.raises(ValueError, match=r"call\.json cannot be read .*; give an empty directory"):
        CALLS["evaluate"](checkpoint=tmp_path / "new")
