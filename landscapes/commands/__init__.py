"""The command `landscapes`. Each file here is one of its commands, imported when it is run.

A file has `parser()`, the parser of its arguments, and `run(options)`, which returns the exit
code: 0, 2 for a wrong input, 130 when interrupted. A wrong input prints one sentence to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import landscapes

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "app": "start the pages, with your own problems if you name them",
    "list": "list what a picture can be made of, with every knob, range and default",
    "render": "compute a picture from its recipe and write it, or the data behind it, to files",
    "warm": "compile beforehand what pictures need, so that no viewer waits for it",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `landscapes COMMAND …` and returns the exit code."""
    table = "\n".join(f"  {name:8} {summary}" for name, summary in COMMANDS.items())
    parser = argparse.ArgumentParser(
        "landscapes",
        description="A laboratory for training objectives: loss surfaces, curvature and optimizer paths.",
        epilog=f"commands:\n{table}\n\n`landscapes COMMAND --help` lists the arguments of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"landscapes {landscapes.__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    options = parser.parse_args(arguments)
    try:
        command = import_module(f"{__name__}.{options.command}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("landscapes"):
            raise
        sentence = f"`landscapes {options.command}` needs the package {error.name}, which is not installed"
        return _fail(f'{sentence}; `pip install "landscapes[{options.command}]"` brings it', 2)
    try:
        return command.run(command.parser().parse_args(options.arguments))
    except ValueError as error:
        return _fail(str(error), 2)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 2)
    except KeyboardInterrupt:
        return _fail("stopped", 130)


def _fail(sentence: str, code: int) -> int:
    print(f"landscapes: {sentence}", file=sys.stderr)
    return code
