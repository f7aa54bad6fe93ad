"""Aim's repository directory, read without aim: its RocksDB chunks and its SQLite file (docs/formats/aim.md)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from runpages.codecs import aim_tree, sqlite
from runpages.codecs.aim_tree import Key, below
from runpages.codecs.flatten import TooMuch, as_scalar, flatten
from runpages.codecs.points import numeric
from runpages.codecs.series import seconds
from runpages.codecs.text import short_name
from runpages.errors import Notes
from runpages.model import Artifact, Code, Kind, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

REPOSITORY, META, SEQUENCES, SQL = ".aim", "meta/chunks", "seqs/chunks", "run_metadata.sqlite"
SYSTEM = "__system__"
_HASH = re.compile(r"[\w-]{1,64}")
MEDIA: dict[str, Kind] = {
    "aim.image": "image",
    "aim.audio": "audio",
    "aim.text": "text",
    "aim.figure": "figure",
    "aim.distribution": "histogram",
}


class AimReader:
    """One run per chunk of a repository."""

    name = "aim"
    title = "Aim"
    reads = "repositories of aim 3.10 to 3.29 (the folder .aim), without aim"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder that holds `.aim`, or `.aim` itself."""
        inside = REPOSITORY in folder.folders and (folder.path / REPOSITORY / "meta").is_dir()
        if inside or (folder.path.name == REPOSITORY and "meta" in folder.folders):
            names = [REPOSITORY] if inside else ["meta", *(name for name in ("seqs", SQL) if name in folder.names)]
            yield folder.source(self.name, *names, owns=[folder.path / name for name in names if name != SQL])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """Every run that has a chunk and is not archived."""
        top = source.root if source.root.name == REPOSITORY else source.root / REPOSITORY
        about = _about(top / SQL, notes) if (top / SQL).is_file() else {}
        chunks = top / META
        for chunk in sorted(chunks.iterdir()) if chunks.is_dir() else ():
            known = about.get(chunk.name, {})
            if not chunk.is_dir() or chunk.is_symlink() or not _HASH.fullmatch(chunk.name) or known.get("archived"):
                continue
            meta = aim_tree.load(chunk, notes, f"{META}/{chunk.name}")
            told = aim_tree.load(top / SEQUENCES / chunk.name, notes, f"{SEQUENCES}/{chunk.name}")
            going = (top / "meta" / "progress" / chunk.name).exists()
            yield _run(
                source, chunk.name, below(meta, "meta", "chunks", chunk.name), told, {**known, "going": going}, notes
            )


def _about(path: Any, notes: Notes) -> dict[str, dict[str, Any]]:
    """What the SQLite file says of each run: name, experiment, description, tags, notes."""
    found: dict[str, dict[str, Any]] = {}
    try:
        with sqlite.opened(path, notes) as db:
            if not db.has("run", "id", "hash", "name", "description", "is_archived", "created_at", "experiment_id"):
                return {}
            experiments = dict(db.rows("select id, name from experiment")) if db.has("experiment", "id", "name") else {}
            ids: dict[Any, dict[str, Any]] = {}
            for number, run, name, text, archived, created, experiment in db.rows(
                "select id, hash, name, description, is_archived, created_at, experiment_id from run"
            ):
                ids[number] = found[str(run)] = {
                    "name": name, "notes": [text] if text else [], "archived": bool(archived), "created": created,
                    "experiment": experiments.get(experiment), "tags": {},
                }  # fmt: skip
            if db.has("run_tag", "run_id", "tag_id") and db.has("tag", "id", "name"):
                for number, tag in db.rows("select run_id, name from run_tag join tag on tag.id = run_tag.tag_id"):
                    ids.get(number, {}).get("tags", {})[str(tag)] = True
            if db.has("note", "content", "run_id"):
                for number, content in db.rows("select run_id, content from note"):
                    ids.get(number, {}).get("notes", []).append(str(content))
    except (sqlite.SqliteError, OSError) as error:
        notes.warn("sqlite-unreadable", str(error), where=SQL, kept="the runs, without names and tags")
    return found


def _run(
    source: Source,
    run_id: str,
    meta: Mapping[Key, Any],
    told: Mapping[Key, Any],
    known: Mapping[str, Any],
    notes: Notes,
) -> Run:
    attributes = below(meta, "attrs")
    system = aim_tree.nested(below(attributes, "__system_params"))
    system = system if isinstance(system, Mapping) else {}
    contexts = {
        key[0]: aim_tree.nested(below(meta, "contexts", key[0]))
        for key in below(meta, "contexts")
        if key and isinstance(key[0], int)
    }
    found = list(_numbers(below(told, "seqs", "v2", "chunks", run_id), contexts, hashed=True))
    old = below(told, "seqs", "chunks", run_id)
    found += _numbers(old, contexts, hashed=False)
    ended = numeric(meta.get(("end_time",)))
    created = seconds(known.get("created")) if known.get("created") else math.nan
    git = system.get("git_info") if isinstance(system.get("git_info"), Mapping) else {}
    assert isinstance(git, Mapping)
    commit = git.get("commit")
    arguments = system.get("arguments")
    wanted = system.get("packages")
    status: Status = "finished" if ended is not None else "unknown"
    return Run(
        id=run_id,
        name=str(known.get("name") or run_id),
        tracker="aim",
        source=source.key,
        group=str(known.get("experiment") or ""),
        status=status,
        reason="no end is recorded: still running, or killed" if ended is None else "",
        started=created if math.isfinite(created) else None,
        ended=ended,
        params=_params({key: value for key, value in attributes.items() if key and not str(key[0]).startswith("__")}, notes, run_id),
        series=tuple(found),
        tags=known.get("tags") or {},
        notes="\n\n".join(known.get("notes") or ()),
        artifacts=tuple(_media(old, contexts)),
        code=Code(
            repository=str(git.get("remote_origin_url") or ""), branch=str(git.get("branch") or ""),
            commit=str(commit.get("hash") or "") if isinstance(commit, Mapping) else "",
            command=" ".join(map(str, arguments)) if isinstance(arguments, list) else str(arguments or ""),
        ),
        environment={f"package.{name}": as_scalar(value) for name, value in (wanted.items() if isinstance(wanted, Mapping) else ())},
        log="\n".join(_lines(old)),
    )  # fmt: skip


