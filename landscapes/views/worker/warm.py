"""The first page's picture, computed before the first viewer comes."""

from __future__ import annotations

import gc
import threading

from landscapes.evaluation.compilation import keep_compiled
from landscapes.recipes.recipe import Recipe
from landscapes.views.pages.pictures import request
from landscapes.views.worker.jobs import SERVICE

SESSION = "warm start"


def start(first: Recipe) -> threading.Thread:
    """Start to compute the first page's picture in the worker and return the thread that waits for it."""
    keep_compiled()
    job = request(SESSION, first)

    def wait_and_freeze() -> None:
        job.wait()
        SERVICE.release(SESSION)
        # The objects of the imported libraries live as long as the process. Freezing them spares every full
        # garbage collection about 60 ms, in which no thread runs.
        gc.collect()
        gc.freeze()

    thread = threading.Thread(target=wait_and_freeze, name="warm start", daemon=True)
    thread.start()
    return thread
