"""What a test reads and does on the page of the demonstration stage."""

from playwright.sync_api import Page

PLOT = "document.querySelector('.stage').stage.plot"


def state(page: Page, expression: str):
    """A JavaScript expression in terms of `root` and `plot`, the first stage's."""
    script = f"(() => {{ const root = document.querySelector('.stage'), plot = {PLOT}; return {expression} }})()"
    return page.evaluate(script)


def until(page: Page, expression: str) -> None:
    """Waits for the first stage, which is mounted a moment after its element, and for what it must fulfil."""
    page.wait_for_function(
        "(() => { const root = document.querySelector('.stage'); if (!root?.stage) return false;"
        f"const plot = {PLOT}; return {expression} }})()"
    )


def runs(page: Page) -> str:
    return page.get_by_text("runs ").inner_text()


def choose(page: Page, name: str) -> None:
    """Clicks on a control of the page, and waits for the end of the run that this causes."""
    count = runs(page).split(" pick")[0]
    page.get_by_text(name, exact=True).click()
    page.wait_for_function(f"!document.body.innerText.includes('{count} pick')")


def show(page: Page, name: str) -> None:
    """Chooses 3-D, contour or line, and waits for the picture."""
    kind = {"3-D": "surface"}.get(name, name)
    if state(page, "plot.layout.meta.kind") != kind:
        choose(page, name)
        until(page, f"plot.layout.meta.kind === '{kind}' && !root.stage.drawing")