def _params(tree: Mapping[Key, Any], notes: Notes, run_id: str) -> dict[str, Scalar]:
    try:
        return flatten(aim_tree.nested(tree)) if tree else {}
    except (TooMuch, RecursionError) as error:
        notes.warn(
            "document-unreadable", str(error)[:200], where=f"{run_id}: params", kept="the rest of the run", run=run_id
        )
        return {}


def _groups(tree: Mapping[Key, Any]) -> dict[tuple[int, str], dict[Key, Any]]:
    """The parts of a tree of sequences by context and name."""
    groups: dict[tuple[int, str], dict[Key, Any]] = {}
    for key, value in tree.items():
        if len(key) >= 4 and isinstance(key[0], int) and isinstance(key[1], str):
            groups.setdefault((key[0], key[1]), {})[key[2:]] = value
    return groups


def _numbers(tree: Mapping[Key, Any], contexts: Mapping[Any, Any], *, hashed: bool) -> Iterator[Series]:
    """Sequences of numbers, in the order of their steps; since 3.13 a number's key is a hash, and its step a value beside it."""
    for (context, name), cells in _groups(tree).items():
        points = []
        for key, value in cells.items():
            number = numeric(value)
            if key[0] != "val" or len(key) != 2 or number is None or not isinstance(key[1], int):
                continue
            step = cells.get(("step", key[1])) if hashed else key[1]
            counted = numeric(step)
            time = numeric(cells.get(("time", key[1])))
            if counted is not None and math.isfinite(counted) and abs(counted) < 2**53:
                points.append((int(counted), number, math.nan if time is None else time))
        if points:
            steps, values, times = (
                np.array(one) for one in zip(*sorted(points, key=lambda point: point[0]), strict=True)
            )
            label = "system." + name.removeprefix(SYSTEM) if name.startswith(SYSTEM) else name
            when = None if np.isnan(times).any() else times.astype(np.float64)
            yield Series(
                short_name(label),
                steps.astype(np.int64),
                values.astype(np.float64),
                when,
                "step",
                _context(contexts.get(context)),
            )


def _context(value: Any) -> dict[str, str]:
    try:
        return {key: str(one) for key, one in flatten(value).items()} if isinstance(value, Mapping) and value else {}
    except TooMuch:
        return {}


def _media(tree: Mapping[Key, Any], contexts: Mapping[Any, Any]) -> Iterator[Artifact]:
    """Pictures, sounds, texts, figures and distributions, with what they hold; lists of them one by one."""
    for (context, name), cells in _groups(tree).items():
        inside = "".join(f" {key}={value}" for key, value in sorted(_context(contexts.get(context)).items()))
        objects = [
            (key, value) for key, value in cells.items() if key[0] == "val" and isinstance(value, aim_tree.Marker)
        ]
        for key, marker in sorted(objects, key=lambda pair: [part for part in pair[0] if isinstance(part, int)]):
            kind = MEDIA.get(marker.partition(":")[2])
            one = {place[-1]: value for place, value in cells.items() if place[:-1] == key}
            content = _content(marker.partition(":")[2], one, cells, key)
            if kind and content and isinstance(key[1], int):
                caption = one.get("caption")
                yield Artifact(
                    name + inside,
                    kind,
                    "",
                    name + inside,
                    key[1],
                    len(content),
                    data=content,
                    caption=caption if isinstance(caption, str) else "",
                )


def _content(what: str, one: Mapping[Any, Any], cells: Mapping[Key, Any], key: Key) -> bytes:
    data = one.get("data")
    if what == "aim.distribution" and isinstance(data, bytes) and len(data) % 8 == 0:
        counts = np.frombuffer(data, "<i8")
        low, high = (numeric(cells.get((*key, "range", at))) for at in (0, 1))
        if low is None or high is None or not counts.size:
            return b""
        return json.dumps(
            {"edges": np.linspace(low, high, counts.size + 1).tolist(), "counts": counts.tolist()}
        ).encode()
    return data if isinstance(data, bytes) else data.encode() if isinstance(data, str) else b""


def _lines(tree: Mapping[Key, Any]) -> Iterator[str]:
    """The console, line by line."""
    for (_, name), cells in _groups(tree).items():
        if name == "logs":
            lines = {
                key[1]: value
                for key, value in cells.items()
                if key[0] == "val" and key[-1] == "data" and isinstance(value, str)
            }
            yield from (lines[at] for at in sorted(lines, key=lambda at: at if isinstance(at, int) else 0))
