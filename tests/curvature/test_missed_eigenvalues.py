"""A chain excludes eigenvalues beyond a value only where there are none."""

import numpy as np
import pytest

from landscapes.curvature.missed_eigenvalues import is_excluded

N = 400


def chain(eigenvalues, start, steps):
    """α and β of the Lanczos chain of diag(eigenvalues) from `start`, with full orthogonalization."""
    vectors, diagonal, off_diagonal = [start / np.linalg.norm(start)], [], []
    for _ in range(steps):
        image = eigenvalues * vectors[-1]
        diagonal.append(image @ vectors[-1])
        for _ in range(2):
            image = image - sum((image @ v) * v for v in vectors)
        off_diagonal.append(np.linalg.norm(image))
        vectors.append(image / off_diagonal[-1])
    return np.array(diagonal), np.array(off_diagonal)


@pytest.mark.parametrize("sign", [1, -1])
def test_eigenvalue_beyond_the_value_is_never_excluded(sign):
    is_above = sign > 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        eigenvalues = np.append(rng.uniform(-1, 1, N - 1), rng.choice([1.1, 2, 10]))
        for steps in (2, 4, 8, 12):
            result = chain(sign * eigenvalues, rng.standard_normal(N), steps)
            assert not is_excluded(*result, sign * (eigenvalues[-1] - 1e-3), is_above=is_above, n=N)


@pytest.mark.parametrize("sign", [1, -1])
def test_distant_values_are_excluded_within_few_steps(sign):
    rng = np.random.default_rng(0)
    eigenvalues, start = sign * rng.uniform(-1, 1, N), rng.standard_normal(N)

    def steps_for(value):
        result = (
            is_excluded(*chain(eigenvalues, start, k), sign * value, is_above=sign > 0, n=N) for k in range(2, 60)
        )
        return 2 + next(k for k, excluded in enumerate(result) if excluded)

    needed = {value: steps_for(value) for value in (20, 3, 1.2)}
    assert needed[20] <= 6 <= needed[3] + 2 <= needed[1.2]
    assert needed[3] <= 12
