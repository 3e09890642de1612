"""Directories of checkpoints: one file of `.npz` or `.safetensors`, or one Orbax directory, for each step."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from landscapes.arguments import describe_value
from landscapes.array_files import WRITING_SUFFIX, read_array, read_arrays, write_arrays
from landscapes.optimization.checkpoints import Checkpoints, checkpoints_in_memory, named_leaves

METADATA_PREFIX = "landscapes:"
"""Before the names of what an .npz holds beside the parameters."""
LOSS_NAME = f"{METADATA_PREFIX}loss"
_READ_ERRORS = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)


class CheckpointSeries(NamedTuple):
    """Checkpoints, their steps, and the loss at each step where it was recorded (NaN where not); None without."""

    checkpoints: Checkpoints
    steps: list[int]
    loss: np.ndarray | None


def open_checkpoints(source: Any) -> CheckpointSeries:
    """The checkpoints of a directory, a sequence of pytrees, or an iterator of pytrees. The items of an iterator
    are written to a temporary directory, which is removed when nothing refers to them.

    Raises:
        ValueError: for anything else, no checkpoints, or a directory that cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        return open_directory(Path(source))
    is_sequence = hasattr(source, "__len__") and hasattr(source, "__getitem__")
    if isinstance(source, Mapping) or not (is_sequence or isinstance(source, Iterable)):
        raise ValueError(
            f"checkpoints = {describe_value(source)} is not valid; give a list of pytrees, an iterator of "
            "them, or a directory"
        )
    trees: Any = source
    checkpoints = checkpoints_in_memory(trees) if is_sequence else _written_to_disk(trees)
    if not len(checkpoints):
        raise ValueError("there are no checkpoints; give at least one")
    return CheckpointSeries(checkpoints, list(range(len(checkpoints))), None)


def open_directory(directory: Path) -> CheckpointSeries:
    """The checkpoints of a directory, sorted by the last number in their names.

    Raises:
        ValueError: if there are none, if they have several formats, if a name has no number or two have the same,
            or if one is incomplete.
    """
    if not directory.is_dir():
        raise ValueError(f"there is no directory {str(directory)!r}; give one that holds checkpoints")
    paths = checkpoint_paths(directory)
    if not paths:
        raise ValueError(
            f"the directory {str(directory)!r} holds no checkpoints; give one with .npz, .safetensors or Orbax"
        )
    # Absolute, because the working directory may change before they are read.
    files = [_File(path.absolute(), _format_of(path), _signature(path)) for path in paths.values()]
    loss = np.array([np.nan if value is None else value for value in (file.loss() for file in files)])
    checkpoints = Checkpoints(tuple(file.path.name for file in files), lambda index: files[index].read())
    return CheckpointSeries(checkpoints, list(paths), None if np.all(np.isnan(loss)) else loss)


def checkpoint_paths(directory: Path) -> dict[int, Path]:
    """The checkpoints of a directory by step, in order. What is still being written is left out.

    Raises:
        ValueError: if they have several formats, if a name has no number, or two have the same.
    """
    paths = [path for path in sorted(directory.iterdir()) if _format_of(path)]
    kinds = sorted({_format_of(path) for path in paths})
    if len(kinds) > 1:
        raise ValueError(
            f"the directory {str(directory)!r} holds checkpoints of several formats, {' and '.join(kinds)}; "
            "keep one format"
        )
    by_step: dict[int, Path] = {}
    for path in paths:
        if (step := step_of(path)) in by_step:
            names = f"{by_step[step].name} and {path.name}"
            raise ValueError(f"{names} both have the number {step}; keep one file for each step")
        by_step[step] = path
    return dict(sorted(by_step.items()))


def read_checkpoint(path: Path) -> dict[str, np.ndarray]:
    """The arrays of one checkpoint by the names of their leaves.

    Raises:
        ValueError: if it cannot be read.
    """
    return _File(path, _format_of(path), _signature(path)).read()


def step_of(path: Path) -> int:
    """The last number in the name of a checkpoint.

    Raises:
        ValueError: if there is none.
    """
    if numbers := re.findall(r"\d+", path.stem if path.is_file() else path.name):
        return int(numbers[-1])
    raise ValueError(f"{path.name} has no number in its name, by which checkpoints are sorted; rename or move it")


