"""The route by which a progress bar follows computations without a run of its page.

A run of a page takes a hundred times the processor time of an answer here. The bar asks again and again; an answer
waits until there is a new result to draw, and then the bar asks for one run of its part of the page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from landscapes.views.worker.job import Job
from landscapes.views.worker.jobs import SERVICE

NAME = "progress.json"
CHECK_SECONDS = 0.05
"""Seconds between two looks at the jobs while an answer waits."""
HOLD_SECONDS = 0.4
"""Seconds that an answer waits for news. Without any it has the progress alone."""
HOLD_SECONDS_EACH = 0.03
"""The same for each computation that runs or waits: an answer takes a millisecond of a processor."""


def url(jobs: Sequence[Job]) -> str:
    """The path on this server that answers once these jobs have something that their page does not show yet."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    query = urlencode({"jobs": ".".join(job.id for job in jobs), "seen": seen(jobs)})
    return f"{'/' + base if base else ''}/{NAME}?{query}"


def news_route() -> Route:
    """The route for `st.App(routes=[news_route()])`, under any base path."""
    return Route(f"/{{base:path}}{NAME}", _answer)


def seen(jobs: Sequence[Job]) -> str:
    """A text that changes when a job has a new result or ends."""
    return ".".join(f"{job.id}-{job.version}-{int(job.active)}" for job in jobs)


def note(jobs: Sequence[Job]) -> str:
    """What the first active job does, or its place in the queue; "" if none is active."""
    job = next((job for job in jobs if job.active), None)
    if job is None:
        return ""
    if place := job.position:
        return f"Waiting, place {place} in the queue: {job.label}"
    return f"Computing: {job.label} … {job.note}"


def fraction(jobs: Sequence[Job]) -> float:
    """How much of the first active job is done, 0 to 1."""
    return next((min(max(job.fraction, 0.0), 1.0) for job in jobs if job.active), 1.0)


async def _answer(request: Request) -> JSONResponse:
    names = request.query_params.get("jobs", "").split(".")
    known = request.query_params.get("seen", "")
    end = time.monotonic() + max(HOLD_SECONDS, HOLD_SECONDS_EACH * (SERVICE.running + SERVICE.waiting))
    while seen(jobs := SERVICE.jobs(names)) == known and time.monotonic() < end:
        await asyncio.sleep(CHECK_SECONDS)
    news = {"fraction": fraction(jobs), "note": note(jobs), "isNew": seen(jobs) != known}
    return JSONResponse(news, headers={"Cache-Control": "no-store"})
