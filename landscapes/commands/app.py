"""`landscapes app [SOURCE …]`: the pages, served from this machine, with your own problems in the first place.

SOURCE is a Python file, `package.module:name`, or a file of saved results, which the page Open shows. A Python
file offers every `Problem` in it and every function whose result is annotated as one. It may have OPTIMIZERS,
{name: function of a learning rate and knobs}, OPENING, the settings with which its problems open, and CHECKPOINTS,
{name: directory of checkpoints or of a Recorder}. Only this command can load code: no address, upload or setting
can.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.views import server
from landscapes.views.pages import opened

PACKAGE = Path(server.__file__).parents[1]


def parser() -> argparse.ArgumentParser:
    """The arguments of `landscapes app`."""
    argument_parser = server.parser("landscapes app")
    argument_parser.formatter_class = argparse.RawDescriptionHelpFormatter
    argument_parser.description = __doc__
    argument_parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="a Python file with problems, package.module:name, or a file of saved results (.npz)",
    )
    return argument_parser


def run(options: argparse.Namespace) -> int:
    """Registers the problems and serves the pages until it is interrupted.

    Raises:
        ValueError: if a problem cannot be loaded.
    """
    files = [source for source in options.sources if source.endswith(".npz")]
    if len(files) > 1:
        raise ValueError(f"{' and '.join(files)} are two files of results; name one of them")
    for file in files:
        opened.start_with(file)
    names = [name for source in options.sources if source not in files for name in load(source)]
    if names:
        first = (catalog.opening_of(names[0]),)
        address = server.address_of(*first)
    else:
        first, address = server.FIRST, "/open" if files else ""
    server.serve(server.application(*first, address=address), options, address)
    return 0


def load(source: str) -> list[str]:
    """Registers the problems of a source and returns their names.

    Raises:
        ValueError: one sentence, if there is no such source, if it fails, or if it has no problem.
    """
    path, colon, attribute = source.partition(":")
    if source.endswith(".py"):
        module, attribute = _execute(Path(source)), ""
    elif colon:
        sys.path.insert(0, str(Path.cwd()))
        module = _watched(source, lambda: importlib.import_module(path))
    else:
        raise ValueError(f"{source!r} is neither a Python file nor package.module:name; give one of them")
    if attribute and not hasattr(module, attribute):
        raise ValueError(f"{path} has no {attribute!r}; give the name of a function that returns a Problem")
    makers = {attribute: getattr(module, attribute)} if attribute else _problems(module)
    if not makers:
        raise ValueError(f"{source} has no problem; give a function that returns one the annotation -> Problem")
    for name, optimizer in _mapping(module, "OPTIMIZERS").items():
        catalog.register_optimizer(name, optimizer)
    opening = _mapping(module, "OPENING")
    names = [_watched(source, lambda n=n, m=m: catalog.register(n, m, opening)) for n, m in makers.items()]
    folder = Path(module.__file__ or ".").parent
    for label, run in _mapping(module, "CHECKPOINTS").items():
        catalog.register_run(label, folder / run, names)
    return names


def _problems(module: ModuleType) -> dict[str, Any]:
    """The problems of a module, and the functions defined in it that return one, in their order."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and (isinstance(value, Problem) or _makes_problem(value, module))
    }


def _makes_problem(value: Any, module: ModuleType) -> bool:
    if not callable(value) or isinstance(value, type) or getattr(value, "__module__", "") != module.__name__:
        return False
    result = getattr(value, "__annotations__", {}).get("return")
    return result is Problem or (isinstance(result, str) and result.split(".")[-1] == "Problem")


def _execute(path: Path) -> ModuleType:
    if not path.is_file():
        raise ValueError(f"there is no file {path}; give the path of a Python file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    sys.path.insert(0, str(path.absolute().parent))  # its neighbours can be imported, as if it were run
    _watched(str(path), lambda: spec.loader.exec_module(module))  # type: ignore[union-attr]
    return module


def _watched(source: str, action: Callable[[], Any]) -> Any:
    """The result of running the user's code.

    Raises:
        ValueError: with the place and the text of whatever it raises.
    """
    try:
        return action()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        stem = Path(source.partition(":")[0].split(".")[-1] if ":" in source else source).stem
        outside = [frame for frame in frames if PACKAGE not in Path(frame.filename).parents]
        user_frames = [frame for frame in outside if Path(frame.filename).stem == stem]
        if isinstance(error, ValueError) and not user_frames:
            raise  # a sentence of this package
        location = f"{source}, line {user_frames[-1].lineno}" if user_frames else source
        message = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"{location}: {message}") from error


def _mapping(module: ModuleType, name: str) -> Mapping[str, Any]:
    value = getattr(module, name, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} of {module.__name__} is a {type(value).__name__}; give a dict")
    return value
