"""What is done once, before the first viewer comes."""

from __future__ import annotations

import gc
import threading

from landscapes.evaluation.compilation import keep_compiled
from landscapes.recipes.recipe import Recipe
from landscapes.views.pages.pictures import request
from landscapes.views.worker.jobs import SERVICE

SESSION = "warm start"


def start() -> threading.Thread:
    """Compute the first page's picture in the worker, so that it is there when somebody asks. Returns at
    once, with the thread that waits for it."""
    keep_compiled()
    job = request(SESSION, Recipe())

    def center_problem() -> None:
        job.wait()
        SERVICE.release(SESSION)
        # What is alive now stays, so that no collection need look at it: with JAX loaded that takes some 60 ms, in
        # which no thread goes on.
        gc.collect()
        gc.freeze()

    thread = threading.Thread(target=center_problem, name="warm start", daemon=True)
    thread.start()
    return thread
