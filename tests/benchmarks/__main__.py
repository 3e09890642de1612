"""`make bench`: one table of ratios, each measured side by side in one run.

python -m tests.benchmarks [--side 51] [--repeats 5] [--only hoisting refinement racing spectra starting families]

The families are no ratios: one line for every objective, with the seconds that it takes from its defaults
and how far it comes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import jax

from tests.benchmarks import families, hoisting, racing, refinement, spectra, starting
from tests.benchmarks.families import Opening
from tests.benchmarks.measure import HEADER, Line

SECTIONS: dict[str, Callable[[int, int], Iterator[Line | Opening]]] = {
    "hoisting": hoisting.lines,
    "refinement": lambda side, repeats: refinement.lines(repeats),
    "racing": lambda side, repeats: racing.lines(repeats),
    "spectra": lambda side, repeats: spectra.lines(repeats),
    "starting": lambda side, repeats: starting.lines(repeats),
    "families": lambda side, repeats: families.lines(),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Time the engine side by side."
    )
    parser.add_argument("--side", type=int, default=51, help="points per axis of the grids that are timed")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each pair, of which the median counts")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="parts of the table")
    arguments = parser.parse_args()
    devices = ", ".join(sorted({device.device_kind for device in jax.devices()}))
    print(f"JAX {jax.__version__}, {len(jax.devices())} × {devices}, float32\n\n{HEADER}")
    for section in arguments.only:
        for line in SECTIONS[section](arguments.side, arguments.repeats):
            print(line, flush=True)


if __name__ == "__main__":
    main()
