"""A progress bar for long work that reports to no callback."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

DELAY_SECONDS = 1.0  # shorter work shows no bar
# The first report comes after compilation, whose time says nothing about the rest. The time left is estimated from
# the second report on, this long after the first.
MIN_ESTIMATE_SECONDS = 2.0
FORMAT = "{desc}: {percentage:3.0f}% |{bar:30}| {elapsed}{postfix}"
# Work within other work shows no bar of its own.
_is_within_work: ContextVar[bool] = ContextVar("is_within_work", default=False)


def run_with_progress(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], *, has_callback: bool
) -> Any:
    """The result of a function with an argument `progress`. A bar on the terminal takes the place of a missing
    callback and disappears at the end.

    Where standard error is neither a terminal nor a notebook, and in the app, the function runs without a bar.
    """
    token = _is_within_work.set(True)
    try:
        if has_callback or token.old_value is True or not is_visible():
            return function(*args, **kwargs)
        bar = _bar(function.__name__.replace("_", " "))

        first: list[tuple[float, float]] = []

        def report(fraction: float, *_: Any) -> None:
            now = time.monotonic()
            if not first:
                first.append((fraction, now))
            bar.set_postfix_str(remaining_time(*first[0], fraction, now), refresh=False)
            bar.update(fraction - bar.n)

        is_closed = True
        try:
            result = function(*args, **kwargs, progress=report)
            if isinstance(result, Iterator):
                is_closed = False
                return _until_closed(result, bar)
            return result
        finally:
            if is_closed:
                bar.close()
    finally:
        _is_within_work.reset(token)


def remaining_time(first_fraction: float, first_time: float, fraction: float, now: float) -> str:
    """The time left at the speed since the first report, such as "01:20 left"; "" while it is not known."""
    from tqdm import tqdm

    done, elapsed = fraction - first_fraction, now - first_time
    if done <= 0 or elapsed < MIN_ESTIMATE_SECONDS:
        return ""
    return f"{tqdm.format_interval((1 - fraction) * elapsed / done)} left"


def is_visible() -> bool:
    """Whether somebody can see standard error, and no page shows progress in another way."""
    if "streamlit" in sys.modules:
        return False
    return "ipykernel" in sys.modules or bool(getattr(sys.stderr, "isatty", lambda: False)())


def _bar(title: str) -> Any:
    from tqdm import tqdm

    return tqdm(total=1.0, desc=title, delay=DELAY_SECONDS, leave=False, file=sys.stderr, bar_format=FORMAT)


def _until_closed(results: Iterator[Any], bar: Any) -> Generator[Any]:
    """The results of an iterator, whose end closes the bar."""
    try:
        yield from results
    finally:
        bar.close()
