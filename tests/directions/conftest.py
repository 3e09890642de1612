import pytest

from landscapes import race
from tests import problems


@pytest.fixture(scope="module")
def network():
    """A network with biases and two paths."""
    problem = problems.mlp()
    rates = {"slow": 0.02, "fast": 0.1}
    return problem, race(problem, {name: ("sgd", {"learning_rate": rate}) for name, rate in rates.items()}, 30)
