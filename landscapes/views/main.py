"""The pages and the way between them."""

from functools import partial

import streamlit as st

from landscapes.views import controls, curvature, explore, gallery, tab

st.set_page_config(
    page_title="Landscapes", page_icon=":material/landscape:", layout="wide", initial_sidebar_state=300
)
tab.session()

EXPLORE = st.Page(explore.page, title="Explore", url_path="explore", default=True)
CURVATURE = st.Page(curvature.page, title="Curvature", url_path="curvature")
GALLERY = st.Page(partial(gallery.page, EXPLORE), title="Gallery", url_path="gallery")

page = st.navigation([EXPLORE, CURVATURE, GALLERY], position="top")
controls.arrive(page.url_path)
page.run()
