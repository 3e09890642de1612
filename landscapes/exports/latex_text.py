"""Text as LaTeX in ASCII, for pdfLaTeX without packages: its fonts lack most characters of titles and captions."""

from __future__ import annotations

import re
import unicodedata

# OT1, the encoding of LaTeX's default fonts, has other characters in the places of <, > and |.
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_"},
    **{letter: f"${letter}$" for letter in "<>|"},
}
TEXT = {
    **{"…": r"\ldots{}", "–": "--", "—": "---", "‐": "-", "‑": "-", "‘": "`", "’": "'", "“": "``", "”": "''"},
    **{"ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}"},
    **{"ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "ȷ": r"\j{}", "§": r"\S{}", "¶": r"\P{}", "†": r"\dag{}"},
    **{"©": r"\copyright{}", "£": r"\pounds{}", "¿": "?`", "¡": "!`", "⁄": "/"},
}
# Commands of LaTeX's own fonts in formulas.
SYMBOLS = {
    **{"×": r"\times", "÷": r"\div", "·": r"\cdot", "∘": r"\circ", "∗": "*", "−": "-", "±": r"\pm", "∓": r"\mp"},
    **{"⊗": r"\otimes", "⊕": r"\oplus", "⊙": r"\odot", "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee"},
    **{"≤": r"\le", "≥": r"\ge", "≪": r"\ll", "≫": r"\gg", "≈": r"\approx", "≠": r"\ne", "≡": r"\equiv"},
    **{"∼": r"\sim", "∝": r"\propto", "⊥": r"\perp", "∥": r"\|", "‖": r"\|", "∈": r"\in", "∉": r"\notin"},
    **{"⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap", "∅": r"\emptyset", "∀": r"\forall"},
    **{"∃": r"\exists", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "√": r"\surd", "∞": r"\infty"},
    **{"∇": r"\nabla", "∂": r"\partial", "∆": r"\Delta", "ℓ": r"\ell", "ħ": r"\hbar", "ℏ": r"\hbar"},
    **{"→": r"\to", "←": r"\gets", "↔": r"\leftrightarrow", "↦": r"\mapsto", "⇒": r"\Rightarrow"},
    **{"⇔": r"\Leftrightarrow", "↑": r"\uparrow", "↓": r"\downarrow", "⟨": r"\langle", "⟩": r"\rangle"},
    **{"⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "⋯": r"\cdots", "⋮": r"\vdots"},
    **{"′": "'", "″": "''", "‴": "'''", "°": r"^\circ", "★": r"\star", "☆": r"\star", "•": r"\bullet"},
    **{"●": r"\bullet", "○": r"\circ", "ε": r"\varepsilon", "ϵ": r"\epsilon", "ϕ": r"\phi", "φ": r"\varphi"},
    **{"ϑ": r"\vartheta", "ϱ": r"\varrho", "ϖ": r"\varpi", "ς": r"\varsigma", "µ": r"\mu"},
}
# Greek letters without a command look like these Latin ones.
LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
GREEK = frozenset("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ")
# Accents in a text and in a formula.
ACCENTS = {
    "\u0300": ("\\`", r"\grave"),
    "\u0301": (r"\'", r"\acute"),
    "\u0302": (r"\^", r"\hat"),
    "\u0303": (r"\~", r"\tilde"),
    "\u0304": (r"\=", r"\bar"),
    "\u0305": (r"\=", r"\bar"),
    "\u0306": (r"\u", r"\breve"),
    "\u0307": (r"\.", r"\dot"),
    "\u0308": (r"\"", r"\ddot"),
    "\u030a": (r"\r", r"\mathring"),
    "\u030b": (r"\H", r"\ddot"),
    "\u030c": (r"\v", r"\check"),
    "\u0323": (r"\d", r"\underline"),
    "\u0327": (r"\c", ""),
    "\u0331": (r"\b", r"\underline"),
    "\u20d7": ("", r"\vec"),
}
FONTS = {"DOUBLE-STRUCK": r"\mathbf", "BOLD": r"\mathbf", "SCRIPT": r"\mathcal"}
CLUSTER = re.compile(r"(?s).[\u0300-\u036f\u20d0-\u20ff]*")  # a letter with the marks on it


def escape_latex(text: str) -> str:
    """The text as LaTeX. A character without a rule, such as one of Chinese, is its code: [U+4E2D]."""
    return "".join(map(_cluster, CLUSTER.findall(unicodedata.normalize("NFC", text))))


def _cluster(cluster: str) -> str:
    letter, marks = cluster[0], cluster[1:]
    if (latex_letter := _known(letter)) is None:
        # An accented letter is taken apart; a letter of another script that has no accents stays whole.
        letter, marks = (parts := unicodedata.normalize("NFD", letter))[0], parts[1:] + marks
        latex_letter = _known(letter)
    latex = _compatible(letter) if latex_letter is None else latex_letter
    for mark in marks:
        in_text, in_math = ACCENTS.get(mark, ("", ""))
        if latex.startswith("$") or not in_text:
            latex = f"${in_math}{{{latex.strip('$')}}}$" if in_math else latex
        else:
            latex = f"{in_text}{{{latex}}}"
    return latex


def _known(letter: str) -> str | None:
    """A letter of ASCII, Greek or the tables as LaTeX; None for any other."""
    if letter.isspace():
        return "~" if letter in "\u00a0\u202f\u2007" else " "
    if letter in SYMBOLS:
        return f"${SYMBOLS[letter]}$"
    if letter in LATIN:
        return f"${LATIN[letter]}$"
    if letter in GREEK:
        command = unicodedata.name(letter).rpartition(" ")[2].replace("LAMDA", "LAMBDA").lower()
        return f"$\\{command if letter >= 'α' else command.capitalize()}$"
    if letter in SPECIAL or letter in TEXT:
        return SPECIAL.get(letter) or TEXT[letter]
    return letter if " " < letter <= "~" else None


def _compatible(letter: str) -> str:
    """An index, an exponent, a fraction or a letter of a font by what it stands for; the code of any other."""
    kind, _, codes = unicodedata.decomposition(letter).rpartition("> ")
    if not kind:
        return "" if unicodedata.category(letter) in ("Cc", "Cf", "Mn") else f"[U+{ord(letter):04X}]"
    plain = "".join(chr(int(code, 16)) for code in codes.split())
    inner = escape_latex(plain)
    if kind in ("<super", "<sub"):
        script = inner.replace("$", "") if inner.startswith("$") or len(plain) == 1 else rf"\mathrm{{{inner}}}"
        return f"${'^' if kind == '<super' else '_'}{{{script}}}$"
    if kind == "<fraction" and plain.count("⁄") == 1 and not plain.endswith("⁄"):
        numerator, denominator = plain.split("⁄")
        return rf"$\frac{{{numerator}}}{{{denominator}}}$"
    if kind == "<font":
        name = unicodedata.name(letter)
        font = next((font for pattern, font in FONTS.items() if pattern in name), "")
        # \mathcal has capitals alone.
        is_set = font and plain.isascii() and (font != r"\mathcal" or plain.isupper())
        return f"${font}{{{plain}}}$" if is_set else f"${inner.strip('$')}$"
    return inner