@dataclass(frozen=True)
class _File:
    """A checkpoint on disk, with its size and time of writing when the directory was opened."""

    path: Path
    kind: str
    signature: tuple[Any, ...]

    def read(self) -> dict[str, np.ndarray]:
        arrays = self._attempt(_READERS[self.kind])
        self._check_unchanged()
        return {name: array for name, array in arrays.items() if not name.startswith(METADATA_PREFIX)}

    def loss(self) -> float | None:
        """The recorded loss. The file's index is read, so that an incomplete file is refused at once."""
        return self._attempt(_LOSS_READERS[self.kind])

    def _attempt(self, reader: Callable[[Path], Any]) -> Any:
        self._check_unchanged()
        try:
            return reader(self.path)
        except ImportError as error:
            raise ValueError(f"{self.path.name} needs another package ({error}); install it with pip") from error
        except _READ_ERRORS as error:
            self._check_unchanged()
            if "allow_pickle" in str(error):
                raise ValueError(
                    f"{self.path.name} holds pickled Python objects, which could run code and are not loaded; "
                    "save arrays alone"
                ) from error
            reason = (str(error) or repr(error)).splitlines()[0]
            raise ValueError(
                f"{self.path.name} cannot be read ({reason}); it is incomplete or damaged, so write it again or "
                "remove it"
            ) from error

    def _check_unchanged(self) -> None:
        if _signature(self.path) != self.signature:
            raise ValueError(
                f"{self.path.name} has changed since its directory was opened; open it again with Trajectory.of"
            )


def _format_of(path: Path) -> str:
    """ ".npz", ".safetensors" or "Orbax"; "" for what is no checkpoint, or is still being written."""
    if path.name.startswith(".") or WRITING_SUFFIX in path.name or "-tmp-" in path.name:
        return ""
    if path.is_dir():
        return "Orbax" if _orbax_item(path) or (path / "_CHECKPOINT_METADATA").exists() else ""
    return path.suffix if path.suffix in (".npz", ".safetensors") else ""


def _orbax_item(path: Path) -> Path | None:
    """The directory of the parameters within an Orbax checkpoint: itself, or its item of that name."""
    places = [path, path / "params", path / "default"]
    return next((place for place in places if (place / "_METADATA").is_file()), None)


def _signature(path: Path) -> tuple[Any, ...]:
    item = _orbax_item(path) if path.is_dir() else None
    try:
        stats = [each.stat() for each in (path, *([item / "_METADATA"] if item else []))]
    except OSError:
        return ()
    return tuple((stat.st_size, stat.st_mtime_ns, stat.st_ino) for stat in stats)


def _npz_loss(path: Path) -> float | None:
    loss = read_array(path, LOSS_NAME)
    return None if loss is None else float(loss)


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _check_safetensors(path: Path) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            return
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _read_orbax(path: Path) -> dict[str, np.ndarray]:
    import orbax.checkpoint as ocp

    item: Any = _orbax_item(path) or path
    handler = ocp.PyTreeCheckpointHandler()
    tree = handler.metadata(item).tree
    arguments = jax.tree.map(
        lambda _: ocp.RestoreArgs(restore_type=np.ndarray), tree, is_leaf=lambda leaf: hasattr(leaf, "shape")
    )
    return named_leaves(handler.restore(item, args=ocp.args.PyTreeRestore(restore_args=arguments)), path.name)


def _check_orbax(path: Path) -> None:
    if _orbax_item(path) is None:
        raise ValueError("there is no item params or default")


_READERS: dict[str, Callable[[Path], dict[str, np.ndarray]]] = {
    ".npz": read_arrays,
    ".safetensors": _read_safetensors,
    "Orbax": _read_orbax,
}
_LOSS_READERS: dict[str, Callable[[Path], float | None]] = {
    ".npz": _npz_loss,
    ".safetensors": _check_safetensors,
    "Orbax": _check_orbax,
}


def _written_to_disk(trees: Iterable[Any]) -> Checkpoints:
    """The items of an iterator in a temporary directory."""
    directory = Path(tempfile.mkdtemp(prefix="landscapes-"))
    count = 0
    try:
        for count, tree in enumerate(trees, 1):
            write_arrays(directory / f"{count - 1}.npz", named_leaves(tree, f"checkpoint {count - 1}"))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    names = tuple(f"checkpoint {index}" for index in range(count))
    checkpoints = Checkpoints(names, lambda index: read_arrays(directory / f"{index}.npz"))
    weakref.finalize(checkpoints, shutil.rmtree, directory, ignore_errors=True)
    return checkpoints
