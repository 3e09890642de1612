"""Decision problems for a policy, as data: the rewards of its actions take the place of targets.

There are two kinds of inputs, both with targets of the kind "rewards":

- "states": a Markov decision process with known transitions, over S states and A actions.
    x["S S"]             the states, one-hot
    rewards["S A"]       the expected reward of each action in each state
    transitions["S A S"] the probability of each next state; the rest of 1 is the probability that the episode ends
    start["S"]           the probability of each first state
    discount["S"]        γ, the same for all states
    max_steps["S T"]     only its width T counts: no episode has more steps; absent without such a T
    behaviour["S A"]     the policy that collected the episodes, the uniform one
- "observations": a system that is simulated; see `objectives.cartpole`.
    x["1 F"]             the half-widths of the box in which episodes begin, uniformly
    discount["1"]        γ

`Data.classes` is the number of actions. There are no test examples, because the process is known exactly.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Interval

from .cartpole import SPREAD
from .data import Data, Dataset, Examples

# The four by three world of Russell & Norvig: start S, goal G, pit P, wall #.
WORLD = ("...G", ".#.P", "S...")
GOAL, PIT = 1.0, -1.0  # rewards on reaching them
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left


def bandit(
    seed: int,
    *,
    arms: Annotated[int, Interval(ge=2, le=10), "number of actions to choose from"] = 3,
    best: Annotated[float, Interval(ge=-10, le=10), "reward of the first arm"] = 1.0,
    worst: Annotated[float, Interval(ge=-10, le=10), "reward of the last arm"] = 0.0,
) -> Data:
    """One state, and arms whose rewards run evenly from `best` to `worst`: (1, ½, 0). An episode is one action."""
    return _process(np.linspace(best, worst, arms)[None], np.zeros((1, arms, 1)), np.ones(1), 0.0, max_steps=1)


def gridworld(
    seed: int,
    *,
    slip: Annotated[float, Interval(ge=0, le=1), "probability of moving at a right angle instead"] = 0.2,
    step_reward: Annotated[float, Interval(ge=-1, le=0), "reward of every step"] = -0.04,
    discount: Annotated[float, Interval(ge=0, le=0.999), "γ, the factor on a reward one step later"] = 0.95,
) -> Data:
    """Nine cells around a wall, four moves, a goal (+1) and a pit (−1) that end the episode.

    With probability `slip` a move goes to the left or right of its direction, each with half of it. A move into a
    wall or the edge does not change the cell. The reward of a move is its expectation over the next cells.
    """
    cells = [(i, j) for i, row in enumerate(WORLD) for j, mark in enumerate(row) if mark in ".S"]
    rewards = np.full((len(cells), len(MOVES)), step_reward)
    transitions = np.zeros((len(cells), len(MOVES), len(cells)))
    for s, (i, j) in enumerate(cells):
        for action in range(len(MOVES)):
            for turn, share in ((0, 1 - slip), (1, slip / 2), (-1, slip / 2)):
                down, right = MOVES[(action + turn) % len(MOVES)]
                target = (i + down, j + right)
                mark = WORLD[target[0]][target[1]] if 0 <= target[0] < 3 and 0 <= target[1] < 4 else "#"
                if mark in "GP":
                    rewards[s, action] += share * (GOAL if mark == "G" else PIT)
                else:
                    transitions[s, action, cells.index(target) if mark != "#" else s] += share
    start = np.array([WORLD[i][j] == "S" for i, j in cells], float)
    return _process(rewards, transitions, start, discount)


def cartpole(
    seed: int,
    *,
    spread: Annotated[float, Interval(ge=0, le=0.2), "half-width of the interval of each initial number"] = (
        SPREAD
    ),
    discount: Annotated[float, Interval(ge=0, le=1), "γ, the factor on a reward one step later"] = 1.0,
) -> Data:
    """A pole on a cart, which the policy keeps upright by pushing left or right. Each step of 0.02 s gives a
    reward of 1 until the pole falls or the cart leaves the track. An observation is x, ẋ, the pole's angle and its
    velocity."""
    return _immutable({"x": np.full((1, 4), spread), "discount": np.full(1, discount)}, 2)


def _process(
    rewards: np.ndarray, transitions: np.ndarray, start: np.ndarray, discount: float, max_steps: int | None = None
) -> Data:
    states, actions = rewards.shape
    return _immutable(
        {
            "x": np.eye(states),
            "rewards": rewards,
            "transitions": transitions,
            "start": start,
            "discount": np.full(states, discount),
            "behaviour": np.full((states, actions), 1 / actions),
            # A shape: a number would be traced, and the number of steps is static in a program.
            **({} if max_steps is None else {"max_steps": np.zeros((states, max_steps))}),
        },
        actions,
    )


def _immutable(arrays: Examples, actions: int) -> Data:
    part = {name: np.array(array, np.float32) for name, array in arrays.items()}
    for array in part.values():
        array.flags.writeable = False
    return Data(part, {name: array[:0] for name, array in part.items()}, actions)


DATASETS = {
    "bandit": Dataset(bandit, "states", "rewards", "Bandit", "Robbins 1952", unit="state", whole=True),
    "gridworld": Dataset(
        gridworld,
        "states",
        "rewards",
        "Gridworld",
        "Russell & Norvig, Artificial Intelligence, chapter 17",
        unit="states",
        whole=True,
        world=WORLD,
    ),
    "cartpole": Dataset(
        cartpole,
        "observations",
        "rewards",
        "CartPole",
        "Barto, Sutton & Anderson 1983, IEEE Transactions on Systems, Man, and Cybernetics 13",
        unit="distribution of starts",
        whole=True,
    ),
}
