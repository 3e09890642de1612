"""Between two solutions: barriers, matched units and trained curves, against what algebra says of each."""

import itertools

import jax
import numpy as np
import pytest

from landscapes import Problem, descend
from landscapes.connectivity.barrier import straight
from landscapes.connectivity.connection import between
from landscapes.connectivity.curve import along, connect, plane_through, quadrature, shares
from landscapes.connectivity.permutation_matching import match
from landscapes.curvature.symmetries import Units, permuted
from tests import problems
from tests.bowl import TRACES, bowl
from tests.problems import normal

HIDDEN = Units(("first/kernel", "first/bias"), ("second/kernel",))
A, B = np.array([2.0, 1.0]), np.array([-1.0, 3.0])


def _well(p):
    return (p[0] ** 2 - 1) ** 2 + 0.1 * (p[0] + 1) + p[1] ** 2


def test_a_barrier_by_both_of_its_definitions():
    # (x² − 1)² + 0.1(x + 1) between its values 0 at −1 and 0.2 at 1, up to its crest in the middle.
    found = straight(Problem.from_loss(_well, np.zeros(2)), np.array([-1.0, 0.0]), np.array([1.0, 0.0]))
    t = np.linspace(0, 1, 100_001)
    x = 2 * t - 1
    loss = (x**2 - 1) ** 2 + 0.1 * (x + 1)
    barrier = found.barrier
    assert barrier.highest == pytest.approx(loss.max(), abs=1e-4)
    assert barrier.above_mean == pytest.approx(loss.max() - 0.1, abs=1e-4)
    assert barrier.above_line == pytest.approx(1.0, abs=1e-4)
    assert barrier.at == pytest.approx(t[np.argmax(loss)], abs=3e-3)
    assert barrier.above_mean != pytest.approx(barrier.above_line, abs=1e-3)
    np.testing.assert_allclose(found.loss[[0, -1]], [0, 0.2], atol=1e-12)


def test_a_convex_loss_has_no_barrier():
    barrier = straight(bowl(), A, B).barrier
    assert barrier.above_line == pytest.approx(0, abs=1e-12)
    assert barrier.above_mean > 100  # which the other end alone makes
    np.testing.assert_array_equal(straight(bowl(), A, A).loss, [102 - 50, 102 - 50])


def test_the_two_branches_of_a_scalar_product_are_parted_by_its_saddle():
    # On any way from w₁w₂ = 1 with positive weights to that with negative ones the product passes 0, where L = ½.
    problem = problems.scalar_product()
    ends = [jax.tree.map(lambda _, sign=sign: np.array(sign), problem.params) for sign in (1.0, -1.0)]
    assert straight(problem, *ends).barrier.above_mean == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("kind", ["bezier", "polygon"])
def test_the_parts_of_a_curve_and_its_quadrature(kind):
    t = np.linspace(0, 1, 11)
    parts = np.column_stack(shares(kind, t))
    np.testing.assert_allclose(parts.sum(axis=1), 1)
    corners = np.array([[0.0, 0.0], [1.0, 4.0], [3.0, 1.0]])
    points = parts @ corners
    if kind == "bezier":
        halves = [(1 - s) * corners[:-1] + s * corners[1:] for s in t]
        np.testing.assert_allclose(points, [(1 - s) * h[0] + s * h[1] for s, h in zip(t, halves, strict=True)])
    else:
        np.testing.assert_allclose(points[5], corners[1])
        np.testing.assert_allclose(points[2], 0.6 * corners[0] + 0.4 * corners[1])
    nodes, weights = quadrature(kind)
    assert len(nodes) == 8
    for power in range(8):
        assert weights @ nodes**power == pytest.approx(1 / (power + 1), rel=1e-13)
    assert weights @ np.abs(nodes - 0.5) == pytest.approx(0.25, rel=0.02 if kind == "bezier" else 1e-13)


@pytest.mark.parametrize(("kind", "factor"), [("bezier", -0.75), ("polygon", -0.25)])
def test_the_bend_over_a_bowl_in_closed_form(kind, factor):
    # ∫ ½φᵀDφ is least at W = −(θ_A + θ_B)·∫wa/∫w²: ¾ for the Bézier curve, ¼ for the polygon.
    heard = []
    curve = connect(
        bowl(), A, B, kind=kind, steps=2000, learning_rate=0.3, progress=lambda f, c: heard.append((f, c))
    )
    np.testing.assert_allclose(curve.bend, factor * (A + B), atol=1e-3)
    assert curve.objective[-1] < curve.objective[0]
    assert heard[-1][0] == 1
    before = TRACES[0]
    connect(bowl((3.0, 5.0)), B, A, kind=kind, steps=7, learning_rate=0.01)
    assert TRACES[0] == before + 1  # `from_loss` asks for the terms once


