"""The route of the server's health: counts and bytes as JSON, for health checks and for its operator.

The answer contains nothing about the content of computations.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import runtime

from landscapes import __version__
from landscapes.views.worker.jobs import SERVICE, Service
from landscapes.views.worker.memory import compiled_programs, resident_bytes

NAME = "healthz"


def health_route() -> Route:
    """The route for `st.App(routes=[health_route()])`, under any base path."""
    return Route(f"/{{base:path}}{NAME}", _health)


def health(service: Service) -> dict[str, str | int]:
    """Counts and bytes: open sessions, running and waiting computations, kept results, compiled programs (XLA
    does not report their bytes), and the memory of the process, which Linux reports."""
    report: dict[str, str | int] = {
        "version": __version__,
        "sessions": _sessions(),
        "running": service.running,
        "waiting": service.waiting,
        "results": len(service.cache),
        "result_bytes": service.cache.used,
        "programs": compiled_programs(),
    }
    if (resident := resident_bytes()) is not None:
        report["resident_bytes"] = resident
    return report


def _sessions() -> int:
    """Sessions with an open connection."""
    return runtime.get_instance()._session_mgr.num_active_sessions() if runtime.exists() else 0


def _health(request: Request) -> JSONResponse:
    return JSONResponse(health(SERVICE), headers={"Cache-Control": "no-store"})
