"""What a run left behind, by what a page can do with it: pictures over steps, sounds, tables, figures, texts, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from runpages.charts import curve_xy, quick
from runpages.media import Content, MediaShelf, Placed, Shot, Unshown
from runpages.model import Artifact, Floats, Run
from runpages.views import text
from runpages.views.distribution import distribution
from runpages.views.evaluation import curve_kind, of_points
from runpages.views.run_figures import figure_view
from runpages.views.run_heads import NO_PARQUET, notebook_view, parquet_view
from runpages.views.run_tables import parsed, table_view
from runpages.views.run_text import preview

FRAMES = 60  # steps of one key on a page
LISTED = 200
FEW_PIXELS = 64
EACH = 12  # tables, figures, previews, histograms of one run on its page
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif", "image/svg+xml")


@dataclass
class _Shown:
    """Everything gathered so far, in the order of the run."""

    shelf: MediaShelf
    root: Path
    color: int
    images: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    media: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    charted: list[dict[str, Any]] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    damaged: list[dict[str, Any]] = field(default_factory=list)


def media_view(run: Run, root: Path, shelf: MediaShelf, color: int) -> dict[str, Any]:
    """Images by key, media, tables, figures, drawn histograms and curves, texts, and every file with what became of it."""
    shown = _Shown(shelf, root, color)
    artifacts = _thinned(run.artifacts)
    for artifact in artifacts:
        if artifact.kind not in ("histogram", "curve"):
            _one(artifact, shown)
    drawn = [*_histograms(artifacts, color), *_curves(artifacts, color)]
    return {
        "images": [_in_order(key, frames) for key, frames in shown.images.items()],
        "media": shown.media,
        "tables": shown.tables,
        "charted": shown.charted,
        "frames": shown.frames,
        "drawn": drawn,
        "texts": shown.texts,
        "damaged": shown.damaged[:EACH],
        "damaged_more": max(0, len(shown.damaged) - EACH),
        "files": shown.files[:LISTED],
        "files_more": max(0, len(shown.files) - LISTED),
        "files_total": len(shown.files),
        "steps_left_out": len(run.artifacts) - len(artifacts),
    }


def _in_order(key: str, frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Pictures by step; a reader may have listed them by file name, where 11 comes before 5."""
    ordered = sorted(frames, key=lambda frame: (frame["step"] is not None, frame["step"] or 0))
    return {"key": key, "single": len(frames) == 1, "frames": ordered}


def _thinned(artifacts: Sequence[Artifact]) -> list[Artifact]:
    """At most FRAMES steps of a key, evenly chosen, the first and the last among them."""
    places: dict[tuple[str, str], list[int]] = {}
    for at, artifact in enumerate(artifacts):
        if artifact.key and artifact.step is not None:
            places.setdefault((artifact.kind, artifact.key), []).append(at)
    left_out: set[int] = set()
    for some in places.values():
        if len(some) > FRAMES:
            kept = {some[i] for i in np.unique(np.linspace(0, len(some) - 1, FRAMES).round().astype(int))}
            left_out |= set(some) - kept
    return [artifact for at, artifact in enumerate(artifacts) if at not in left_out]


def _one(artifact: Artifact, shown: _Shown) -> None:
    if artifact.kind == "model":
        shown.files.append(_file(artifact, Placed("", artifact.size, why="models stay where they are")))
        return
    placed, content = shown.shelf.put(artifact, shown.root)
    if content is not None:
        try:
            _show(artifact, placed, content, shown)
        except Unshown as error:
            placed = replace(placed, why=str(error))
            name = artifact.key or artifact.name
            shown.damaged.append({"name": name, "step": artifact.step, "url": placed.url, "why": placed.why})
    shown.files.append(_file(artifact, placed))


def _show(artifact: Artifact, placed: Placed, content: Content, shown: _Shown) -> None:
    """Put it where it can be seen, by what it is; what a page cannot show stays a file in the list.

    Raises Unshown for a picture that cannot be decoded.
    """
    entry = {
        "name": artifact.key or artifact.name,
        "url": placed.url,
        "step": artifact.step,
        "caption": artifact.caption,
    }
    if content.media_type in PICTURES:
        shot = Shot(placed.url, 0, 0) if content.ending == "svg" else shown.shelf.shot(placed, content)
        frames = shown.images.setdefault(artifact.key or artifact.name, [])
        frames.append({**entry, "alt": artifact.caption or _told(artifact), **_as_seen(shot)})
    elif content.media_type.startswith(("audio/", "video/")):
        kind = "video" if artifact.kind == "video" else content.media_type.partition("/")[0]
        shown.media.append({**entry, "kind": kind})
    elif content.media_type == "text/html":
        _limited(shown.frames, lambda: entry)
    elif artifact.kind == "figure":
        _limited(shown.charted, lambda: _merged(entry, figure_view(content.text, shown.color)))
    elif artifact.kind == "table":
        _limited(shown.tables, lambda: _merged(entry, table_view(content.text, artifact.name)))
    elif content.media_type in ("text/plain", "application/json"):
        _text(artifact, content, entry, shown)
    elif content.parquet:
        try:
            _limited(shown.tables, lambda: _merged(entry, parquet_view(content.data)))
        except ImportError:
            _limited(shown.texts, lambda: {**entry, "text": NO_PARQUET, "cut": False, "cells": [], "left_out": 0})


