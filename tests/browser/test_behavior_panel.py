"""What the model does follows the scrubber in the browser."""

import json

import pytest

pytestmark = pytest.mark.browser

SMALL = "?data=moons&moons.examples=60&model=mlp&mlp.width=6&mlp.depth=1&steps=40&eigenvalues=1&tolerance=0.1"
PANEL = "document.querySelector('.behavior')"


@pytest.fixture(scope="module")
def page(open_page, app_url):
    page = open_page(
        f"{app_url}/explore{SMALL}&optimizers=adam&optimizers=sgd&adam.learning_rate=0.1&behavior=true"
    )
    page.wait_for_selector(".behavior[data-path=adam]")
    page.wait_for_selector(".st-key-stage-picture .stage[data-drawn]")
    return page


def seek(page, step):
    page.locator(".st-key-stage-picture .stage-transport input").fill(str(step))
    page.wait_for_function(f"{PANEL}.dataset.step === '{step}'")
    colors = f"Array.from({PANEL}.querySelector('canvas').getContext('2d').getImageData(20, 20, 200, 200).data)"
    return page.locator(".behavior-words").inner_text(), page.evaluate(f"JSON.stringify({colors})")


def test_regions_change_with_the_scrubber(page):
    (first_words, first), (last_words, last) = seek(page, 0), seek(page, 40)
    assert "of 60 training examples are classified wrong" in first_words
    wrong = [int(words.split()[0]) for words in (first_words, last_words)]
    assert wrong[1] < wrong[0]
    changed = sum(a != b for a, b in zip(json.loads(first), json.loads(last), strict=True))
    assert changed > 5_000
    assert seek(page, 0)[1] == first


def test_another_path_shows_its_own_model(page):
    adam = seek(page, 40)
    page.locator(".behavior [data-path=sgd]").click()
    page.wait_for_function(f"{PANEL}.dataset.path === 'sgd'")
    assert seek(page, 40)[1] != adam[1]
    assert page.locator(".behavior-source").inner_text().startswith("sgd at step 40")
    assert "sgd at step 40" in page.locator(".behavior canvas").get_attribute("aria-label")
