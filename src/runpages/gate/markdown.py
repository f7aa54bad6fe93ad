"""The result as Markdown for a pull request and a job's summary: the verdict first, the table second, links third."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urljoin

from runpages.gate.decide import SERIOUS, Result, Row
from runpages.gate.outputs import percent, problems
from runpages.views import text

SUMMARY_BYTES = 900 * 1024  # a job's summary of 1,024k is dropped whole
COMMENT_CHARACTERS = 60_000  # of 65,536
ROWS = 50  # a table's rows that stand or fall together
_BARS = "▁▂▃▄▅▆▇█"
_ENTITIES = {char: f"&#{ord(char)};" for char in "\\`*_[]<>|~&"}
_REFERS = "@#!$%~&:"  # what makes a mention, an issue, a label or a link of the word after it
_MARKS = {"improved": "▲", "regressed": "▼", "within noise": "≈", "cannot tell": "?", "missing": "✗", "refused": "✗"}
_WORDS = {
    "improved": "Improved",
    "regressed": "Regressed",
    "within noise": "No change beyond noise",
    "cannot tell": "Cannot tell",
    "missing": "Not a pass: values are missing",
    "refused": "Not comparable",
}


def summary(result: Result, *, url: str = "", title: str = "", limit: int = SUMMARY_BYTES, bytes_: bool = True) -> str:
    """The Markdown, whole sections of it left out where it would pass `limit` (bytes, or characters)."""
    link = site_link(url)
    size: Callable[[str], int] = (lambda words: len(words.encode())) if bytes_ else len
    return cut(list(_sections(result, link, title)), limit, size, link)


def comment(result: Result, *, url: str = "", title: str = "") -> str:
    """The Markdown within what a comment may hold."""
    return summary(result, url=url, title=title, limit=COMMENT_CHARACTERS, bytes_=False)


def cut(sections: Sequence[str], limit: int, size: Callable[[str], int], link: str) -> str:
    """The sections that fit, in order, and a line that says how many were left out. The first one always stays."""
    rest = f"\n{{}} left out here. {f'[The full report]({link})' if link else 'The full report has them'}.\n"
    kept = [sections[0]]
    for at, section in enumerate(sections[1:], 1):
        left = len(sections) - at - 1
        reserve = size(rest.format(text.plural(left, "section"))) if left else 0
        if size("\n".join([*kept, section])) + reserve + 1 > limit:
            return "\n".join(kept) + rest.format(text.plural(len(sections) - at, "section"))
        kept.append(section)
    return "\n".join(kept)


def _sections(result: Result, link: str, title: str) -> Iterator[str]:
    gated = sorted((row for row in result.rows if not row.informational), key=_worth)
    others = [row for row in result.rows if row.informational]
    yield _head(result, gated, title)
    told = list(problems(result))
    if told:
        lines = [f"- {escaped(what, 400)}" for what in told[:20]]  # each begins with words of ours
        yield "\n".join([*lines, *([f"- and {len(told) - 20} more"] if len(told) > 20 else []), ""])
    yield from _tables(gated)
    if link:
        yield f"[Report]({link}) · [Compare]({urljoin(link, 'compare.html')}) · [History]({urljoin(link, 'history.html')})\n"
    yield _method(result, gated)
    if others:
        yield f"<details><summary>{text.plural(len(others), 'more row')}, for information</summary>\n"
        yield from _tables(others)
        yield "</details>\n"
    if result.new:
        shown = ", ".join(escaped(name, 80) for name in result.new[:10])
        yield f"New, without a baseline: {shown or 'one configuration'}.\n"


def _worth(row: Row) -> tuple[int, str]:
    return SERIOUS.index(row.verdict), row.metric


def _head(result: Result, gated: Sequence[Row], title: str) -> str:
    about = f"{escaped(title, 80)}: " if title else ""
    first = [row for row in gated if row.verdict == result.verdict]
    said = f"{_MARKS[result.verdict]} {about}{_WORDS[result.verdict]}"
    if first and result.verdict in ("improved", "regressed", "cannot tell"):
        row = first[0]
        said += (
            f": {escaped(row.metric, 80)} {text.number(row.base)} → {text.number(row.mean)} ({percent(row.relative)})"
        )
        said += f" and {len(first) - 1} more" if len(first) > 1 else ""
    against = f"Against {escaped(result.baseline, 200)}" if result.baseline else "Without a baseline"
    pooled = f" and the {text.plural(result.reports - 1, 'report')} before it" if result.reports > 1 else ""
    at = f"; this is {escaped(result.commit[:12])}" if result.commit else ""
    gate = "The gate passes." if result.passed else "The gate fails."
    return f"## {said}\n\n{against}{pooled}{at}. {gate}\n"


def _tables(rows: Sequence[Row]) -> Iterator[str]:
    named = any(row.name for row in rows)
    for start in range(0, len(rows), ROWS):
        several = " configuration |" if named else ""
        lines = [
            f"| metric |{several} baseline | this report | change | interval | runs | verdict | runs, low to high |",
            f"| --- |{' --- |' if named else ''} ---: | ---: | ---: | ---: | ---: | --- | --- |",
            *(_line(row, named=named) for row in rows[start : start + ROWS]),
        ]
        yield "\n".join([*lines, ""])


def _line(row: Row, *, named: bool) -> str:
    arrow = {"max": " ↑", "min": " ↓", "": ""}[row.direction]
    change = text.NONE
    if math.isfinite(row.change):
        sign = "▲" if row.change > 0 else "▼" if row.change < 0 else "="
        change = f"{sign} {text.number(abs(row.change))} ({percent(row.relative)})"
    known = math.isfinite(row.low) and math.isfinite(row.high)
    interval = f"{text.number(row.low)} to {text.number(row.high)}" if known else text.NONE
    verdict = f"{_MARKS[row.verdict]} {row.verdict}" + (f" ({escaped(row.note, 120)})" if row.note else "")
    if row.verdict == "cannot tell" and row.seeds:
        verdict += f"; {'≥ ' if row.method == 'no spread known' else '≈ '}{row.seeds} seeds a side would"
    bold = "**" if row.verdict in ("regressed", "missing") and not row.informational else ""
    before, now = bars(row.base_values, row.values)
    cells = [
        f"{escaped(row.metric, 80)}{arrow}",
        *([escaped(row.name, 120)] if named else []),
        text.number(row.base),
        text.number(row.mean),
        change,
        interval,
        f"{row.m} → {row.n}",
        f"{bold}{verdict}{bold}",
        f"{before} → {now}" if before or now else "",
    ]
    return f"| {' | '.join(cells)} |"


def bars(before: Sequence[float], now: Sequence[float]) -> tuple[str, str]:
    """Two samples as text sparklines on one scale, each from low to high."""
    finite = [value for value in [*before, *now] if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)

    def drawn(values: Sequence[float]) -> str:
        some = sorted(value for value in values if math.isfinite(value))
        step = max(1, math.ceil(len(some) / 24))
        return "".join(_BARS[round(7 * (value - low) / (high - low)) if high > low else 3] for value in some[::step])

    return drawn(before), drawn(now)


def _method(result: Result, gated: Sequence[Row]) -> str:
    methods = [row.method for row in gated if row.method not in ("no values", "no spread known")]
    share = text.number(round(100 * (1 - result.alpha), 6))
    said = [
        f"A verdict needs a change that matters and {share} % certainty"
        + (
            f" (by {' and '.join(dict.fromkeys(methods))}" + (", Holm over the rows" if len(gated) > 1 else "") + ")"
            if methods
            else ""
        )
        + "."
    ]
    seen = [row for row in gated if math.isfinite(row.visible) and row.verdict in ("within noise", "cannot tell")]
    if seen:
        row = seen[0]
        said.append(
            f"With these runs a change of {escaped(row.metric, 80)} by {text.number(row.visible)} would have been seen."
        )
    return f"<sub>{' '.join(said)}</sub>\n"


def escaped(words: str, most: int = 120) -> str:
    """What a run says, as text that no host turns into anything: no markup, no mention, no reference, no link, no new cell."""
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in words
        if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    )
    out = []
    for char in text.shortened(" ".join(kept.split()), most):
        out.append(_ENTITIES.get(char, char))
        if char in _REFERS:
            out.append("\u200b")  # hosts look for references in the finished text: an entity alone does not stop them
    return re.sub(r"(?i)\bwww\.", "www\u200b.", re.sub(r"(?i)\bGH(?=-\d)", "GH\u200b", "".join(out)))


def site_link(url: str) -> str:
    """A site's address as it may stand in a link, "" for what is none."""
    url = url.strip()
    if not re.fullmatch(r"https?://[^\s()<>\[\]\"'`\\|/?#]+(/[^\s()<>\[\]\"'`\\|]*)?", url):
        return ""
    return url if url.endswith(("/", ".html")) else f"{url}/"