def _text(artifact: Artifact, content: Content, entry: dict[str, Any], shown: _Shown) -> None:
    """A file of text: a table where its name says so and it is one, a notebook's cells, else its first lines."""
    name = artifact.name.lower()
    if name.endswith((".csv", ".tsv")):
        before = len(shown.tables)
        _limited(shown.tables, lambda: _merged(entry, table_view(content.text, artifact.name)))
        if len(shown.tables) > before:
            return
    book = notebook_view(content.text) if name.endswith(".ipynb") else None
    if book is not None:
        _limited(shown.texts, lambda: {**entry, "text": "", "cut": False, **book})
    else:
        _limited(shown.texts, lambda: {**entry, **preview(content.text), "cells": [], "left_out": 0})


def _as_seen(shot: Shot) -> dict[str, Any]:
    """The small copy with its measures; `pixels` when they are so few that made large they must stay squares."""
    return {
        "small": shot.url,
        "width": shot.width,
        "height": shot.height,
        "pixels": 0 < max(shot.width, shot.height) <= FEW_PIXELS,
    }


def _limited(entries: list[dict[str, Any]], make: Callable[[], dict[str, Any] | None]) -> None:
    if len(entries) < EACH:
        made = make()
        if made is not None:
            entries.append(made)


def _merged(entry: dict[str, Any], view: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if view is None else {**entry, **view}


def _told(artifact: Artifact) -> str:
    step = "" if artifact.step is None else f" at step {text.count(artifact.step)}"
    return f"{artifact.key or artifact.name}{step}"


def _file(artifact: Artifact, placed: Placed) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "kind": artifact.kind,
        "step": artifact.step,
        "size": text.filesize(placed.size if placed.url else artifact.size),
        "url": placed.url,
        "sha256": placed.sha256[:12],
        "digest": text.shortened(artifact.digest, 40),
        "why": placed.why,
    }


def _numbers(artifact: Artifact, *names: str) -> list[Floats] | None:
    value = parsed((artifact.data or b"").decode("utf-8", "replace"))
    if not isinstance(value, dict):
        return None
    try:
        return [np.array(value[name], np.float64) for name in names]
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _histograms(artifacts: Sequence[Artifact], color: int) -> list[dict[str, Any]]:
    """A strip and a ridge per key over its steps, with the counts behind them."""
    found: dict[str, list[tuple[int, Floats, Floats]]] = {}
    for artifact in artifacts:
        if artifact.kind == "histogram":
            numbers = _numbers(artifact, "edges", "counts")
            if numbers is not None and numbers[0].ndim == numbers[1].ndim == 1:
                found.setdefault(artifact.key or artifact.name, []).append((artifact.step or 0, numbers[0], numbers[1]))
    drawn = [distribution(key, some, color) for key, some in list(found.items())[:EACH]]
    return [one for one in drawn if one]


def _curves(artifacts: Sequence[Artifact], color: int) -> list[dict[str, Any]]:
    """The last curve of each key, with the area below it."""
    last = {artifact.key or artifact.name: artifact for artifact in artifacts if artifact.kind == "curve"}
    drawn = []
    for key, artifact in list(last.items())[:EACH]:
        numbers = _numbers(artifact, "x", "y")
        if numbers is None or numbers[0].shape != numbers[1].shape or numbers[0].ndim != 1:
            continue
        x, y = numbers
        names = parsed((artifact.data or b"").decode("utf-8", "replace"))
        x_name, y_name = str(names.get("x_name") or "x"), str(names.get("y_name") or "y")
        kind = curve_kind(key, x_name, y_name)
        curve = of_points(kind, x, y) if kind in ("roc", "pr") else None
        area = curve_xy.area(curve_xy.Curve(key, x, y)) if curve is None else curve.value
        word = "average precision" if kind == "pr" else "area"
        alt = f"{y_name} over {x_name}, {text.plural(len(x), 'point')}."
        svg = quick.course(x, y, alt=alt, x_title=x_name, color=color)
        step = "" if artifact.step is None else f", step {text.count(artifact.step)}"
        if svg:
            note = f"{y_name} over {x_name}{step}; {word} {text.number(area)}"
            drawn.append({"name": key, "svg": svg, "ridge": "", "bins": "", "steps": [], "note": note})
    return drawn
