"""A table of the viewer's own, from its upload to its picture and to the address in another browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_app import STAGE, complete
from tests.tables.files import csv_of

pytestmark = pytest.mark.browser

SPECIES = csv_of(["length", "width", "species"], [(k % 9, k % 5 + k / 7, "abc"[k % 3]) for k in range(45)])
SMALL = "?data=iris&model=softmax&optimizers=sgd&steps=5&eigenvalues=1&tolerance=0.1"


def _upload(page, name: str) -> None:
    page.get_by_text("Your own table", exact=True).click()
    file = {"name": name, "mimeType": "text/csv", "buffer": SPECIES}
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_selector("text=2 inputs after encoding")
    page.get_by_text("Your own table", exact=True).click()


def test_an_uploaded_table_is_drawn_and_its_address_asks_for_it_elsewhere(open_page, app_url):
    page = open_page(f"{app_url}/{SMALL}")
    _upload(page, "species.csv")
    page.wait_for_url("**table-classes.target=3**")
    page.wait_for_selector("text=data: species.csv, 36 training examples")
    complete(page)
    elsewhere = open_page(page.url, scheme="dark")
    elsewhere.wait_for_selector("text=Upload the table species.csv (45 rows, 3 columns, hash")
    assert not elsewhere.locator(STAGE).count()
    _upload(elsewhere, "renamed.csv")
    complete(elsewhere)
    assert elsewhere.url == page.url
    captions = [each.get_by_text("data: species.csv").first.inner_text() for each in (page, elsewhere)]
    assert captions[0] == captions[1]


def test_a_table_that_is_still_loading_survives_that_its_place_is_closed(open_page, app_url):
    """As a slow connection does, the answer to the upload waits until the expander is closed."""
    page = open_page(f"{app_url}/{SMALL}")
    waiting = []

    def hold(route):
        waiting.append(route)

    page.route("**/_stcore/upload_file/**", hold)
    own_table = page.get_by_text("Your own table", exact=True)
    own_table.click()
    file = {"name": "late.csv", "mimeType": "text/csv", "buffer": SPECIES}
    with page.expect_request("**/_stcore/upload_file/**"):
        page.locator("input[type=file]").set_input_files(file)
    own_table.click()
    expect(page.locator("input[type=file]")).not_to_be_visible()
    (route,) = waiting
    route.continue_()
    page.wait_for_url("**table-classes.target=3**")
