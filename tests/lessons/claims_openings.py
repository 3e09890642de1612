"""Claims that are compared with the scenes that lessons open with, so that nothing is trained: see
`test_sentences`. `make openings-check` and `tests/openings` compare these scenes with the computation."""

from functools import cache
from typing import Any

import numpy as np

from landscapes.recipes import catalog
from landscapes.slices.persistent_minima import persistence
from tests.lessons.lesson_values import best, built, drawn, loss_at, records, setting, side, weight


def run(name, optimizer, right=False):
    return records(name, right)[optimizer]


def final(name, optimizer, term="", right=False) -> float:
    trajectory = run(name, optimizer, right)
    return trajectory.final_terms[term] if term else trajectory.final_loss


def way(name, optimizer) -> float:
    """How far the path ends from its start."""
    coordinates = drawn(name).paths[optimizer].coordinates
    return float(np.linalg.norm(coordinates[-1] - coordinates[0]))


def away(optimizer, step) -> float:
    """How far a path is from its start after as many steps, of which none is left out."""
    coordinates = drawn("prodigy").paths[optimizer].coordinates
    assert len(coordinates) == side("prodigy").steps + 1
    return float(np.linalg.norm(coordinates[step] - coordinates[0]))


def distance_of_minimum():
    (minimum,) = catalog.minima(side("prodigy"))
    return float(np.linalg.norm(np.array(minimum) - np.asarray(built("prodigy").params)))


def lion_steps():
    """The length of every move of every coordinate, which is the same."""
    moves = np.abs(np.diff(drawn("signs").paths["lion"].coordinates, axis=0))
    assert np.ptp(moves) < 1e-9
    return float(moves[0, 0])


def last_losses(right=False):
    return drawn("signs", right).paths["lion"].loss[-20:]


def rate_of_averaged(right):
    return float(side("averaged", right).optimizers[0].settings["learning_rate"])


@cache
def wells():
    found = persistence(drawn("wells").surface)
    assert found.significant == len(found.births) == 5  # all are deeper than the error of the picture
    return found


def well_of_paths():
    """The persistence of the minimum in which both paths end."""
    found, paths = wells(), drawn("wells").paths.values()
    nearest = {int(np.argmin(np.linalg.norm(found.minima - path.coordinates[-1], axis=1))) for path in paths}
    assert len(nearest) == 1
    return float(found.persistence[nearest.pop()])


def display(name, optimizer, right=False) -> Any:
    """What the model does at steps of a path."""
    behaviors = drawn(name, right).behaviors
    assert behaviors is not None
    return behaviors.displays[optimizer]


def least_cosine(optimizer):
    """Between the embeddings of any two images at the end."""
    return float(display("margin", optimizer).cosine[-1].min())


def error_of_solution(right=False):
    """‖u − exact‖/‖exact‖ where L-BFGS ends."""
    shown = display("ritz", "lbfgs", right)
    network, exact = (np.asarray(each[-1], float) for each in (shown.network, shown.exact))
    return float(np.linalg.norm(network - exact) / np.linalg.norm(exact))


def references(name, right=False):
    return catalog.references(catalog.complete(side(name, right)))


