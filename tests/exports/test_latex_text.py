"""Text as LaTeX: what our words and a user's can hold becomes ASCII that pdfLaTeX knows without packages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from matplotlib._mathtext_data import tex2uni

from landscapes.commands.list import KINDS, entries
from landscapes.exports.latex_text import ACCENTS, CLUSTER, GREEK, SYMBOLS, escape_latex
from landscapes.recipes import catalog

# Commands of LaTeX that Matplotlib does not know by this name, and letters that share a command.
ALIASES = {"le": "≤", "ge": "≥", "gets": "←", "surd": "√", "perp": "⊥", "cdot": "·", "star": "★☆", "bullet": "•●"}
ALIASES |= {
    "circ": "∘○",
    "mu": "µμ",
    "Delta": "∆Δ",
    "hbar": "ħℏ",
    "|": "∥‖",
    "emptyset": "∅",
    "epsilon": "ϵ",
    "^\\circ": "°",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 % of a_b & {c}", r"50 \% of a\_b \& \{c\}"),
        ("a < b | \\", r"a $<$ b $|$ \textbackslash{}"),
        ("λ ≤ 3", r"$\lambda$ $\le$ 3"),
        ("Σᵢ θ₁₂² Φᵀ", r"$\Sigma$$_{i}$ $\theta$$_{1}$$_{2}$$^{2}$ $\Phi$$^{T}$"),
        ("ẋ θ̇ m̂ √v̂ x⃗", r"\.{x} $\dot{\theta}$ \^{m} $\surd$\^{v} $\vec{x}$"),
        ("é ő ß Å", r"\'{e} \H{o} \ss{} \r{A}"),
        ("f: ℝ² → ℝ, 𝜃 ℒ", r"f: $\mathbf{R}$$^{2}$ $\to$ $\mathbf{R}$, $\theta$ $\mathcal{L}$"),
        ("½ … 3\u00a0% ™", r"$\frac{1}{2}$ \ldots{} 3~\% $^{\mathrm{TM}}$"),
        ("“a” ‘b’ – c — d §5 ¿e? ¡f!", r"``a'' `b' -- c --- d \S{}5 ?`e? !`f!"),
        ("Α and ς", r"$A$ and $\varsigma$"),
        ("价格\u200b\n1", "[U+4EF7][U+683C] 1"),
    ],
)
def test_characters_have_their_commands(text, expected):
    assert escape_latex(text) == expected


def test_every_symbol_has_the_command_of_that_symbol():
    """After Matplotlib's table of commands; signs of ASCII stand for themselves or their like."""
    like = {"∗": "*", "−": "-", "′": "'", "″": "''", "‴": "'''"}
    for letter, command in SYMBOLS.items():
        name = command.removeprefix("\\")
        is_right = letter in ALIASES[name] if name in ALIASES else tex2uni.get(name) == ord(letter)
        assert is_right or like.get(letter) == command, (letter, command)
    for letter in GREEK - set(SYMBOLS):
        name = escape_latex(letter).strip("$\\")
        assert letter in ALIASES.get(name, chr(tex2uni[name])), letter
    for mark, (_, in_math) in ACCENTS.items():
        name = in_math.removeprefix("\\")
        assert name in ("", "underline", "mathring", "ddot", "bar", "vec") or tex2uni[name] == ord(mark), name


def words() -> str:
    """All titles, formulas, knobs and descriptions of the registries."""
    listed = json.dumps([entries(kind) for kind in KINDS], ensure_ascii=False)
    formulas = [str(entry) for kind in catalog.KINDS.values() for entry in kind.values()]
    return "\n".join([listed, *formulas])


def test_all_words_become_ascii_without_a_code():
    found = escape_latex(words())
    assert found.isascii()
    assert "[U+" not in found


def test_every_character_of_unicode_becomes_ascii():
    planes = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    assert not [
        letter for letter in planes[:0x3000] + planes[0xF900:0x20000] if not escape_latex(letter).isascii()
    ]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX here")
def test_pdflatex_knows_all_commands(tmp_path):
    """One document with each character of our words, and all of Latin, Greek, symbols and letters of fonts."""
    blocks = [(0x20, 0x250), (0x391, 0x3CA), (0x1E00, 0x2400), (0x2600, 0x2610), (0x1D400, 0x1D800)]
    letters = [chr(code) for low, high in blocks for code in range(low, high)] + sorted(
        {*CLUSTER.findall(words())}
    )
    lines = "\n\n".join(f"x{escape_latex(letter)}x" for letter in letters)
    document = f"\\documentclass{{article}}\n\\begin{{document}}\n{lines}\n\\end{{document}}\n"
    (tmp_path / "all.tex").write_text(document, "ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    assert "Missing character" not in (tmp_path / "all.log").read_text("latin-1")
