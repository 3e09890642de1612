"""`landscapes app`: the pages, served from this machine."""

from __future__ import annotations

import argparse

from landscapes.views import server


def parser() -> argparse.ArgumentParser:
    """The arguments of `landscapes app`."""
    return server.parser("landscapes app")


def run(options: argparse.Namespace) -> int:
    """Serves the pages until it is interrupted."""
    server.serve(server.application(), options)
    return 0
