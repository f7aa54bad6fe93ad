"""Guild AI's run directories, in place or exported (docs/formats/guild.md)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from runpages.codecs import records, yamltext
from runpages.codecs.records import fields, rows, words
from runpages.codecs.runfiles import Files
from runpages.codecs.tfevents import live, read_events
from runpages.errors import Notes
from runpages.model import Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

OWN = ".guild"
ATTRS = ("id", "initialized", "started", "stopped", "exit_status", "flags", "label", "tags", "comments", "marked", "cmd",
         "host", "user", "platform", "pip_freeze", "vcs_commit")  # fmt: skip
# Never opened: attrs/env and ENV hold the whole process environment, attrs/op a copy of parts of it.
MICRO = 1e6
_ID = re.compile(r"[0-9a-f]{32}")


class GuildReader:
    """One run per run directory; the files of the run are its artifacts."""

    name = "guild"
    title = "Guild AI"
    reads = "run directories of guildai 0.9 ($GUILD_HOME/runs, guild export)"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when it has Guild's own folder with an opref or attributes in it."""
        own = folder.path / OWN
        if OWN in folder.folders and ((own / "opref").is_file() or (own / "attrs").is_dir()):
            yield folder.source(self.name, *folder.names, owns=[folder.path / name for name in folder.folders])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run. Links to other runs (steps, trials) are not followed: those are runs of their own."""
        files = Files(source.root, notes)
        attrs = {name: _attr(files, name) for name in ATTRS}
        staged = [name for name in ("LOCK.remote", "PENDING", "STAGED", "LOCK") if (source.root / OWN / name).is_file()]
        package, model, operation = _opref(files)
        name = ":".join(part for part in (model, operation) if part) or source.root.name
        status, reason = _status(attrs["exit_status"], staged)
        inputs = _inputs(files)
        kept = [one for one in files.left({OWN, *inputs}, every=True) if ".tfevents." not in one.path]
        run_id = words(attrs, "id")
        yield Run(
            id=run_id if _ID.fullmatch(run_id) else source.key,
            name=_label(attrs["label"], attrs["flags"]) or name,
            tracker="guild",
            source=source.key,
            group=name if (model or operation) else package,
            status=status, reason=reason,
            started=_time(attrs["started"] or attrs["initialized"]), ended=_time(attrs["stopped"]),
            user=words(attrs, "user"), host=words(attrs, "host"),
            params=records.flat(attrs["flags"], notes, f"{OWN}/attrs/flags"),
            series=_series(files), tags=_tags(attrs),
            notes="\n\n".join(words(one, "body") for one in rows(attrs, "comments") if words(one, "body")),
            artifacts=tuple(kept),
            code=_code(attrs), environment=_environment(attrs),
            log=files.text(f"{OWN}/output", tail=True) if (source.root / OWN / "output").is_file() else "",
        )  # fmt: skip


def _attr(files: Files, name: str) -> Any:
    """One attribute, None when it is absent or unreadable."""
    path = f"{OWN}/attrs/{name}"
    if not (files.root / path).is_file():
        return None
    try:
        return yamltext.load(files.data(path, 2**20))
    except yamltext.NotYaml as error:
        files.notes.warn("document-unreadable", str(error), where=path, kept="the other attributes")
        return None


def _opref(files: Files) -> tuple[str, str, str]:
    """Package (without its path), model and operation."""
    text = files.text(f"{OWN}/opref") if (files.root / OWN / "opref").is_file() else ""
    try:
        parts = shlex.split(text)
    except ValueError:
        parts = []
    if len(parts) != 4:
        return "", "", ""
    package = parts[0].partition(":")[2].rstrip("/").rpartition("/")[2]
    return package, parts[2], parts[3]


def _status(code: Any, staged: list[str]) -> tuple[Status, str]:
    """Guild's rules, but for a run with a lock or with nothing at all: that nobody can know afterwards."""
    first = staged[0] if staged else ""
    if first in ("PENDING", "STAGED"):
        return "unknown", f"{first.lower()}: it never ran"
    if isinstance(code, int) and not isinstance(code, bool):
        return ("finished", "") if code == 0 else ("failed" if code > 0 else "killed", f"exit status {code}")
    if first == "LOCK.remote":
        return "running", "on a remote machine"
    return "unknown", "no exit status: killed, or still running when it was copied"


