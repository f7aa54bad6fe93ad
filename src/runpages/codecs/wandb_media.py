"""W&B's media values (`{"_type": "image-file", "path": ...}`) and logged artifacts as artifacts of a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from runpages.codecs.lineage import Item, lineage
from runpages.codecs.text import to_float
from runpages.codecs.wandb_log import HIDDEN_TYPES, Logged
from runpages.model import Artifact, Kind

_KINDS: Mapping[str, Kind] = {
    "image-file": "image",
    "audio-file": "audio",
    "video-file": "video",
    "html-file": "html",
    "table-file": "table",
    "plotly-file": "figure",
    "bokeh-file": "file",
    "object3D-file": "file",
    "molecule-file": "file",
}
_LISTS: Mapping[str, Kind] = {
    "images/separated": "image",
    "images": "image",
    "audio": "audio",
    "videos": "video",
    "html": "html",
}
_MAX_LIST = 1_000


def from_value(key: str, value: Mapping[str, Any], step: int | None, folder: str) -> Iterator[Artifact]:
    """The artifacts of one media value; `folder` is where its paths start from. An unknown type keeps its JSON."""
    kind = value.get("_type")
    path = value.get("path")
    if kind == "histogram":
        yield Artifact(key, "histogram", "", key, step, data=_json(histogram(value)))
    elif kind in _LISTS:
        yield from _from_list(key, value, step, folder)
    elif isinstance(path, str) and _inside(path):
        yield Artifact(
            key,
            _KINDS.get(str(kind), "file"),
            folder + path,
            key,
            step,
            _size(value),
            caption=_text(value.get("caption")),
            digest=_digest(value),
        )
    else:
        yield Artifact(key, "text", "", key, step, data=_json(value), media_type="application/json")


def _from_list(key: str, value: Mapping[str, Any], step: int | None, folder: str) -> Iterator[Artifact]:
    names, captions = value.get("filenames"), value.get("captions")
    names = names if isinstance(names, list) else []
    captions = captions if isinstance(captions, list) else []
    for number, name in enumerate(names[:_MAX_LIST]):
        if isinstance(name, str) and _inside(name):
            caption = _text(captions[number]) if number < len(captions) else ""
            yield Artifact(
                f"{key}/{number}", _LISTS[value["_type"]], folder + name, f"{key}/{number}", step, caption=caption
            )


def histogram(value: Mapping[str, Any]) -> dict[str, Any]:
    """Edges and counts, the edges written out or packed as minimum, width and number."""
    counts = _numbers(value.get("values"))
    edges = _numbers(value.get("bins"))
    packed = value.get("packedBins")
    if not edges and isinstance(packed, Mapping):
        low, width = to_float(packed.get("min") or 0), to_float(packed.get("size") or 0)
        edges = [low + width * number for number in range(len(counts) + 1)]
    return {"edges": edges, "counts": counts}


def _numbers(value: Any) -> list[float]:
    return [one for one in value if isinstance(one, int | float)] if isinstance(value, list) else []


def from_logged(logged: Sequence[Logged], used: Iterable[tuple[str, str]]) -> Iterator[Artifact]:
    """One table for each artifact that the user logged: its files with size, digest and reference; then the lineage.

    The files themselves lie in the user's data folder or on a server, never in the run's folder. `used` are (type, name).
    """
    last = {(one.type, one.name): one for one in logged if one.type not in HIDDEN_TYPES}
    made = []
    for one in last.values():
        listing = {"columns": ["path", "size", "digest", "reference"], "data": [list(file) for file in one.files]}
        size = sum(file[1] for file in one.files)
        caption = " · ".join(part for part in (one.type, ", ".join(one.aliases), one.description) if part)
        yield Artifact(
            one.name, "table", "", one.name, None, size, data=_json(listing), caption=caption, digest=one.digest
        )
        places = {reference for *_, reference in one.files if reference}
        made.append(Item(one.name, one.type, one.digest, size, places.pop() if len(places) == 1 else ""))
    yield from lineage((Item(name, kind) for kind, name in used if kind not in HIDDEN_TYPES), made)


def _inside(path: str) -> bool:
    """Whether a path stays below its folder."""
    return (
        bool(path)
        and not path.startswith("/")
        and "\\" not in path
        and "\0" not in path
        and ".." not in path.split("/")
    )


def _digest(value: Mapping[str, Any]) -> str:
    return f"sha256:{value['sha256']}" if isinstance(value.get("sha256"), str) else ""


def _size(value: Mapping[str, Any]) -> int | None:
    size = value.get("size")
    return int(size) if isinstance(size, int | float) and 0 <= size < 2**53 else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
