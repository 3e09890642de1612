"""Problems of the user's own as entries of the registries."""

from typing import Annotated

import jax.numpy as jnp
import numpy as np
import pytest
from annotated_types import Interval

from landscapes import Problem
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.catalog import own_problems
from tests.commands.test_app import own_entries


def _valley(params):
    return jnp.sum(params["steep"] * params["x"] ** 2)


def steep_valley(steep: Annotated[float, Interval(ge=1, le=100)] = 4.0, seed: int = 0) -> Problem:
    """A valley of one's own.

    Further lines are not shown.
    """
    return Problem.from_loss(_valley, {"x": np.array([1.0, 2.0 + seed]), "steep": np.array(steep)}, where="x")


@pytest.fixture
def entries():
    with own_entries():
        yield


@pytest.mark.usefixtures("entries")
def test_a_function_becomes_the_first_objective_with_its_knobs():
    assert own_problems.register("steep_valley", steep_valley, {"steps": "7"}) == "steep-valley"
    assert next(iter(OBJECTIVES)) == "steep-valley"
    assert "steep-valley-data" in DATASETS
    assert own_problems.is_own("steep-valley")
    assert not own_problems.is_own("cross-entropy")
    assert OBJECTIVES["steep-valley"].page.look == "A valley of one's own."
    recipe = catalog.from_query({"objective": "steep-valley", "steep-valley.steep": "9", "seed": "3"})
    problem = catalog.build(recipe)
    # 9·(1² + (2 + 3)²), of which the steepness is no coordinate
    assert float(problem.loss(problem.params)) == pytest.approx(9 * 26, rel=1e-6)
    assert problem.dim == 2


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("hinge", steep_valley, "the name hinge is taken; give the problem's function another one"),
        ("bare", lambda width: None, "has no default for width; give each argument one"),
        ("wrong", lambda width=3: width, "returns a int; let it return a Problem"),
    ],
)
def test_what_is_no_problem_gets_one_sentence(name, make, sentence):
    before = list(OBJECTIVES)
    with pytest.raises(ValueError, match=sentence):
        own_problems.register(name, make)
    assert list(OBJECTIVES) == before


@pytest.mark.usefixtures("entries")
def test_an_optimizer_without_a_learning_rate_is_refused():
    with pytest.raises(ValueError, match=r"has no learning rate; give it learning_rate: float = 0\.1"):
        own_problems.register_optimizer("slow", lambda momentum=0.9: None)
