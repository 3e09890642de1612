"""Two devices give the numbers of one."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

from landscapes import Problem, descend, span, spectrum
from landscapes.curvature.hessian import flatten
from landscapes.curvature.quadrature import quadrature
from landscapes.evaluation.devices import device_mesh
from landscapes.optimization.multistart import race_from
from landscapes.precision import precision
from landscapes.slices.refinement import refine
from landscapes.slices.surface import evaluate
from tests.evaluation.test_batching import network, plane
from tests.optimization.test_multistart import starts
from tests.problems import mlp, normal

DEVICES = 2
SCRIPT = """
import sys
import jax, numpy as np
from tests.evaluation.test_devices import results
np.savez(sys.argv[1], devices=len(jax.devices()), **results())
"""


def results():
    """What is split over devices: points of a surface, probes of a density, starts of a race."""
    problem, over, result = network(), plane(network()), {}
    result["evaluated"] = evaluate(problem, over, (np.linspace(-1, 1, 7), np.linspace(-1, 1, 5))).loss
    *_, result["refined"] = (level.loss for level in refine(problem, over, 1.0, max_level=17))
    with precision(mlp().params):
        point, _ = flatten(mlp(), mlp().params)
        # Five probes: a group and one more on one device, a part of one group on two.
        nodes, weights = quadrature(mlp(), point, jax.random.key(0), 5, lambda fraction: None)
    for power in range(5):
        result[f"moment {power}"] = np.sum(weights * nodes**power, axis=1)
    for name, ends in race_from(mlp(), {"adam": "adam"}, starts(mlp(), 5), 20).items():
        result[f"ends of {name}"] = ends.loss
    result |= {f"split: {name}": value for name, value in of_split_loss().items()}
    return result


X = normal(0, 16, 3).astype(np.float32)
W = np.array([0.3, 0.1, -0.7], np.float32)
LINE, AXIS = span(W, np.array([[1.0, 0.5, -2.0]], np.float32)), np.linspace(-1, 1, 5)


def whole(p, x):
    return jnp.mean(jnp.tanh(x @ p - x[:, 0]) ** 2)


def of_split_loss():
    """The same of a loss that its author has split over all devices, one part of the examples on each."""
    mesh = Mesh(np.array(jax.devices()), ("batch",))

    def loss(p, x):
        def local(p, x):
            return jax.lax.pmean(whole(p, x), "batch")

        return jax.shard_map(local, mesh=mesh, in_specs=(P(), P("batch")), out_specs=P())(p, x)

    problem = Problem.from_loss(loss, W, X)
    with precision(W):
        nodes, weights = quadrature(problem, flatten(problem, W)[0], jax.random.key(0), 2, lambda fraction: None)
    return {
        "surface": evaluate(problem, LINE, (AXIS,)).loss,
        "trace": np.sum(weights * nodes, axis=1),
        "eigenvalues": spectrum(problem, 0).eigenvalues,
        "path": descend(problem, "adam", 4, batch_size=4).loss,
        "ends": race_from(problem, {"a": "adam"}, np.stack([W, -W, 2 * W]), 4)["a"].loss,
    }


def test_two_devices_give_the_numbers_of_one(tmp_path):
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={DEVICES}"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    held = tmp_path / "found.npz"
    subprocess.run([sys.executable, "-c", SCRIPT, str(held)], env=environment, check=True)
    assert device_mesh() is None
    with np.load(held) as two:
        assert two["devices"] == DEVICES
        point = results()
        exact = [whole(LINE.point(np.array([c])), X) for c in AXIS]
        np.testing.assert_allclose(point["split: surface"], exact, rtol=1e-5)
        for name, one in point.items():
            exact = one.dtype != np.float32 and not name.startswith("split")
            # A split loss sums in single precision in another order.
            least = 1e-6 if name.startswith("split") else 1e-12
            np.testing.assert_allclose(two[name], one, rtol=1e-9 if exact else 2e-6, atol=least, err_msg=name)
