"""Every way things go wrong: notes (damage as data), errors (stop, with a way out), NotMine (ask the next reader)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Note:
    """Damage or doubt found in someone's data: shown on a page of the site, never thrown.

    `slug` is a heading of docs/messages.md, `where` a path below the source's root, `kept` what could be
    saved, `hint` the way out, `run` the id of the one run it concerns ("" = the whole source).
    """

    slug: str
    what: str
    where: str = ""
    kept: str = ""
    hint: str = ""
    level: Level = "warning"
    run: str = ""


class Notes:
    """The notes of one source, in the order they were made."""

    def __init__(self) -> None:
        self.all: list[Note] = []

    def warn(self, slug: str, what: str, *, where: str = "", kept: str = "", hint: str = "", run: str = "") -> None:
        """Note something lost or doubtful."""
        self.all.append(Note(slug, what, where, kept, hint, "warning", run))

    def info(self, slug: str, what: str, *, where: str = "", kept: str = "", hint: str = "", run: str = "") -> None:
        """Note something a reader of the report should know, though nothing was lost."""
        self.all.append(Note(slug, what, where, kept, hint, "info", run))


class NotMine(Exception):
    """A reader looked closer and gives the source to the next reader."""


class RunpagesError(Exception):
    """The command cannot go on; `exit_code` as in the command line's table."""

    exit_code = 2

    def __init__(self, slug: str, what: str, *, where: str = "", kept: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.note = Note(slug, what, where, kept, hint, "error")


class ConfigError(RunpagesError):
    """The command line or the configuration asks for something that cannot be."""


class BadInputs(RunpagesError):
    """More runs are broken than was allowed."""

    exit_code = 4


class TargetError(RunpagesError):
    """A publishing target refused, or the site is over its limits."""

    exit_code = 6


class RedactionRefused(RunpagesError):
    """What was to be published is private, or a secret was found in it."""

    exit_code = 5
