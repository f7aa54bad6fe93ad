"""Find, read and keep: brings the store up to date with the folders and hands out what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from runpages import together
from runpages.errors import Note, Notes, NotMine
from runpages.executors import make_executor
from runpages.find import Found, Root, find, unreadable
from runpages.limits import RanAway, limited
from runpages.model import Source
from runpages.readers import Reader, installed
from runpages.redact import redact_note, redact_run
from runpages.store import Packed, Store, Stored, pack, place, size, stamp, unread

CHUNK_BYTES = 8_000_000  # one to two seconds of reading: the price of a hand-over stays small
CHUNK_SOURCES = 64
WORTH_WORKERS = 4_000_000  # bytes to read below which starting workers costs more than it saves

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Gathered:
    """What the folders hold: per source its heads and notes, notes of no source, secrets taken out, how many sources
    were read anew and how many folders were looked at."""

    stored: tuple[Stored, ...]
    notes: tuple[Note, ...]
    secrets: Counter[str] = field(default_factory=Counter)
    read: int = 0
    folders: int = 0


def gather(
    roots: Sequence[Root], store: Store, *, executor: str = "auto", progress: Progress | None = None
) -> Gathered:
    """Read what changed below the roots and return everything. Damage becomes notes; nothing of a run's is touched."""
    registry = installed()
    found = find(roots, registry.readers)
    stale = _stale(found, store)
    for source, packed in _read_all(stale, executor, progress or _silent):
        store.put(source, stale[source], packed)
    store.keep_only(found.sources)
    stored = tuple(store.load(found.sources))
    secrets: Counter[str] = Counter()
    for one in stored:
        secrets.update(one.counts)
    broken = [
        Note(
            "reader-not-loaded", f"the reader {name} could not be loaded: {why}", hint="reinstall or remove its package"
        )
        for name, why in registry.broken.items()
    ]
    return Gathered(stored, (*found.notes, *broken), secrets, len(stale), found.folders)


def _stale(found: Found, store: Store) -> dict[Source, str]:
    """The sources to read again, with the stamp of this moment: what changes while we read is read next time."""
    held = store.stamps()
    stale = {}
    for source in found.sources:
        now = stamp(source)
        if not now or held.get(place(source)) != now:
            stale[source] = now
    return stale


def _read_all(stale: dict[Source, str], kind: str, progress: Progress) -> Iterator[tuple[Source, Packed]]:
    sizes = {source: size(source) for source in stale}
    if kind == "auto":
        kind = "process" if sum(sizes.values()) > WORTH_WORKERS else "serial"
    if not stale:
        return
    done = 0
    alone: list[Source] = []
    with make_executor(kind) as executor:
        for chunk, future in _submitted(executor, _chunks(sizes)):
            try:
                yield from zip(chunk, future.result(), strict=True)
            except BrokenProcessPool:
                alone.extend(chunk)
            done += len(chunk)
            progress(done, len(stale))
    for source in alone:
        yield source, _read_alone(source, kind)


def _submitted(
    executor: Executor, chunks: Sequence[list[Source]]
) -> Iterator[tuple[list[Source], Future[list[Packed]]]]:
    waiting: dict[Future[list[Packed]], list[Source]] = {}
    for chunk in chunks:
        try:
            waiting[executor.submit(read_chunk, chunk)] = chunk
        except BrokenProcessPool as error:  # a worker died while we were still handing out
            dead: Future[list[Packed]] = Future()
            dead.set_exception(error)
            waiting[dead] = chunk
    for future in as_completed(list(waiting)):
        yield waiting.pop(future), future


def _chunks(sizes: dict[Source, int]) -> list[list[Source]]:
    chunks: list[list[Source]] = []
    weight = CHUNK_BYTES
    for source, bytes_ in sizes.items():
        if weight >= CHUNK_BYTES or len(chunks[-1]) >= CHUNK_SOURCES:
            chunks.append([])
            weight = 0
        chunks[-1].append(source)
        weight += bytes_
    return chunks


def _read_alone(source: Source, kind: str) -> Packed:
    """Read a source in a worker of its own; when that dies too, this source is the one to blame."""
    with make_executor(kind, jobs=1) as executor:
        try:
            return executor.submit(read_chunk, [source]).result()[0]
        except BrokenProcessPool:
            note = Note(
                "worker-died",
                "the process that read this was killed (out of memory, or a crash in a library)",
                where=source.key,
                kept="all other runs",
                hint="build with fewer jobs (--jobs 1), or leave this folder out",
                level="error",
            )
            return Packed((), (note,), {})


def read_chunk(sources: Sequence[Source]) -> list[Packed]:
    """Read sources one after the other; what a worker does. Nothing a source holds stops the next one."""
    readers = installed().readers
    return [_read(source, readers) for source in sources]


def _read(source: Source, readers: Mapping[str, Reader]) -> Packed:
    notes, counts = Notes(), Counter[str]()
    runs: list[tuple[bytes, bytes]] = []
    try:
        with limited(size(source)):
            runs.extend(pack(redact_run(run, counts)) for run in together.read(source, readers, notes))
    except (RanAway, MemoryError) as error:
        notes.all.append(_too_much(source, len(runs), isinstance(error, MemoryError)))
    except NotMine:
        notes.info("not-mine", f"{source.reader} gave the folder back: it is something else", where=source.key)
    except Exception as error:
        notes.all.append(
            Note(
                "reader-failed",
                f"{source.reader} stopped: {type(error).__name__}: {str(error)[:300]}",
                where=source.key,
                kept=f"{len(runs)} runs of this source, all other sources",
                hint="this is a fault of the reader: please report it with the folder, if you may share it",
                level="error",
            )
        )
    notes.all.extend(_of_unread(source, notes.all))
    return Packed(tuple(runs), tuple(redact_note(note, counts) for note in notes.all), dict(counts))


def _of_unread(source: Source, said: Sequence[Note]) -> Iterator[Note]:
    """A note for the files that may not be read, unless the reader named them: what is in them is missing."""
    told = " ".join(f"{note.what} {note.where}" for note in said if note.slug == "file-unreadable")
    names = [name for name in unread(source) if PurePath(name).name not in told]
    if names:
        yield unreadable(names, source.key, "all other files of this source")


def _too_much(source: Source, runs: int, memory: bool) -> Note:
    return Note(
        "source-ran-away",
        f"reading this took more {'memory' if memory else 'time'} than one source may have, and was ended",
        where=source.key,
        kept=f"{runs} runs of this source, all other sources",
        hint="look at its files: one may be damaged or made to be unreadable; leave the folder out, or split it",
        level="error",
    )


def _silent(*_: int) -> None:
    """Progress that nobody looks at."""


def default_cache(folder: Path) -> Path:
    """Where the store lies for a project folder."""
    return folder / ".cache" / "runpages" / "store.sqlite"
