"""Text and tables for LaTeX: booktabs, and nothing that pdflatex stops at. js/latex.js follows the same rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_MARKS = {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "±": "$\\pm$",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": "\\dots{}",
    "×": "$\\times$",
    "·": "$\\cdot$",
    "▲": "$\\uparrow$",
    "▼": "$\\downarrow$",
    "★": "$\\star$",
    "○": "$\\circ$",
    "≤": "$\\le$",
    "≥": "$\\ge$",
    "µ": "$\\mu$",
    "ß": "\\ss{}",
    "ø": "\\o{}",
    "Ø": "\\O{}",
    "æ": "\\ae{}",
    "Æ": "\\AE{}",
    "ł": "\\l{}",
    "Ł": "\\L{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
}
_MARKS |= {mark: f"\\{mark}" for mark in "&%$#_{}"}
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma sigma tau upsilon phi chi psi omega"
_MARKS |= {chr(0x3B1 + at): f"$\\{name}$" if name != "o" else "o" for at, name in enumerate(_GREEK.split())}
_ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0308\u0304\u0307\u030c\u0327\u030a\u0306\u030b", "`'^~\"=.vcruH", strict=True)
)


def escaped(text: str) -> str:
    """A text that LaTeX prints as it is; what its fonts lack becomes its number (U+4E2D)."""
    return "".join(_one(mark) for mark in " ".join(text.split()))


def _one(mark: str) -> str:
    if mark in _MARKS:
        return _MARKS[mark]
    if " " <= mark <= "~":
        return mark
    apart = unicodedata.normalize("NFD", mark)
    letter, accent = apart[:1], apart[1:]
    if accent in _ACCENTS and letter.isascii() and letter.isalpha():
        base = {"i": "\\i", "j": "\\j"}.get(letter, letter) if accent != "\u0327" else letter
        return f"\\{_ACCENTS[accent]}{{{base}}}"
    return f"\\texttt{{U+{ord(mark):04X}}}"


def tabular(names: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """A booktabs table of escaped cells; numbers stand to the right."""
    shape = "".join("r" if one else "l" for one in numeric)
    lines = [f"  {' & '.join(row)} \\\\" for row in rows]
    head = f"  {' & '.join(names)} \\\\"
    body = [
        "% needs \\usepackage{booktabs}",
        f"\\begin{{tabular}}{{{shape}}}",
        "  \\toprule",
        head,
        "  \\midrule",
        *lines,
    ]
    return "\n".join([*body, "  \\bottomrule", "\\end{tabular}", ""])