CLAIMS: dict[str, dict[str, Any]] = {
    "memorized": {
        "eight": lambda: [setting("memorized", "data", "modes")],
        "500": lambda: [setting("memorized", "data", "examples")],
        "1.09": lambda: [references("memorized")["entropy of the distribution"]],
        "2.20": lambda: [references("memorized")["best Gaussian"]],
        "0.97": lambda: [final("memorized", "adam")],
    },
    "contrast": {
        "1.39": lambda: [references("contrast")["a density equal to the noise"]],
        "6.46": lambda: [run("contrast", "adam").terms["log-partition"][0]],
        "0.33": lambda: [final("contrast", "adam", "log-partition") + weight("contrast", "log-partition")],
    },
    "needle": {
        "1": lambda: [-float(built("needle").loss(np.array(catalog.minima(side("needle"))[0])))],
        "0.005": lambda: [run("needle", "sgd").gradient_norm[0]],
        "200": lambda: [side("needle").steps],
        "0.22": lambda: [way("needle", "sgd")],
        "25": lambda: [run("needle", "adam").loss[25] < -0.9],
    },
    "signs": {
        "0.1": lambda: [lion_steps()],
        "20": lambda: [len(last_losses())],
        "0.085": lambda: [max(last_losses())],
        "0": lambda: [catalog.knobs_of(side("signs", True).schedule.name)["final"].default],
        "0.000001": lambda: [final("signs", "lion", right=True) < 1e-6],
    },
    "averaged": {
        "8": lambda: [side("averaged").batch_size],
        "2": lambda: list({rate_of_averaged(right) for right in (False, True)}),
        "0.134": lambda: [final("averaged", "schedule-free-sgd", right=True)],
    },
    "prodigy": {
        "1301": lambda: [run("prodigy", "prodigy").loss[0]],
        "12.0": lambda: [distance_of_minimum()],
        "0.001": lambda: [
            side("prodigy").optimizers[0].settings["first_estimate"],
            final("prodigy", "prodigy"),
        ],
        "10": lambda: [away("prodigy", 10) < 0.05],
        "0.045": lambda: [away("prodigy", 10)],
        "30": lambda: [away("prodigy", 30) > 9],
        "9.5": lambda: [away("prodigy", 30)],
        "150": lambda: [side("prodigy").steps],
        "0.1": lambda: [side("prodigy").optimizers[1].settings["learning_rate"]],
        "1.34": lambda: [final("prodigy", "adam")],
    },
    "ranks": {
        "30": lambda: [setting("ranks", "data", "examples")],
        "1": lambda: [max(np.max(each.terms["ndcg"]) for each in drawn("ranks").trajectories.values()) <= 1],
        "1.71": lambda: [final("ranks", "adam")],
        "0.81": lambda: [run("ranks", "adam").terms["ndcg"][0]],
        "0.99": lambda: [final("ranks", "adam", "ndcg")],
    },
    "teacher": {
        "three": lambda: [len(np.unique(built("teacher").data["y"]))],
        "0": lambda: [float(loss_at(built("teacher"), best("teacher")))],
        "0.012": lambda: [final("teacher", "momentum")],
        "0.29": lambda: [final("teacher", "momentum", "soft", right=True)],
    },
    "margin": {
        "60": lambda: [setting("margin", "data", "examples")],
        "0.5": lambda: [setting("margin", "objective", "margin")],
        "0.50": lambda: [final("margin", "momentum")],
        "0": lambda: [final("margin", "adam") + run("margin", "adam").gradient_norm[-1]],
        "0.99": lambda: [least_cosine("momentum") > 0.99 > 0 > least_cosine("adam")],
    },
    "ritz": {
        "0": lambda: [min(run("ritz", "lbfgs").loss) >= 0, final("ritz", "lbfgs") < 1e-5],
        "0.00001": lambda: [final("ritz", "lbfgs") < 1e-5],
        "0.01 %": lambda: [error_of_solution() < 1e-4],
        "−0.255": lambda: [references("ritz", True)["least energy"]],
        "−0.254": lambda: [final("ritz", "lbfgs", right=True)],
        "2.2 %": lambda: [error_of_solution(True)],
    },
    "wells": {
        "5": lambda: [len(wells().births)],
        "1.13": lambda: [wells().persistence[1], well_of_paths()],
        "0.27": lambda: [wells().persistence[2]],
        "0.065": lambda: [wells().persistence[3]],
        "0.035": lambda: [wells().persistence[4]],
    },
}

WORDS: dict[str, dict[str, Any]] = {
    "signs": {
        "left": lambda: side("signs").schedule.name == "constant",
        "right": lambda: side("signs", True).schedule.name == "cosine",
    },
    "averaged": {
        "left": lambda: (
            side("averaged").optimizers[0].name == "sgd" and side("averaged").schedule.name == "constant"
        ),
        "right": lambda: (
            side("averaged", True).optimizers[0].name == "schedule-free-sgd"
            and final("averaged", "schedule-free-sgd", right=True) < final("averaged", "sgd")
        ),
    },
    "ranks": {
        "left": lambda: side("ranks").term == "",
        "right": lambda: side("ranks", True).term == "ndcg",
    },
    "teacher": {
        "left": lambda: weight("teacher", "hard") == 0,
        "right": lambda: (
            weight("teacher", "hard", True) == 4
            and final("teacher", "momentum", "hard", right=True) < final("teacher", "momentum", "hard")
        ),
    },
    "ritz": {
        "left": lambda: side("ritz").objective.name == "pinn-poisson",
        "right": lambda: side("ritz", True).objective.name == "deep-ritz",
    },
}

POINTS: dict[str, dict[str, Any]] = {}
