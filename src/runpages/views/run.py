"""One run, whole: everything its page shows, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from runpages.errors import Note
from runpages.frames import Line, Member
from runpages.media import MediaShelf
from runpages.model import Artifact, Run, Scalar
from runpages.redact import redact_text
from runpages.views import text
from runpages.views.run_code import code_view, commit_url, patch_view, web
from runpages.views.run_lineage import KEY, is_lineage, lineage_view
from runpages.views.run_machine import idle_view
from runpages.views.run_media import media_view
from runpages.views.run_metrics import charts_view, figures, metrics_view
from runpages.views.run_pairs import pairs
from runpages.views.run_params import params_view
from runpages.views.run_text import log_view

SOURCES = 40
_WORDS = {
    "finished": "Finished",
    "failed": "Failed",
    "killed": "Stopped before its end",
    "running": "Still running at build time",
    "unknown": "No word on how it ended",
}
_PACKAGE = "package."
_UNCUT = {"more": 0, "file": ""}  # a list that views/run_weight.py has not cut


@dataclass(frozen=True)
class Subject:
    """The run of a page with what the report knows around it: relations to other runs, metric columns, its curves."""

    member: Member
    run: Run
    about: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, Line]
    tracker: str


def run_view(subject: Subject, shelf: MediaShelf) -> dict[str, Any]:
    """What the template `run` shows. Files that it refers to are on the shelf afterwards."""
    run, about, head = subject.run, subject.about, subject.member.head
    ref = about["run"]
    media = media_view(run, head.root, shelf, ref["color"])
    media["tables"] = [one for one in media["tables"] if not one["name"].startswith(KEY)]  # told as inputs and outputs
    view: dict[str, Any] = {
        "root": "../",
        "about": about,
        "id": subject.member.id,
        "name": ref["name"],
        "status": _status(run, head.stats),
        "quiet": _quiet(run, subject.tracker),
        "figures": figures(head, subject.columns, about["ranks"], run.group),
        "notes_markdown": run.notes,
        "charts": charts_view(subject.member.number, ref, subject.columns, subject.lines, run),
        "metrics": metrics_view(head, subject.columns, subject.lines),
        "idle": idle_view(run.series),
        "lineage": lineage_view(run),
        "params": params_view(run.params, about["differing"]),
        "results": pairs({name: value for name, value in run.results.items() if name not in head.stats}),
        "tags": pairs(run.tags),
        "links": [{"name": name, "url": url if web(url) else "", "text": url} for name, url in run.links.items()],
        "log": log_view(run.log, log_name(subject.member.slug)),
        "log_data": log_name(subject.member.slug),
        "log_file": _aside("console.log", run.log, shelf, head.root),
        "patch": patch_view(run.code.patch),
        "patch_file": _aside("local.patch", run.code.patch, shelf, head.root),
        "code": code_view(run.code),
        "command": text.shortened(run.code.command, 4_000),
        "environment": _environment(run.environment),
        "whole": dict.fromkeys(("notes", "params", "metrics", "files"), ""),
        **{f"{name}_{rest}": empty for name in ("results", "tags", "links") for rest, empty in _UNCUT.items()},
        "source": _source(subject.member),
        "warnings": [_note(note) for note in subject.member.notes],
        **media,
    }
    return view | {"sections": sections(view)}


def log_name(slug: str) -> str:
    """The data file of a long log."""
    return f"log/{slug}"


def sections(view: Mapping[str, Any]) -> list[dict[str, str]]:
    """The contents list: the sections that have something to show, in their order on the page."""
    media = ("images", "media", "tables", "charted", "frames", "drawn", "texts", "damaged")
    every = [
        ("about", "Notes", bool(view["notes_markdown"].strip())),
        ("changed", "What changed", bool(view["about"]["compare"])),
        ("charts", "Charts", any(view["charts"].values())),
        ("media", "Media", any(view[name] for name in media)),
        ("metrics", "Metrics", view["metrics"]["total"] > 0),
        ("params", "Parameters", view["params"]["total"] > 0),
        ("results", "Results", bool(view["results"])),
        ("tags", "Tags and links", bool(view["tags"] or view["links"] or view["about"]["children"])),
        ("log", "Log", view["log"] is not None),
        ("lineage", "Inputs and outputs", bool(view["lineage"]["inputs"] or view["lineage"]["outputs"])),
        ("code", "Code", bool(view["code"] or view["command"] or view["patch"])),
        ("environment", "Environment", bool(view["environment"]["facts"] or view["environment"]["packages"])),
        ("files", "Files", bool(view["files"])),
        ("source", "Source", True),
        (
            "warnings",
            "What could not be read" if _lost(view["warnings"]) else "Notes of the reader",
            bool(view["warnings"]),
        ),
    ]
    return [{"id": name, "title": title} for name, title, there in every if there]


def _lost(warnings: Sequence[Mapping[str, Any]]) -> bool:
    return any(one["level"] != "info" for one in warnings)


def _status(run: Run, stats: Mapping[str, Any]) -> dict[str, str]:
    words = _WORDS[run.status]
    if run.status == "running" and stats:
        words += f", last step {text.count(max(stat.last_step for stat in stats.values()))}"
    return {"name": run.status, "words": words, "reason": text.shortened(run.reason, 2_000)}


def _quiet(run: Run, tracker: str) -> list[dict[str, str]]:
    """The line below the title: when, how long, who, with what."""
    lasted = "" if run.started is None or run.ended is None else text.duration(max(0.0, run.ended - run.started))
    parts = [
        ("started", text.date(run.started) if run.started is not None else "", text.iso(run.started)),
        ("took", lasted, ""),
        ("by", " on ".join(one for one in (run.user, run.host) if one), ""),
        ("with", tracker, ""),
        ("commit", run.code.commit[:10], run.code.commit),
    ]
    return [
        {"label": label, "text": words, "full": full, "url": commit_url(run.code) if label == "commit" else ""}
        for label, words, full in parts
        if words
    ]


def _environment(environment: Mapping[str, Scalar]) -> dict[str, Any]:
    packages = {name.removeprefix(_PACKAGE): value for name, value in environment.items() if name.startswith(_PACKAGE)}
    facts = {k: v for k, v in environment.items() if not k.startswith(_PACKAGE) and not is_lineage(k)}
    uncut = {f"{name}_{rest}": empty for name in ("facts", "packages") for rest, empty in _UNCUT.items()}
    by_name = dict(sorted(packages.items(), key=lambda item: item[0].lower()))
    return {"facts": pairs(facts), "packages": pairs(by_name), **uncut}


def _aside(name: str, content: str, shelf: MediaShelf, root: Path) -> str:
    """The URL of a text in full, when the page shows only a part of it."""
    if len(content) < 20_000 and content.count("\n") < 390:
        return ""
    artifact = Artifact(name, "text", "", data=content.encode("utf-8", "replace"))
    return shelf.put(artifact, root)[0].url


def _source(member: Member) -> dict[str, Any]:
    """Which files the run was read from, below the scanned folder."""
    source = member.source
    names = []
    for path in source.files[:SOURCES]:
        inside = path.is_relative_to(source.root)
        names.append(PurePosixPath(path.relative_to(source.root)).as_posix() if inside else path.name)
    # a token may be a file's name too
    names = ["the whole folder" if name == "." else redact_text(name, Counter()) for name in names]
    return {
        "place": redact_text(source.key, Counter()),
        "reader": source.reader,
        "files": names,
        "more": max(0, len(source.files) - SOURCES),
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "id": "",
        "level": note.level,
        "what": note.what,
        "where": note.where,
        "kept": note.kept,
        "hint": note.hint,
        "run": None,
    }