def _time(value: Any) -> float | None:
    """Guild's integer microseconds."""
    return value / MICRO if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**60 else None


def _label(label: Any, flags: Any) -> str:
    """The label, when somebody wrote one: Guild's own repeats the flags."""
    text = label if isinstance(label, str) else ""
    own = isinstance(flags, Mapping) and any(text.startswith(f"{name}=") or f" {name}=" in text for name in flags)
    return "" if own else text


def _tags(attrs: Mapping[str, Any]) -> dict[str, Scalar]:
    listed = attrs.get("tags")
    tags: dict[str, Scalar] = {str(tag): True for tag in listed} if isinstance(listed, list) else {}
    return tags | ({"marked": True} if attrs.get("marked") is True else {})


def _code(attrs: Mapping[str, Any]) -> Code:
    commit = words(attrs, "vcs_commit").removeprefix("git:")
    command = attrs.get("cmd")
    return Code(commit=commit.rstrip("*"), dirty=commit.endswith("*") if commit else None,
                command=shlex.join(map(str, command)) if isinstance(command, list) else "")  # fmt: skip


def _environment(attrs: Mapping[str, Any]) -> dict[str, Scalar]:
    said = fields(attrs, "platform")
    found: dict[str, Scalar] = (
        {"python": words(said, "python_version").partition(" ")[0]} if words(said, "python_version") else {}
    )
    uname = said.get("uname")
    system = uname.split() if isinstance(uname, str) else []
    found |= {"os": f"{system[0]} {system[2]}"} if len(system) > 2 else {}
    frozen = attrs.get("pip_freeze")
    pinned = [str(one).partition("==") for one in frozen] if isinstance(frozen, list) else []
    return found | {f"package.{name}": version for name, _, version in pinned if version}


def _inputs(files: Files) -> set[str]:
    """Files that were copied into the run, source and dependencies, by Guild's manifest."""
    if not (files.root / OWN / "manifest").is_file():
        return set()
    found = set()
    for line in files.text(f"{OWN}/manifest").splitlines():
        try:
            parts = shlex.split(line)
        except ValueError:
            continue
        found |= {parts[1]} if len(parts) > 2 and parts[0] in ("s", "d") else set()
    return found


def _series(files: Files) -> tuple[Series, ...]:
    """Every scalar of every event file, named as Guild names it: DIR#TAG, TAG alone for the run's own."""
    found: dict[str, list[tuple[Any, Any, Any]]] = {}
    for one in (*files.left((), top=f"{OWN}/"), *files.left({OWN}, every=True)):
        if ".tfevents." not in one.path or one.path.startswith(f"{OWN}/proto/"):
            continue
        try:
            with (files.root / one.path).open("rb") as file:
                log = read_events(file)
        except OSError as error:
            files.notes.warn("file-unreadable", error.strerror or "cannot be read", where=one.path)
            continue
        if log.damage or log.broken:
            files.notes.warn("events-broken", f"damaged records: {len(log.damage) + log.broken:,}", where=one.path,
                             kept=f"{log.records - log.broken:,} records")  # fmt: skip
        place = one.path.rpartition("/")[0].removeprefix(OWN)
        for tag in log.scalars:
            points = log.points(tag)
            found.setdefault(f"{place}#{tag}" if place else tag, []).append((points.steps, points.values, points.times))
    return tuple(_joined(name, pieces) for name, pieces in found.items())


def _joined(name: str, pieces: list[tuple[Any, Any, Any]]) -> Series:
    steps, values, times = (np.concatenate([piece[at] for piece in pieces]) for at in range(3))
    counts = live(steps)
    kept = times[counts]
    return Series(name, steps[counts], values[counts], kept if bool((kept > 0).all()) else None)