def test_a_curve_lies_in_the_plane_of_its_three_points():
    problem = problems.mlp()
    leaves, structure = jax.tree.flatten(problem.params)
    first, bend, second = (
        jax.tree.unflatten(structure, [normal(seed + i, *leaf.shape) for i, leaf in enumerate(leaves)])
        for seed in (30, 40, 50)
    )
    plane = plane_through(first, second, bend)
    projected = [plane.project(point) for point in (first, bend, second)]
    np.testing.assert_allclose([float(distance) for _, distance in projected], 0, atol=1e-12)
    corners = np.stack([np.asarray(coordinates) for coordinates, _ in projected])
    profile, path = along(problem, plane, corners, "bezier")
    third = (len(profile.t) - 1) // 4
    weights = np.array(shares("bezier", profile.t[[third]]))[:, 0]
    there = jax.tree.map(
        lambda *parts: sum(w * p for w, p in zip(weights, parts, strict=True)), first, bend, second
    )
    assert profile.loss[third] == pytest.approx(float(problem.loss(there)), rel=1e-12)
    np.testing.assert_allclose(path[third], plane.project(there)[0], atol=1e-12)
    with pytest.raises(ValueError, match="the trained path is the straight line itself"):
        plane_through(first, second, jax.tree.map(lambda a, b: (a + b) / 2, first, second))


def test_matching_finds_the_best_of_all_permutations():
    first, second = (
        {
            "first": {"kernel": normal(seed, 5, 4), "bias": normal(seed + 1, 4)},
            "second": {"kernel": normal(seed + 2, 4, 3), "bias": normal(seed + 3, 3)},
        }
        for seed in (60, 70)
    )
    found = match(first, second, [HIDDEN])

    def apart(params):
        pairs = zip(jax.tree.leaves(first), jax.tree.leaves(params), strict=True)
        return np.sqrt(sum(np.sum((a - b) ** 2) for a, b in pairs))

    every = [apart(permuted(second, HIDDEN, np.array(order))) for order in itertools.permutations(range(4))]
    assert found.after == pytest.approx(min(every), rel=1e-12)
    assert found.before == pytest.approx(apart(second), rel=1e-12)
    np.testing.assert_array_equal(
        found.params["first"]["kernel"], permuted(second, HIDDEN, found.orders[0])["first"]["kernel"]
    )


@pytest.mark.parametrize("stream", [False, True])
def test_matching_undoes_the_shuffling_of_every_layer(stream):
    widths = [6, 9, 9, 9, 4]
    params = {f"layer{k}": {"kernel": normal(80 + k, widths[k], widths[k + 1])} for k in range(4)}
    names = [f"layer{k}/kernel" for k in range(4)]
    if stream:  # as in a residual network: one group, which the layers between both read and write
        units = [Units(tuple(names[:-1]), tuple(names[1:]))]
    else:
        units = [Units((writer,), (reader,)) for writer, reader in itertools.pairwise(names)]
    shuffled = params
    for group in units:
        shuffled = permuted(shuffled, group, np.random.default_rng(7).permutation(9))
    found = match(params, shuffled, units)
    assert found.before > 1
    assert found.after == 0
    assert match(params, shuffled, units, seed=5).after == 0
    with pytest.raises(ValueError, match="no hidden units to match"):
        match(params, shuffled, [])


def test_two_copies_of_one_network_with_its_units_exchanged():
    problem = problems.mlp()
    first = jax.tree.map(lambda leaf: leaf[-1], descend(problem, ("sgd", {"learning_rate": 0.1}), 300).params)
    second = permuted(first, HIDDEN, np.array([2, 3, 1, 0]))
    heard = []
    found = between(
        problem,
        first,
        second,
        units=[HIDDEN],
        steps=60,
        learning_rate=0.1,
        tolerance=0.1,
        progress=lambda f, c: heard.append((f, c)),
    )
    assert found.straight is not None
    assert found.matching is not None
    assert found.matched is not None
    assert found.curved is not None
    assert found.surface is not None
    # The halfway point is worse than both copies, so no network with hidden units that differ has a convex loss.
    assert found.straight.loss[0] == pytest.approx(found.straight.loss[-1], rel=1e-12)
    assert found.straight.barrier.above_mean > 0.1
    assert found.matching.after == 0
    assert found.matched.barrier.above_mean == 0
    assert found.curved.barrier.above_mean < 0.5 * found.straight.barrier.above_mean
    np.testing.assert_allclose(found.curved.loss[[0, -1]], found.straight.loss[[0, -1]], rtol=1e-10)
    box = [(axis[0], axis[-1]) for axis in found.surface.axes]
    assert found.path is not None
    for column, (low, high) in zip(found.path.T, box, strict=True):
        assert low < column.min()
        assert column.max() < high
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert heard[-1][1].missing == ""


def test_what_cannot_be_connected_is_refused():
    problem = problems.mlp()
    with pytest.raises(ValueError, match="the two solutions are one point; choose another seed"):
        between(problem, problem.params, problem.params)
    other = jax.tree.map(lambda leaf: np.asarray(leaf) + 1, problem.params)
    wrong = Units(("first/kernel",), ())  # the bias and what reads the units are forgotten
    with pytest.raises(ValueError, match="name the arrays that do write and read the units"):
        between(problem, problem.params, permuted(other, wrong, np.array([1, 0, 3, 2])), units=[wrong])
    with pytest.raises(ValueError, match="no kind of path 'spline'; choose bezier or polygon"):
        connect(bowl(), A, B, kind="spline")  # type: ignore[arg-type]  # refused
    with pytest.raises(ValueError, match="steps = 0 is not valid"):
        connect(bowl(), A, B, steps=0)
    with pytest.raises(ValueError, match="learning_rate = nan is not valid"):
        connect(bowl(), A, B, learning_rate=np.nan)
    with pytest.raises(ValueError, match="no Hessian"):
        connect(problems.game(), problems.game().params, problems.game().params)
