"""What is here: the answer of `runpages inspect`, without anything that draws or writes pages (half a second to import)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runpages.config import Config
from runpages.errors import ConfigError, Note
from runpages.find import Root, describe, label_roots
from runpages.gather import Gathered, default_cache, gather
from runpages.readers import installed, list_folder
from runpages.store import Store

_ORDER = {"error": 0, "warning": 1, "info": 2}


def named_roots(config: Config, base: Path) -> list[Root]:
    """The folders a configuration names, relative to `base`. Raises ConfigError for what is no folder."""
    return label_roots([_folder(base, name) for name in config.sources or (".",)])


def cache_folder(config: Config, base: Path) -> Path:
    """Where the store of a configuration lies."""
    return base / (Path(config.cache) if config.cache else default_cache(base).parent)


def survey(config: Config, base: Path, *, explain: bool = False) -> dict[str, Any]:
    """What a build would read: sources with their reader and runs, every note, and why other folders are no runs."""
    roots = named_roots(config, base)
    store = Store(cache_folder(config, base) / "store.sqlite")
    began = time.monotonic()
    try:
        gathered = gather(roots, store, executor=config.executor)
    finally:
        store.close()
    messages = sorted(_messages(gathered), key=lambda one: (_ORDER[one["level"]], one["slug"]))
    readers: dict[str, Counter[str]] = {}
    for one in gathered.stored:
        count = readers.setdefault(one.source.reader, Counter())
        count["runs"] += len(one.heads)
        count["notes"] += sum(note.level != "info" for note in one.notes)
    return {
        "readers": {name: dict(count) for name, count in sorted(readers.items())},
        "runs": sum(len(one.heads) for one in gathered.stored),
        "metrics": len({label for one in gathered.stored for head in one.heads for label in head.stats}),
        "notes": sum(one["level"] != "info" for one in messages),
        "secrets": sum(count for name, count in gathered.secrets.items() if name != "home-path"),
        "read": gathered.read,
        "folders": gathered.folders,
        "seconds": {"read": time.monotonic() - began},
        "claimed": describe(one.source for one in gathered.stored),
        "sources": [
            {"reader": one.source.reader, "where": one.source.key, "runs": len(one.heads)} for one in gathered.stored
        ],
        "messages": messages,
        "explained": list(_explained(roots, gathered)) if explain else [],
    }


def _messages(gathered: Gathered) -> Iterator[dict[str, str]]:
    for one in gathered.stored:
        for note in one.notes:
            yield _told(note, "/".join(part for part in (one.source.key, note.where) if part not in ("", ".")))
    for note in gathered.notes:
        yield _told(note, note.where)


def _told(note: Note, where: str) -> dict[str, str]:
    return {
        "slug": note.slug,
        "level": note.level,
        "what": note.what,
        "kept": note.kept,
        "hint": note.hint,
        "where": where,
    }


def _explained(roots: Sequence[Root], gathered: Gathered) -> Iterator[str]:
    """One line per folder that no reader claimed, and per plain run, from readers that can say why."""
    sources = [one.source for one in gathered.stored]
    taken = {source.root for source in sources} | {path for source in sources for path in source.owns}
    own = {source.root for source in sources if source.reader == "plain"}
    readers = installed().readers.values()
    for root in roots:
        for path in [
            root.path,
            *sorted(path for path in root.path.rglob("*") if path.is_dir() and not path.is_symlink()),
        ]:
            if path in own or not any(path == one or one in path.parents for one in taken):
                below = path.relative_to(root.path).as_posix()
                try:
                    folder = list_folder(path, root.key(below))
                except OSError:
                    continue  # told as a note
                yield from (
                    f"{folder.key}: {reader.explain(folder)}" for reader in readers if hasattr(reader, "explain")
                )


def _folder(base: Path, name: str) -> Path:
    path = (base / name).expanduser()
    if path.is_dir():
        return path
    if path.exists():
        hint = f"name the folder it lies in: {path.parent}"
        raise ConfigError(
            "source-not-a-folder", f"{name} is a file, a folder of runs is expected", where=str(path), hint=hint
        )
    raise ConfigError(
        "source-missing",
        f"there is no folder {name}",
        where=str(path),
        hint="check the name; `runpages inspect .` shows what is here",
    )
