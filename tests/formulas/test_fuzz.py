"""Random texts: each is read or refused with one sentence, and nothing of it runs."""

import random
import sys
import threading

import numpy as np

from landscapes.formulas.derivatives import derivatives
from landscapes.formulas.latex import latex
from landscapes.formulas.numerics import evaluate_plainly
from landscapes.formulas.parsing import parse

NUMBERS = ("0", "1", "2", "0.5", "3.14", "1e3", "1e-9", "1e400", "9" * 60, "0x1f", "1_0", "007", "1j", "1.", ".5")
NAMES = ("x", "y", "a", "b", "beta", "k_1", "pi", "e", "λ", "𝑥", "_", "__class__", "True", "None", "lambda", "os")
CALLS = ("sin", "exp", "log", "sqrt", "max", "where", "relu", "eval", "exec", "open", "__import__", "print", "x")
INFIX = ("+", "-", "*", "/", "^", "**", "<", "==", " and ", " or ", " if ", " else ", "%", "//", "@", ":=", ",")
JUNK = (
    "", " ", ".", "..", "(", ")", "[x]", "{x}", "'x'", '"', "`", "\\", "\n", "\0", "#", ";", ":", "?", "!", "|",
    "²", "−", "∞", "é", "💥", "\u202e", "\ud800", "lambda x: x", "f'{x}'", "x.real", "x.__class__.__mro__", "*x",
    "open('written','w')", "__import__('os').system('touch written')", "[x for x in y]", "await x", "yield", "...",
    "(" * 60, "-" * 150, "x^" * 90, "9**9**9**9", "x" * 500,
)  # fmt: skip
EVENTS = ("exec", "import", "open", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "marshal.", "pickle.")


def random_formula(draw, depth):
    kind = draw.random()
    if depth == 0 or kind < 0.2:
        return draw.choice(("x", "y", *NAMES[:8]) if draw.random() < 0.7 else NUMBERS[:7])
    if kind < 0.55:
        infix = draw.choice(INFIX[:6] if draw.random() < 0.97 else INFIX)
        return f"{random_formula(draw, depth - 1)}{infix}{random_formula(draw, depth - 1)}"
    if kind < 0.7:
        return f"({random_formula(draw, depth - 1)})"
    if kind < 0.75:
        condition = f"{random_formula(draw, depth - 1)}{draw.choice(('<', '>='))}{random_formula(draw, depth - 1)}"
        return f"where({condition},{random_formula(draw, depth - 1)},{random_formula(draw, depth - 1)})"
    if kind < 0.95:
        count = 1 if draw.random() < 0.95 else 2
        arguments = ",".join(random_formula(draw, depth - 1) for _ in range(count))
        return f"{draw.choice(CALLS[:4] if draw.random() < 0.95 else CALLS)}({arguments})"
    return "-" + random_formula(draw, depth - 1)


def random_text(draw):
    if draw.random() < 0.6:
        text = random_formula(draw, draw.randint(2, 5))
        if draw.random() < 0.3:
            at = draw.randrange(len(text) + 1)
            text = text[:at] + draw.choice((*JUNK, *INFIX, *NAMES)) + text[at + draw.randint(0, 2) :]
        return text
    pieces = (*NUMBERS, *NAMES, *CALLS, *INFIX, *JUNK, *(chr(draw.randrange(1, 0x2FFF)) for _ in range(20)))
    return "".join(draw.choice(pieces) for _ in range(draw.randint(0, 12)))


def test_random_texts_are_read_or_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw, observed_values, listening = random.Random(11), [], True
    thread = threading.get_ident()  # another one may read a compiled program meanwhile

    def observe(event, _):
        if listening and event.startswith(EVENTS) and threading.get_ident() == thread:
            observed_values.append(event)

    sys.addaudithook(observe)
    texts = [random_text(draw) for _ in range(10_000)]
    read, observed_values[:] = [], []
    sentences = []
    for text in texts:
        try:
            read.append(parse(text))
        except ValueError as error:
            sentences.append(str(error))
    listening = False
    assert not observed_values
    assert all(0 < len(sentence) < 300 for sentence in sentences)
    # Enough of them are formulas, and enough are not.
    assert 2000 < len(read) < 8000
    values = {name: np.linspace(-2, 2, 5) for name in "xy"}
    for formula in read:
        latex(formula.tree)
        result = evaluate_plainly(formula.tree, values | dict.fromkeys(formula.names, 1.0))
        assert np.ndim(result) <= 1
    for formula in draw.sample(read, 50):
        derivatives(formula)
    assert not list(tmp_path.iterdir())
