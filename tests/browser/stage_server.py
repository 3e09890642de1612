"""Serves stage_demo.py: `python -m tests.browser.stage_server PORT [BASE_PATH]`."""

import sys
from pathlib import Path

import streamlit as st
from streamlit import config

from landscapes.views.stage.plotly_route import plotly_route

if __name__ == "__main__":
    port, base = int(sys.argv[1]), "".join(sys.argv[2:])
    config.set_option("server.baseUrlPath", base)
    app = st.App(Path(__file__).with_name("stage_demo.py"), routes=[plotly_route()])
    app.run(
        config={
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": True,
            "server.baseUrlPath": base,
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": False,
        }
    )
