"""What TensorBoard's plugins put into summaries: histograms, curves, texts, chart layouts.

Field numbers after the .proto files below tensorboard/plugins. Everything here raises WireError on bytes that do not fit.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from runpages.codecs.tensor import tensor_numbers, tensor_texts
from runpages.codecs.wire import Message, WireError
from runpages.model import Floats, Kind

LAYOUT = "custom_scalars__config__"
_JSON = "application/json"
_SIGNS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "audio/wav"}


def old_histogram(data: bytes) -> dict[str, list[float]]:
    """{"edges": [n+1], "counts": [n]} of a HistogramProto, its empty ends cut off and its open ends closed."""
    proto = Message(data)
    low, high, limits, counts = proto.double(1), proto.double(2), proto.doubles(6), proto.doubles(7)
    if len(limits) != len(counts):
        raise WireError("a histogram has other counts than limits")
    filled = np.flatnonzero(counts)
    if not len(filled):
        return {"edges": [low, high], "counts": [0.0]}
    first, last = int(filled[0]), int(filled[-1])
    left = max(low, limits[first - 1]) if first else low
    edges = np.concatenate([[left], limits[first:last], [min(high, limits[last])]])
    return _histogram(edges, counts[first : last + 1])


def new_histogram(data: bytes) -> dict[str, list[float]]:
    """{"edges": [n+1], "counts": [n]} of a tensor with the rows left, right, count."""
    rows = tensor_numbers(Message(data))
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise WireError("a histogram without three columns")
    if not len(rows):
        return {"edges": [], "counts": []}
    return _histogram(np.append(rows[:, 0], rows[-1, 1]), rows[:, 2])


def _histogram(edges: Floats, counts: Floats) -> dict[str, list[float]]:
    if not (np.isfinite(edges).all() and np.isfinite(counts).all()):
        raise WireError("a histogram with edges or counts that are no numbers")
    # the clients count in float32 or in exponential buckets: seven digits are all there is
    return {"edges": [float(f"{edge:.7g}") for edge in edges.tolist()], "counts": counts.tolist()}


def pr_curve(data: bytes) -> dict[str, Any]:
    """{"x": recall, "y": precision, names}: the last two of the tensor's six rows, one column per threshold."""
    rows = tensor_numbers(Message(data))
    if rows.ndim != 2 or rows.shape[0] != 6:
        raise WireError("a precision-recall curve without six rows")
    return {"x": rows[5].tolist(), "y": rows[4].tolist(), "x_name": "recall", "y_name": "precision"}


def markdown(data: bytes) -> str:
    """The Markdown of a text tensor: one text, a list of texts as lines, or a table."""
    texts, shape = tensor_texts(Message(data))
    lines = [text.decode("utf-8", "replace") for text in texts]
    if len(shape) != 2 or not shape[1] or len(lines) != shape[0] * shape[1]:
        return "\n".join(lines)
    cells = [line.replace("|", "\\|").replace("\n", " ") for line in lines]
    rows = [cells[at : at + shape[1]] for at in range(0, len(cells), shape[1])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---"] * shape[1], *rows[1:]])


def chart_sections(data: bytes) -> list[dict[str, Any]]:
    """A custom scalar layout: sections with a title and charts; a chart has `tags` (regular expressions) or `margins`."""
    texts, _ = tensor_texts(Message(data))
    sections = []
    for category in Message(texts[0]).children(2) if texts else ():
        charts: list[dict[str, Any]] = []
        for chart in category.children(2):
            made: dict[str, Any] = {"title": chart.text(1)}
            if 2 in chart:
                made["tags"] = chart.child(2).texts(1)
            if 3 in chart:
                margins = chart.child(3).children(1)
                made["margins"] = [
                    {"value": one.text(1), "lower": one.text(2), "upper": one.text(3)} for one in margins
                ]
            charts.append(made)
        sections.append({"title": category.text(1), "closed": bool(category.unsigned(3)), "charts": charts})
    return sections


def content(plugin: str, kind: int, tag: str, data: bytes) -> tuple[Kind, bytes, str] | None:
    """(kind, bytes, media type) of a summary value that a page can show; None when there is no way to show it."""
    if kind == 5:
        return "histogram", as_json(old_histogram(data)), _JSON
    if kind != 8:
        return None
    if tag == LAYOUT:
        return "file", as_json({"sections": chart_sections(data)}), _JSON
    if plugin == "histograms":
        return "histogram", as_json(new_histogram(data)), _JSON
    if plugin == "pr_curves":
        return "curve", as_json(pr_curve(data)), _JSON
    if plugin == "text" or (not plugin and Message(data).unsigned(1) == 7):
        return "text", markdown(data).encode(), "text/markdown"
    return None


def as_json(value: Any) -> bytes:
    """JSON in the form in which artifacts hold it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def media_type(head: bytes) -> str:
    """The media type that the first bytes of an image or a sound tell; "" when they tell none."""
    return next((kind for sign, kind in _SIGNS.items() if head.startswith(sign)), "")
