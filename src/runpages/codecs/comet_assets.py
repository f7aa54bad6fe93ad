"""Comet's files, known by what they were uploaded as, as artifacts: figures, histograms and curves in the model's words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from runpages.codecs import jsontext
from runpages.codecs.comet_messages import Said
from runpages.codecs.places import Place
from runpages.codecs.pointlist import as_step
from runpages.codecs.runfolder import kind_of
from runpages.codecs.text import decode
from runpages.codecs.zips import BadZip, Zip
from runpages.model import Artifact, Kind

MAX_ASSET = 8 * 2**20  # of a document that is turned into a figure
MAX_PATCH = 2**20
MAX_BINS = 20_000
_KINDS: Mapping[str, Kind] = {
    "visualization": "image",
    "audio": "audio",
    "video": "video",
    "text-sample": "text",
    "source_code": "text",
    "model-element": "model",
}
_HIDDEN = ("git-patch",)


def assets(said: Said, place: Place) -> Iterator[Artifact]:
    """An artifact for each upload whose file is there."""
    for upload in said.uploads:
        member = upload.get("file_path")
        if not isinstance(member, str) or upload.get("upload_type") in _HIDDEN:
            continue
        member = member if member in place.names else PurePosixPath(member).name  # a killed run kept its whole path
        if member in place.names:
            yield _asset(upload, member, place)


def texts(said: Said) -> Iterator[Artifact]:
    """What stands in the messages themselves: references to files elsewhere, the epoch of each step, model graph, HTML."""
    if said.references:
        columns = ["kind", "name", "model", "address", "version", "status", "public", "description"]
        yield _made("references", "table", {"columns": columns, "data": said.references})
    if said.epochs:
        yield _made(
            "epochs", "table", {"columns": ["step", "epoch"], "data": [list(pair) for pair in sorted(said.epochs)]}
        )
    for name, text in said.texts.items():
        yield Artifact(name, "text" if name == "graph" else "html", "", data=text.encode("utf-8", "replace"))


def patch(said: Said, place: Place) -> str:
    """The uncommitted changes: a zip inside the archive, of which the first file is read and no further zip."""
    for upload in said.uploads:
        member = upload.get("file_path")
        if upload.get("upload_type") == "git-patch" and isinstance(member, str) and member in place.names:
            try:
                with Zip(place.data(member, MAX_PATCH)) as inner:
                    return decode(inner.head(next(iter(inner.names), ""), MAX_PATCH)[0])[0]
            except BadZip as error:
                place.notes.warn("zip-unreadable", str(error), where=place.where(member), kept="the rest of the run")
    return ""


def _asset(upload: Mapping[str, Any], member: str, place: Place) -> Artifact:
    given = upload.get("additional_params")
    more: Mapping[str, Any] = given if isinstance(given, dict) else {}
    kind = str(upload.get("upload_type") or more.get("type") or "asset")
    name = next((str(more[key]) for key in ("figName", "fileName", "name") if more.get(key)), member)
    name = PurePosixPath(name).name if kind == "source_code" else name
    if name == "auto-generated-in-the-backend":
        name = "text"
    step = as_step(more.get("step"))
    group = more.get("groupingName")
    if kind in ("confusion-matrix", "histogram3d", "curve"):
        made = _drawn(kind, name, step, place.data(member, MAX_ASSET))
        if made is not None:
            return made
    shown = f"{group}/{name}" if isinstance(group, str) and group else name
    key = "" if step is None or kind not in ("visualization", "audio", "video", "text-sample") else name
    return place.artifact(member, _KINDS.get(kind) or kind_of(name), shown, key=key, step=step)


def _drawn(kind: str, name: str, step: int | None, data: bytes) -> Artifact | None:
    try:
        value = jsontext.load(data)
    except jsontext.NotJson:
        return None
    if not isinstance(value, dict):
        return None
    if kind == "confusion-matrix" and isinstance(value.get("matrix"), list):
        title = str(value.get("title") or name)
        labels = [str(one) for one in value.get("labels") or []]
        trace = {"type": "heatmap", "z": value["matrix"], "x": labels, "y": labels}
        axes = {
            f"{one}axis": {"title": {"text": str(value.get(key) or "")}}
            for one, key in (("x", "columnLabel"), ("y", "rowLabel"))
        }
        return _made(name, "figure", {"data": [trace], "layout": {"title": {"text": title}, **axes}}, title, step)
    if kind == "curve" and isinstance(value.get("x"), list) and isinstance(value.get("y"), list):
        content = {"x": value["x"], "y": value["y"], "x_name": "x", "y_name": str(value.get("name") or name)}
        return _made(name, "curve", content, name, step)
    bars = histogram(value) if kind == "histogram3d" else None
    return _made(name, "histogram", bars, name, step) if bars else None


def histogram(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """Edges and counts of Comet's histogram, empty bins side by side made one; None when it is none.

    Its bins lie around `offset`: the first is `start` wide, each further one reaches `step` times as far, up to `stop`.
    """
    pairs = value.get("index_values")
    pairs = pairs if isinstance(pairs, list) else []
    counts = {
        int(one[0]): one[1] for one in pairs if isinstance(one, list) and len(one) == 2 and _plain(one[0], one[1])
    }
    try:
        bounds = _bounds(*(float(value[name]) for name in ("start", "stop", "step", "offset")))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    edges: list[float] = []
    filled: list[float] = []
    for number in sorted(counts):
        if number + 1 >= len(bounds):
            return None
        if edges and edges[-1] != bounds[number]:
            filled.append(0)
            edges.append(bounds[number])
        filled.append(counts[number])
        edges += [bounds[number + 1]] if edges else [bounds[number], bounds[number + 1]]
    return {"edges": edges, "counts": filled} if filled else None


def _bounds(start: float, stop: float, step: float, offset: float) -> list[float]:
    if not (start > 0 and step > 1 and math.isfinite(offset) and 0 < stop < math.inf):
        raise ValueError("no bins")
    reach: list[float] = []
    while offset + start <= stop:
        reach.append(start)
        start *= step
        if len(reach) > MAX_BINS:
            raise ValueError("too many bins")
    below, above = [offset - one for one in reversed(reach)], [offset + one for one in reach]
    return [offset - stop, *below, offset, *above, offset + stop]


def _plain(*values: object) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) and one >= 0 for one in values)


def _made(name: str, kind: Kind, content: Any, key: str = "", step: int | None = None) -> Artifact:
    data = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Artifact(name, kind, "", "" if step is None else key, step, len(data), data=data)
