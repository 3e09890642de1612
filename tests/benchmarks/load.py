"""Thirty viewers at once: `python -m tests.benchmarks.load`.

A viewer has a websocket to a new server, as a browser's tab has. He opens a page and waits for its picture. Then
he runs the page again without a change, turns a learning rate, waits for the new picture for a while, and so on
every few seconds. A third of the viewers opens lessons, a third test functions, and a third networks
with seeds of their own, which have to be computed. No browser takes time from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from tests.benchmarks.viewer import Viewer
from tests.browser.conftest import ROOT, _healthy

MIB = 2**20
LESSONS = ("ravine", "stability", "width", "vanishing", "beta")
FUNCTIONS = ("rosenbrock", "himmelblau", "beale", "rastrigin", "ackley")
SAMPLE_SECONDS = 0.5


@dataclass
class Account:
    """What one viewer saw. Seconds, infinite for a picture that did not come."""

    kind: str
    first: float = float("inf")
    changed: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    missed: int = 0
    errors: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description="Thirty viewers at once.")
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120.0, help="that each viewer stays")
    parser.add_argument("--every", type=float, default=8.0, help="seconds from one turn of a knob to the next")
    parser.add_argument("--closed", type=float, default=150.0, help="seconds to wait once all tabs are closed")
    options = parser.parse_args()
    with server() as (address, process):
        asyncio.run(report(address, process, options))


async def report(address: str, process: int, options: argparse.Namespace) -> None:
    await warm(address)
    before = peak = pss(process)
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    accounts = [Account(("lesson", "function", "network")[k % 3]) for k in range(options.viewers)]
    watches = [asyncio.create_task(watch(address, k, accounts[k], options)) for k in range(len(accounts))]
    while not all(each.done() for each in watches):
        await asyncio.sleep(SAMPLE_SECONDS)
        peak = max(peak, pss(process))
    for each, account in zip(watches, accounts, strict=True):
        if (error := each.exception()) is not None:
            account.errors.append(f"{type(error).__name__}: {error}")
    for kind in ("lesson", "function", "network"):
        line(f"first picture, {kind}", [each.first for each in accounts if each.kind == kind])
    line("first picture, all", [each.first for each in accounts])
    line("picture after a turned knob", [each for account in accounts for each in account.changed])
    line("rerun that computes nothing", [each for account in accounts for each in account.idle])
    counts = [len(account.changed) + (account.first < float("inf")) for account in accounts]
    missed = sum(account.missed for account in accounts)
    print(f"pictures per viewer: {min(counts)} to {max(counts)}, median {median(counts):g}; {missed} overtaken")
    errors = [error for account in accounts for error in account.errors]
    print(f"errors: {len(errors)}", *sorted(set(errors)), sep="\n  ")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}; health: {health(address)}")
    print(f"memory (PSS): {before / MIB:.0f} MiB before, {peak / MIB:.0f} MiB at its peak", flush=True)
    await asyncio.sleep(options.closed)
    print(f"memory {options.closed:g} s after all tabs closed: {pss(process) / MIB:.0f} MiB; {health(address)}")


async def warm(address: str) -> None:
    """Wait until the server has computed its first pictures, which it does before anybody comes."""
    async with Viewer(address, "/explore") as viewer:
        await viewer.rerun()
        await viewer.picture_since(0.0)
    await asyncio.sleep(5.0)


async def watch(server: str, number: int, account: Account, options: argparse.Namespace) -> None:
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0.0, 3.0))  # a class follows an address within some seconds
    start = time.monotonic()
    end = start + options.seconds
    third = number // 3
    address = {
        "lesson": f"/explore?lesson={LESSONS[third % len(LESSONS)]}",
        "function": f"/explore?objective={FUNCTIONS[third % len(FUNCTIONS)]}",
        "network": f"/explore?seed={100 + number}",
    }[account.kind]
    async with Viewer(server, address) as viewer:
        try:
            await asyncio.wait_for(viewer.rerun(), options.seconds)
            account.first = await asyncio.wait_for(viewer.picture_since(start), options.seconds)
            while time.monotonic() < end:
                await look(viewer, account, chance, min(options.every, end - time.monotonic()))
        except TimeoutError:
            account.missed += 1
        account.errors = viewer.errors


async def look(viewer: Viewer, account: Account, chance: random.Random, seconds: float) -> None:
    """Run the page again without a change, turn a knob and wait for the picture, in about this time."""
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(viewer.settled(), seconds / 2)
        account.idle.append(await viewer.rerun())
    rates = [key for key in viewer.numbers if key.endswith(".learning_rate")]
    known = frozenset(viewer.pictures)
    turned = time.monotonic()
    await viewer.turn(rates[0], viewer.numbers[rates[0]][1] * chance.uniform(0.6, 1.0))
    try:
        account.changed.append(await asyncio.wait_for(viewer.picture_since(turned, known), seconds))
    except TimeoutError:
        account.missed += 1
    await asyncio.sleep(max(chance.uniform(0.7, 1.3) * seconds - (time.monotonic() - began), 0.0))


def line(name: str, times: list[float]) -> None:
    if times:
        print(f"{name}: median {median(times):.2f} s, worst {max(times):.2f} s, of {len(times)}")


@contextlib.contextmanager
def server() -> Iterator[tuple[str, int]]:
    """A new server with an empty compilation cache: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as empty:
        environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": empty}
        command = [sys.executable, "app.py", "--port", port, "--no-browser"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            while not _healthy(address):
                if process.poll() is not None:
                    sys.exit("the server did not start")
                time.sleep(0.05)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(20)


def pss(process: int) -> int:
    """Bytes of memory of a process, shared pages in parts."""
    match = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    assert match is not None
    return 1024 * int(match[1])


def health(address: str) -> str:
    with urlopen(f"{address}/healthz", timeout=20) as answer:
        result = json.load(answer)
    return ", ".join(f"{name} {value}" for name, value in result.items() if name != "version")


if __name__ == "__main__":
    main()
