"""The server of the pages in landscapes/views.

`app` is an ASGI application. These commands start it: `python app.py [--port 8501] [--host 127.0.0.1]`,
`streamlit run app.py`, which looks for a call of `st.App` in this file, and `uvicorn app:app`.
"""

import streamlit as st

from landscapes.views.server import MIDDLEWARE, PAGES, ROUTES, lifespan, parser, serve

app = st.App(PAGES, lifespan=lifespan, routes=ROUTES, middleware=MIDDLEWARE)

if __name__ == "__main__":
    serve(app, parser("app.py").parse_args())
