"""`make bench`: one table of ratios, each measured side by side in one run.

python -m tests.benchmarks [--side 51] [--repeats 5]
"""

from __future__ import annotations

import argparse

import jax

from tests.benchmarks import hoisting
from tests.benchmarks.measure import HEADER


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Time the engine side by side."
    )
    parser.add_argument("--side", type=int, default=51, help="points per axis of the grids that are timed")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each pair, of which the median counts")
    given = parser.parse_args()
    devices = ", ".join(sorted({device.device_kind for device in jax.devices()}))
    print(f"JAX {jax.__version__}, {len(jax.devices())} × {devices}, float32\n\n{HEADER}")
    for line in hoisting.lines(given.side, given.repeats):
        print(line, flush=True)


if __name__ == "__main__":
    main()
