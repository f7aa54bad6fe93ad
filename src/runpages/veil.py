"""What a report may show of what was read: chosen runs only, as its profile lets them be seen. Everything later sees no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runpages.choose import Choice
from runpages.config import Config
from runpages.errors import Note
from runpages.gather import Gathered
from runpages.model import Head, Run, Series, Source
from runpages.redact.identity import Identities
from runpages.redact.profiles import Veil
from runpages.store import Store, Stored, place


class VeiledStore(Store):
    """The store through a profile: runs of the sources that a veil renamed, and nothing that it hides."""

    def __init__(self, store: Store, veil: Veil, originals: dict[str, Source], parents: frozenset[str]) -> None:
        self.path = store.path
        self._store, self._veil, self._originals, self._parents = store, veil, originals, parents

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def stamps(self) -> dict[str, str]:
        """The stamp of each place under the name that the report knows it by, with the profile in it."""
        held = self._store.stamps()
        mark = self._veil.fingerprint
        return {
            name: f"{held[place(source)]}{mark}" if held.get(place(source)) else ""
            for name, source in self._originals.items()
        }

    def run(self, source: Source, number: int) -> Run:
        """The whole run as the profile shows it."""
        run = self._store.run(self._originals[place(source)], number)
        return self._veil.run(orphaned(run, self._parents))

    def series(self, source: Source, number: int, label: str) -> Series | None:
        """One metric of a run with all its points, or None."""
        return next((one for one in self.run(source, number).series if one.label == label), None)


def orphaned(run: Run, gone: frozenset[str]) -> Run:
    """The run without a word of a parent that is not in the report."""
    return replace(run, parent="") if run.parent in gone else run


def chosen(gathered: Gathered, choice: Choice) -> tuple[Gathered, frozenset[str]]:
    """What was gathered of the chosen runs alone, and the ids of the others. Their notes go with them."""
    if not choice:
        return gathered, frozenset()
    gone = frozenset(head.run.id for one in gathered.stored for head in one.heads if not choice.takes(head))
    stored = [_of_chosen(one, choice) for one in gathered.stored]
    left = [one for one, was in zip(stored, gathered.stored, strict=True) if one.heads or not was.heads]
    lost = {was.source.key for one, was in zip(stored, gathered.stored, strict=True) if was.heads and not one.heads}
    notes = tuple(note for note in gathered.notes if not _below(note.where, lost))
    return replace(gathered, stored=tuple(left), notes=notes), gone


def _of_chosen(stored: Stored, choice: Choice) -> Stored:
    """A source with its chosen runs, each still at its place; without one nothing of it is left."""
    kept = [at for at, head in enumerate(stored.heads) if choice.takes(head)]
    if len(kept) == len(stored.heads):
        return stored
    ids = {stored.heads[at].run.id for at in kept}
    notes = tuple(_general(note) for note in stored.notes if not note.run or note.run in ids)
    places = tuple(stored.places[at] if stored.places else at for at in kept)
    return replace(stored, heads=tuple(stored.heads[at] for at in kept), notes=notes, places=places)


def _general(note: Note) -> Note:
    """A note of a whole source may speak of a run that was left out: only its kind stays."""
    if note.run:
        return note
    return replace(note, what="said of a folder of which some runs are left out", where="", kept="", hint="")


def _below(where: str, keys: set[str]) -> bool:
    parts = where.split("/")
    return any("/".join(parts[: at + 1]) in keys for at in range(len(parts)))


def veiled(config: Config, store: Store, gathered: Gathered) -> tuple[Store, Gathered, Veil | None]:
    """The store and what was gathered, as the configuration's choice and profile let a report see them."""
    gathered, gone = chosen(gathered, Choice(config.include, config.exclude))
    stored = [_without(one, gone) for one in gathered.stored] if gone else list(gathered.stored)
    if config.profile == "private":
        plain = Veil("private", Identities(()))
        through: Store = (
            _Orphans(store, plain, {place(one.source): one.source for one in stored}, gone) if gone else store
        )
        return through, replace(gathered, stored=tuple(stored)), None
    veil = make_veil(config, [head for one in stored for head in one.heads])
    shown = [_shown(one, veil) for one in stored]
    originals = {place(new.source): old.source for new, old in zip(shown, stored, strict=True)}
    notes = tuple(veil.note(note) for note in gathered.notes)
    return VeiledStore(store, veil, originals, gone), replace(gathered, stored=tuple(shown), notes=notes), veil


def make_veil(config: Config, heads: Sequence[Head]) -> Veil:
    """The veil of a configuration over these runs."""
    names = Identities(heads, teams=config.profile == "anonymous", more=config.identities)
    return Veil(config.profile, names, config.show, config.hide)


def _without(stored: Stored, gone: frozenset[str]) -> Stored:
    heads = tuple(replace(head, run=orphaned(head.run, gone)) for head in stored.heads)
    return replace(stored, heads=heads)


def _shown(stored: Stored, veil: Veil) -> Stored:
    heads = tuple(veil.head(head) for head in stored.heads)
    notes = tuple(veil.note(note) for note in stored.notes)
    return replace(stored, source=veil.source(stored.source), heads=heads, notes=notes)


class _Orphans(VeiledStore):
    """The store of a private report of chosen runs: nothing is hidden but who the parent was."""

    def stamps(self) -> dict[str, str]:
        """The stamps as they are, with the choice in them."""
        gone = "\0".join(sorted(self._parents))
        return {name: f"{mark}{gone}" if mark else "" for name, mark in self._store.stamps().items()}

    def run(self, source: Source, number: int) -> Run:
        """The whole run without a parent that was left out."""
        return orphaned(self._store.run(source, number), self._parents)
