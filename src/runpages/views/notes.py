"""Everything that could not be read, was replaced or is worth knowing, by what it says, errors first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runpages.errors import Note
from runpages.frames import RunSet
from runpages.views import text
from runpages.views.table import run_ref

MOST = 200  # notes of one kind on the page
_ORDER = {"error": 0, "warning": 1, "info": 2}


def notes_view(
    runs: RunSet, data: Mapping[str, Any], loose: Sequence[Note], secrets: Mapping[str, int]
) -> dict[str, Any]:
    """What the template `notes` shows: notes of sources and of no source, and what was replaced."""
    every = _every(runs, data, [*loose, *secret_notes(secrets)])
    groups: dict[str, list[dict[str, Any]]] = {}
    for note in sorted(every, key=lambda one: (_ORDER[one["level"]], one["slug"])):
        groups.setdefault(note["slug"], []).append(note)
    return {
        "root": "",
        "total": len(every),
        "groups": [
            {
                "slug": slug,
                "title": slug.replace("-", " ").capitalize(),
                "level": notes[0]["level"],
                "help": "",
                "notes": notes,
                "alike": _alike(notes[:MOST]),
                "more": max(0, len(notes) - MOST),
            }
            for slug, notes in groups.items()
        ],
    }


def _alike(notes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Notes that say the same of several places, once, with the places."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for note in notes:
        said = tuple(str(note[name]) for name in ("what", "kept", "hint"))
        entry = found.setdefault(said, {**note, "places": []})
        entry["places"].append({"where": note["where"], "run": note["run"]})
    return list(found.values())


def secret_notes(secrets: Mapping[str, int]) -> list[Note]:
    """One note that says how many secrets were replaced before anything was stored, and which."""
    kinds = {name: amount for name, amount in secrets.items() if name != "home-path" and amount}
    if not kinds:
        return []
    what = ", ".join(f"{amount} × {name.replace('-', ' ')}" for name, amount in sorted(kinds.items()))
    return [
        Note(
            "secrets-replaced",
            f"{text.plural(sum(kinds.values()), 'secret')} in the runs' texts: {what}",
            kept="a placeholder stands where each one was; the run folders are untouched",
            hint="a secret that was logged should be considered known: revoke it",
            level="info",
        )
    ]


def _every(runs: RunSet, data: Mapping[str, Any], loose: Sequence[Note]) -> list[dict[str, Any]]:
    by_id = {(member.source, member.head.run.id): member.number for member in runs.members}
    only = {member.source: member.number for member in runs.members}
    amount: dict[object, int] = {}
    for member in runs.members:
        amount[member.source] = amount.get(member.source, 0) + 1
    found: list[dict[str, Any]] = []
    for source, note in runs.source_notes:
        number = by_id.get((source, note.run)) if note.run else only.get(source) if amount.get(source) == 1 else None
        where = "/".join(part for part in (source.key if source.key != "." else "", note.where) if part)
        found.append(_shown(note, len(found), where, None if number is None else run_ref(data, number)))
    return found + [_shown(note, len(found) + at, note.where, None) for at, note in enumerate(loose)]


def _shown(note: Note, place: int, where: str, run: dict[str, Any] | None) -> dict[str, Any]:
    fields = {"slug": note.slug, "level": note.level, "what": note.what, "kept": note.kept, "hint": note.hint}
    return fields | {"id": f"note-{place + 1}", "where": where, "run": run}
