"""The true and the learned reward against √KL from the reference policy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.palette import GREY, Theme, size, styles, template
from landscapes.tradeoffs.reward_against_kl import FORMULAS, RewardCurve

BEST_OF_N = "best of n"
FIT_POINTS = 200  # of a drawn fit


@check_arguments
def overoptimization(
    curves: Mapping[str, RewardCurve], *, theme: Theme = "light", presenter: bool = False
) -> go.Figure:
    """Each curve's true reward as a line, the fitted form dashed, and the learned reward, if there is one, dotted.

    Args:
        curves: by the label of the optimizer; "best of n" is drawn with markers.
    """
    looks = styles([label for label in curves if label != BEST_OF_N])
    width = 4 if presenter else 2.5
    traces: list[go.Scatter] = []
    for label, curve in curves.items():
        color = GREY if label == BEST_OF_N else looks[label].color
        shared = {"legendgroup": label, "line": {"color": color, "width": width}}
        traces.append(
            go.Scatter(
                x=curve.distance,
                y=curve.truth,
                name=f"{label}: true reward",
                mode="lines+markers" if label == BEST_OF_N else "lines",
                marker={"color": color, "size": size(presenter) / 2},
                hovertemplate=f"<b>{label}</b><br>√KL %{{x:.3g}}<br>true reward %{{y:.4g}}<extra></extra>",
                meta={"role": "truth", "label": label},
                **shared,
            )
        )
        if curve.fit is not None:
            distance = np.linspace(0, float(curve.distance.max()), FIT_POINTS)
            traces.append(
                go.Scatter(
                    x=distance,
                    y=curve.fit(distance),
                    name=f"{label}: {FORMULAS[curve.fit.form]}",
                    mode="lines",
                    hovertemplate=f"<b>{label}</b>, fit<br>√KL %{{x:.3g}}<br>reward %{{y:.4g}}<extra></extra>",
                    meta={"role": "fit", "label": label},
                    **shared | {"line": {"color": color, "width": width / 1.6, "dash": "dash"}},
                )
            )
        if curve.proxy is not None:
            traces.append(
                go.Scatter(
                    x=curve.distance,
                    y=curve.proxy,
                    name=f"{label}: learned reward",
                    mode="lines",
                    hovertemplate=f"<b>{label}</b><br>√KL %{{x:.3g}}<br>learned reward %{{y:.4g}}<extra></extra>",
                    meta={"role": "proxy", "label": label},
                    **shared | {"line": {"color": color, "width": width / 1.6, "dash": "dot"}},
                )
            )
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": "√KL(π‖π_ref)"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": "reward"}},
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": "overoptimization", "terms": {}, "weights": {}},
        },
    )
