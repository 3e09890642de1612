"""The data that the stage sends to the browser."""

import json

import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

from landscapes.views.stage.plotly_route import plotly_url


def script(z: float, status: str) -> None:
    import plotly.graph_objects as go

    from landscapes.views.stage import stage

    stage(go.Figure(go.Surface(z=[[z, 1], [2, 3]])), key="picture", status=status, height=400, pick=True)


def sent(z: float = 0.0, status: str = "") -> tuple[dict, go.Figure]:
    page = AppTest.from_function(script, kwargs={"z": z, "status": status}).run()
    assert not page.exception
    header, figure = page.get("bidi_component")[0].proto.bytes.split(b"\n")
    return json.loads(header), go.Figure(json.loads(figure))


def test_a_stage_sends_its_settings_and_a_plain_figure():
    options, figure = sent(z=7.0)
    assert (options["name"], options["height"], options["pick"]) == ("picture", "400px", True)
    assert options["plotly"] == plotly_url()
    assert figure.to_plotly_json()["data"][0]["z"][0][0] == 7


def test_the_id_depends_only_on_the_figure():
    (before, _), (busy, _), (other, _) = sent(), sent(status="refining"), sent(z=1.0)
    assert before["id"] == busy["id"] != other["id"]
    assert busy["status"] == "refining"
