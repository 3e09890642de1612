"""The bundle that is exported, and a surface with values that are not finite."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import figures
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.exports import Bundle
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from landscapes.problem import Problem
from landscapes.slices.projection import project_path
from landscapes.slices.surface import Surface, evaluate
from tests.exports.export_data import CAPTION, DETAILS, RECIPE


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """x² + 10y on a 3 × 5 grid, with a path of 230 steps (more than there are snapshots) and two eigenvalues."""
    problem = Problem.from_loss(lambda p: p["x"] ** 2 + 10 * p["y"], {"x": jnp.ones(()), "y": jnp.zeros(())})
    directions = {"x": jnp.array([1.0, 0.0]), "y": jnp.array([0.0, 1.0])}
    plane = span(problem.params, directions)
    grid = evaluate(problem, plane, [np.linspace(-1, 1, 3), np.linspace(-0.3, 2, 5)])
    run = descend(problem, ("sgd", {"learning_rate": 0.001}), 230)
    paths = {"sgd, slow": project_path(problem, plane, run)}
    figure = figures.surface(grid, paths, labels=("x", "y"), resolution=31)
    eigenvalues = spectrum(problem, 0, top=1, bottom=1)
    return Bundle(figure, CAPTION, RECIPE, grid, paths, {"sgd, slow": run}, eigenvalues, DETAILS)


@pytest.fixture(scope="session")
def holes() -> Surface:
    """All kinds of floats in two terms on a 2 × 3 grid, of which one point is not evaluated."""
    a = np.array([[0.1, np.nan, np.inf], [-np.inf, 5e-324, np.nan]])
    b = np.array([[1 / 3, -0.0, 1e308], [np.float32(0.1), 2.0**-40, np.nan]])
    evaluated = np.array([[True, True, True], [True, True, False]])
    axes = (np.array([-1.0, np.pi]), np.array([0.1, 0.2, 0.30000000000000004]))
    return Surface(axes, {"loss": a, "l2": b}, evaluated, {"loss": 1.0, "l2": 0.5}, {"loss": 0.1, "l2": 0.2}, 6)
