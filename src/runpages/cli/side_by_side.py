"""`runpages compare`: runs side by side on a terminal or as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runpages.build import open_report
from runpages.config import from_mapping
from runpages.errors import ConfigError
from runpages.views.diff import find_runs
from runpages.views.run_text import plain_line
from runpages.views.text import listed, plural, shortened

WIDE = 40
TITLES = {
    "facts": "Run",
    "params": "Parameters",
    "metrics": "Metrics",
    "results": "Results",
    "packages": "Packages",
    "environment": "Environment",
}


def compare(
    names: Sequence[str], sources: Sequence[Path], options: Mapping[str, Any], *, everything: bool = False
) -> dict[str, Any]:
    """The differences of the runs named so in `sources`; folders may be named instead of runs. Raises ConfigError."""
    if len(names) < 2:
        raise ConfigError(
            "compare-needs-two", "one run has nothing to be compared with", hint="runpages compare RUN RUN"
        )
    folders = [Path(name) for name in names]
    by_folder = not sources and all(folder.is_dir() for folder in folders)
    config = from_mapping(
        {"sources": [str(path) for path in (folders if by_folder else sources)], **options}, "command line"
    )
    report = open_report(config, Path.cwd())
    try:
        numbers = list(range(len(report.runs))) if by_folder else find_runs(report.runs, names)
        if by_folder and len(numbers) < 2:
            raise ConfigError(
                "compare-needs-two",
                f"these folders hold {plural(len(numbers), 'run')}",
                hint="name two folders of runs",
            )
        return report.diff(numbers, everything=everything)
    finally:
        report.close()


def lines(view: Mapping[str, Any], how: str) -> Iterator[str]:
    """The view as "text", "markdown" or "json", without anything that could steer a terminal."""
    if how == "json":
        yield json.dumps(view, ensure_ascii=True, allow_nan=False)
        return
    for line in as_markdown(view) if how == "markdown" else as_text(view):
        yield plain_line(line).encode("utf-8", "replace").decode()


def as_text(view: Mapping[str, Any]) -> Iterator[str]:
    """The view as lines for a terminal: a block per kind of difference, columns lined up."""
    heads = [one["name"] for one in view["runs"]]
    for key, title in TITLES.items():
        rows = [_row(row, key) for row in view[key]]
        if rows:
            yield from ("", *_aligned([[title, *heads], *rows]))
    if view["params_same"]:
        yield from ("", f"{plural(view['params_same'], 'parameter')} the same in all")
    if told(view):
        yield from ("", told(view))
    for patch in [*view["patches"], *view["files"]]:
        if patch["lines"]:
            yield from ("", *([patch["file"]] if "file" in patch else []), *patch["lines"])


def as_markdown(view: Mapping[str, Any]) -> Iterator[str]:
    """The view as Markdown tables; everything a run says is escaped."""
    heads = [_escaped(one["name"]) for one in view["runs"]]
    for key, title in TITLES.items():
        if view[key]:
            yield from ("", f"| {title} | {' | '.join(heads)} |", f"| --- |{' --- |' * len(heads)}")
            for row in view[key]:
                yield f"| {' | '.join(_escaped(cell) for cell in _row(row, key))} |"
    if view["params_same"]:
        yield from ("", f"{plural(view['params_same'], 'parameter')} the same in all.")
    if told(view):
        yield from ("", _escaped(told(view)) + ".")
    for patch in [*view["patches"], *view["files"]]:
        if patch["lines"]:
            fence = "`" * max(3, 1 + max(_ticks(line) for line in patch["lines"]))
            yield from ("", f"{fence}diff", *patch["lines"], fence)


def told(view: Mapping[str, Any]) -> str:
    """Which params tell the runs apart, in words; "" where none does."""
    telling = view["telling"]
    if not telling["names"]:
        return ""
    names = [
        name + (f" (as well as {listed(telling['alike'][name][:6])})" if name in telling["alike"] else "")
        for name in telling["names"]
    ]
    return f"{listed(names)} {'tells' if len(names) == 1 else 'tell'} {'these' if telling['apart'] else 'most of these'} runs apart"


def _row(row: Mapping[str, Any], key: str) -> list[str]:
    values = list(row["values"])
    if key == "metrics":
        for at, delta in enumerate(row["deltas"]):
            if delta is not None:
                word = {True: " better", False: " worse", None: ""}[delta["better"]]
                values[at] += f" ({delta['text']}{word})"
    arrow = {"max": " ↑", "min": " ↓"}.get(row.get("direction", ""), "")
    return [row["name"] + arrow, *values]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    cut = [[shortened(" ".join(cell.split()), WIDE) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cut) for at in range(len(cut[0]))]
    for row in cut:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _escaped(cell: str) -> str:
    """A cell that is only text in Markdown: no HTML, no links, no new cells or lines."""
    cell = " ".join(shortened(cell, 200).split())
    for mark in "\\`*_[]<>|#!~$@":
        cell = cell.replace(mark, f"\\{mark}" if mark not in "<>@" else {"<": "&lt;", ">": "&gt;", "@": "&#64;"}[mark])
    return cell


def _ticks(line: str) -> int:
    longest = run = 0
    for char in line:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest
