"""A table of the viewer's own on the page: its upload, settings and address, and the answer to a wrong file."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.tables import STORE, read_table
from landscapes.views.worker.jobs import SERVICE
from tests.tables.files import csv_of
from tests.views.pages import SMALL, open_page, settle, stages, warnings

SPECIES = csv_of(["length", "width", "species"], [(k % 9, k % 5 + k / 7, "abc"[k % 3]) for k in range(45)])
PRICES = csv_of(["size", "city", "price"], [(k % 9, "xyz"[k % 3], k / 7) for k in range(40)])
SESSION = "test session id"  # AppTest's


@pytest.fixture(autouse=True)
def _release() -> Iterator[None]:
    yield
    STORE.release(SESSION)


def _upload(page: AppTest, name: str, content: bytes, *, complete: bool = True) -> AppTest:
    page.sidebar.file_uploader[0].upload(name, content, "text/csv")
    page.run()
    return settle(page) if complete else page


def _address(page: AppTest) -> str:
    return urlencode(dict(page.query_params), doseq=True)


def test_an_uploaded_table_is_the_data_of_the_picture():
    page = _upload(open_page(SMALL), "/tmp/../![](x).csv", SPECIES)
    assert not warnings(page)
    assert page.sidebar.selectbox(key="data").value == "table-classes"
    assert page.sidebar.selectbox(key="objective").value == "cross-entropy"
    assert page.query_params["table-classes.table"].endswith(".45x3.___(x).csv")
    head, types = (frame.value for frame in page.dataframe)
    assert list(head.columns) == ["length", "width", "species"]
    assert types.values.tolist() == [
        ["length", "number", 0, "input"],
        ["width", "number", 0, "input"],
        ["species", "category", 0, "target"],
    ]
    assert any("___(x).csv, 36 training examples" in caption.value for caption in page.caption)
    assert len(stages(page)) == 2
    assert [uploader.value for uploader in page.sidebar.file_uploader] == [None]  # Streamlit holds no copy


@pytest.mark.usefixtures("without_pictures")
def test_a_table_of_numbers_brings_its_objective_and_undo_takes_it_back():
    page = open_page(SMALL, complete=False)
    before = dict(page.query_params)
    _upload(page, "prices.csv", PRICES, complete=False)
    assert page.sidebar.selectbox(key="objective").value == "squared-error"
    assert any("Objective changed to Squared error, which fits the data." in m.value for m in page.markdown)
    next(button for button in page.button if button.label == "Undo").click()
    page.run()
    assert dict(page.query_params) == before


@pytest.mark.usefixtures("without_pictures")
def test_the_settings_of_a_table_are_in_the_address():
    page = open_page(SMALL, complete=False)
    _upload(page, "prices.csv", PRICES, complete=False)
    assert page.query_params["table-values.target"] == "3"
    page.sidebar.selectbox(key="table-values.target").set_value(1)
    page.sidebar.selectbox(key="table-values.standardize").set_value("inputs")
    page.sidebar.number_input(key="table-values.split_seed").set_value(8)
    page.sidebar.multiselect(key="table-values leave_out columns").set_value([2])
    page.run()
    settings = {key.partition(".")[2]: value for key, value in page.query_params.items() if "table-" in key}
    del settings["table"]
    assert settings == {"standardize": "inputs", "split_seed": "8", "leave_out": "2"}  # column 1 is the default
    page.sidebar.multiselect(key="table-values leave_out columns").set_value([2, 3])
    page.run()
    assert any("has no column left as an input; leave out less" in text for text in warnings(page))
    # Another table has other columns: what is about columns starts anew, and the rest is kept.
    page.sidebar.multiselect(key="table-values as_categories columns").set_value([3])
    page.run()
    _upload(page, "others.csv", PRICES.replace(b"x", b"w"), complete=False)
    knobs = {key.partition(".")[2]: value for key, value in page.query_params.items() if "table-values" in key}
    assert knobs.pop("table").endswith("others.csv")
    assert knobs == {"standardize": "inputs", "split_seed": "8", "target": "3"}


def test_an_address_opened_elsewhere_names_the_table_to_upload():
    page = _upload(open_page(SMALL), "species.csv", SPECIES)
    address, picture = _address(page), stages(page)
    assert STORE.release(SESSION)
    SERVICE.cache.clear()
    page = open_page(address)
    digest = read_table(SPECIES).digest[:8]
    assert warnings(page) == [
        f"Upload the table species.csv (45 rows, 3 columns, hash {digest}) under Your own table in the sidebar; "
        "all settings are kept."
    ]
    assert _address(page) == address
    assert not stages(page)
    _upload(page, "renamed.csv", SPECIES)
    assert not warnings(page)
    assert _address(page) == address
    assert stages(page) == picture


def test_a_table_of_another_viewer_is_not_shown():
    table = read_table(SPECIES, "species.csv")
    STORE.add("another viewer", table)
    data = Choice.of("table-classes", table=str(table.reference), target=3)
    page = open_page(f"{SMALL}&data=table-classes&{urlencode({f'table-classes.{k}': v for k, v in data.knobs})}")
    assert len(warnings(page)) == 1
    assert not stages(page)
    assert not page.dataframe
    assert STORE.release("another viewer") == [table.digest]


def _figures(page) -> list[str]:
    """What the stages draw, without their options: a link to a table that is not in the address says so."""
    return [text.partition("\n")[2] for text in stages(page)]


def test_a_small_table_travels_in_the_address():
    page = _upload(open_page(SMALL), "species.csv", SPECIES)
    figures = _figures(page)
    page.sidebar.toggle(key="table-classes in address").set_value(True)
    settle(page.run())
    address = _address(page)
    assert STORE.release(SESSION)
    SERVICE.cache.clear()
    page = open_page(address)
    assert not warnings(page)
    assert _address(page) == address
    assert _figures(page) == figures
    page.sidebar.toggle(key="table-classes in address").set_value(False)
    settle(page.run())
    assert "table-classes.packed" not in page.query_params
    assert not warnings(page)
    damaged = address.replace("packed=eN", "packed=eM")
    assert damaged != address
    assert STORE.release(SESSION)
    page = open_page(damaged)
    assert any("The table in the address is damaged; upload species.csv" in text for text in warnings(page))


def test_a_wrong_file_gets_one_sentence_and_nothing_is_lost():
    page = open_page(SMALL)
    before, picture = _address(page), stages(page)
    _upload(page, "broken.csv", b"a,b\n1,2,3\n")
    assert warnings(page) == [
        "Broken.csv has 3 values in line 2 and 2 in its first line; give every line as many values."
    ]
    assert (_address(page), stages(page)) == (before, picture)
    _upload(page, "species.csv", SPECIES, complete=False)
    assert not warnings(page)


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("query", ["", "section=critical&critical.search=space"])
def test_other_pages_show_the_sentence_too(query):
    data = Choice.of("table-classes", table=str(read_table(SPECIES, "species.csv").reference), target=3)
    settings = urlencode({f"table-classes.{k}": v for k, v in data.knobs})
    page = open_page(f"{SMALL}&data=table-classes&{settings}&{query}", complete=False)
    pages = page._registered_pages.values()
    page._page_hash = next(each["page_script_hash"] for each in pages if each.get("url_pathname") == "curvature")
    page.run()
    assert not page.exception
    assert any("Upload the table species.csv" in text for text in warnings(page))


def test_results_on_a_table_are_gone_with_the_tab():
    page = _upload(open_page(SMALL), "species.csv", SPECIES)
    digest = read_table(SPECIES).digest
    assert any(digest in key for key in SERVICE.cache)
    others = [key for key in SERVICE.cache if digest not in key]
    SERVICE._release(SESSION, lambda: STORE.release(SESSION))
    assert list(SERVICE.cache) == others
    assert not page.exception


@pytest.mark.usefixtures("without_pictures")
def test_lists_offer_tables_once_there_is_one():
    page = open_page(SMALL, complete=False)
    assert not {"Your table (classes)", "Your table (values)"} & set(page.sidebar.selectbox(key="data").options)
    _upload(page, "species.csv", SPECIES, complete=False)
    assert "Your table (classes)" in page.sidebar.selectbox(key="data").options
    page.sidebar.selectbox(key="data").set_value("iris")
    page.run()
    page.sidebar.selectbox(key="data").set_value("table-classes")
    page.run()
    assert page.query_params["table-classes.target"] == "3"
    assert not warnings(page)
    assert catalog.tables_for("cross-entropy") == ["table-classes"]
