"""Two devices give the numbers of one."""

import os
import subprocess
import sys

import jax
import numpy as np

from landscapes.curvature.hessian import flat
from landscapes.curvature.quadrature import quadrature
from landscapes.evaluation.devices import device_mesh
from landscapes.optimization.multistart import race_from
from landscapes.precision import precision
from landscapes.slices.surface import evaluate, refine
from tests.evaluation.test_batching import network, plane
from tests.optimization.test_multistart import starts
from tests.problems import mlp

DEVICES = 2
SCRIPT = """
import sys
import jax, numpy as np
from tests.evaluation.test_devices import results
np.savez(sys.argv[1], devices=len(jax.devices()), **results())
"""


def results():
    """What is split over devices: points of a surface, probes of a density, starts of a race."""
    problem, over, found = network(), plane(network()), {}
    found["evaluated"] = evaluate(problem, over, (np.linspace(-1, 1, 7), np.linspace(-1, 1, 5))).loss
    *_, found["refined"] = (level.loss for level in refine(problem, over, 1.0, max_level=17))
    with precision(mlp().params):
        point, _ = flat(mlp(), mlp().params)
        # Five probes: a group and one more on one device, a part of one group on two.
        nodes, weights = quadrature(mlp(), point, jax.random.key(0), 5, lambda fraction: None)
    for power in range(5):
        found[f"moment {power}"] = np.sum(weights * nodes**power, axis=1)
    for name, ends in race_from(mlp(), {"adam": "adam"}, starts(mlp(), 5), 20).items():
        found[f"ends of {name}"] = ends.loss
    return found


def test_two_devices_give_the_numbers_of_one(tmp_path):
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={DEVICES}"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    held = tmp_path / "found.npz"
    subprocess.run([sys.executable, "-c", SCRIPT, str(held)], env=environment, check=True)
    assert device_mesh() is None
    with np.load(held) as two:
        assert two["devices"] == DEVICES
        for name, one in results().items():
            bound = 2e-6 if one.dtype == np.float32 else 1e-9
            np.testing.assert_allclose(two[name], one, rtol=bound, atol=1e-12, err_msg=name)
