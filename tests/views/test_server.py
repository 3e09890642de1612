"""The address of a server and its first page."""

import pytest

from landscapes import Choice, Recipe
from landscapes.views import server


def test_arguments_have_the_defaults_that_they_state():
    options = server.parser("landscapes").parse_args(["--no-browser"])
    assert (options.port, options.host, options.browser) == (8501, "127.0.0.1", False)
    assert server.parser("landscapes").parse_args(["--port", "9000", "--browser"]).browser


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", "localhost"), ("127.0.0.1", "localhost"), (None, "localhost"), ("my.host", "my.host")],
)
def test_a_browser_finds_this_machine_by_its_name(host, shown):
    assert server._browser_host(host) == shown


def test_first_page_is_the_one_that_was_asked_for():
    assert server.address_of(Recipe()) == "/explore"
    query = server.address_of(Recipe(objective=Choice.of("rosenbrock", b=7.5)))
    assert query.startswith("/explore?")
    assert "objective=rosenbrock" in query
    assert "rosenbrock.b=7.5" in query


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_port_that_does_not_exist_gets_a_sentence(port):
    assert server._bind_error("127.0.0.1", port).startswith(f"Port {port} does not exist; choose one from 1024")
