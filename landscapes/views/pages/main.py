"""The script of the app: the pages and the navigation between them."""

from functools import partial
from pathlib import Path

import streamlit as st

from landscapes.views.controls import browser_history, tab, widgets
from landscapes.views.pages import compare, curvature, explore, gallery, opened

# A local file, because Streamlit fetches its own icons from a server that may be out of reach.
ICON = Path(__file__).with_name("icon.svg")
LOGO = ICON.with_name("logo.svg")

st.set_page_config(page_title="Landscapes", page_icon=ICON, layout="wide", initial_sidebar_state=300)
st.logo(LOGO, size="large", icon_image=ICON)
tab.session()

EXPLORE = st.Page(explore.page, title="Explore", default=True)
CURVATURE = st.Page(curvature.page, title="Curvature", url_path="curvature")
COMPARE = st.Page(compare.page, title="Compare", url_path="compare")
OPEN = st.Page(opened.page, title="Open", url_path="open")
GALLERY = st.Page(partial(gallery.page, EXPLORE), title="Gallery", url_path="gallery")


def open_explore() -> None:
    """Open the page Explore with the query of this address. Streamlit serves the default page only at the root."""
    st.switch_page(EXPLORE, query_params=browser_history.current())


ALIAS = st.Page(open_explore, title="Landscapes", url_path="explore", visibility="hidden")

st.html(ICON.with_name("page.css"))
page = st.navigation([EXPLORE, CURVATURE, COMPARE, OPEN, GALLERY, ALIAS], position="top")
if page is ALIAS:
    page.run()
widgets.enter_page(page.url_path)
if page is not GALLERY:
    # The other pages show no heading, because the navigation has their names.
    st.html(f'<h1 class="unseen">{page.title}</h1>')
page.run()
