"""The first pictures, computed before the first viewer comes."""

from __future__ import annotations

import gc
import os
import threading

from landscapes.evaluation.compilation import keep_compiled
from landscapes.recipes.recipe import Recipe
from landscapes.views.pages.pictures import request
from landscapes.views.worker.idle_work import IDLE_WORK
from landscapes.views.worker.jobs import SERVICE

SESSION = "warm start"
VARIABLE = "LANDSCAPES_COMPUTE_AHEAD"  # "off" leaves an idle processor idle


def start(*first: Recipe) -> threading.Thread:
    """Start to compute these pictures in the worker, in this order, and return the thread that waits for them.
    Then the worker computes ahead while it is idle, unless `LANDSCAPES_COMPUTE_AHEAD` is "off"."""
    keep_compiled()
    jobs = [request(SESSION, recipe, slot=f"picture {k}") for k, recipe in enumerate(first)]

    def wait_and_freeze() -> None:
        for job in jobs:
            job.wait()
        for k in range(len(jobs)):  # the results stay for the first viewer
            SERVICE.cancel_slot(SESSION, f"picture {k}")
        # The objects of the imported libraries live as long as the process. Freezing them spares every full
        # garbage collection about 60 ms, in which no thread runs.
        gc.collect()
        gc.freeze()
        if os.environ.get(VARIABLE) != "off":
            IDLE_WORK.start()

    thread = threading.Thread(target=wait_and_freeze, name="warm start", daemon=True)
    thread.start()
    return thread
