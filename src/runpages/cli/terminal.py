"""What the commands say: bars on a terminal, plain lines elsewhere, JSON when asked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from runpages.errors import RunpagesError
from runpages.views.run_text import plain_line
from runpages.views.text import filesize, plural


class Terminal:
    """The one voice of a command. Colours and bars appear on a terminal only, and not with NO_COLOR."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self.quiet, self.as_json = quiet, as_json
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def progress(self, done: int, total: int) -> None:
        """Sources read so far."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            return
        if self._bar is None:
            columns = (TextColumn("  reading"), BarColumn(), TextColumn("{task.completed} of {task.total}"))
            self._bar = Progress(*columns, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("reading", total=total)
        if self._task is not None:
            self._bar.update(self._task, completed=done)
        if done >= total:
            self._bar.stop()
            self._bar = None

    def say(self, line: str = "") -> None:
        """One line, unless quiet or speaking JSON."""
        if not self.quiet and not self.as_json:
            click.echo(line)

    def built(self, done: Mapping[str, Any]) -> None:
        """What `build` did."""
        self._object(done)
        self._readers(done)
        if done["secrets"]:
            self.say(f"  {plural(done['secrets'], 'secret')} replaced")
        wrote = f"wrote {done['output']}: {plural(done['pages'], 'page')}, {filesize(done['bytes'])}"
        self._timed(wrote, done["seconds"]["write"])
        self.say(f"  open  {done['open']}")
        self._locked(done)

    def inspected(self, found: Mapping[str, Any]) -> None:
        """What `inspect` found."""
        self._object(found)
        self._readers(found)
        for one in found["sources"]:
            self.say(f"  {one['reader']:<12} {one['where']}  {plural(one['runs'], 'run')}")
        for note in found["messages"]:
            self.say(f"  {note['level']}: {note['what']}{_where(note['where'])}")
            if note["hint"]:
                self.say(f"    {note['hint']}")
        for line in found["explained"]:
            self.say(f"  {line}")

    def audited(self, found: Mapping[str, Any], every: bool) -> None:
        """What a profile makes of every field."""
        self._object(found)
        self.say(f"  profile {found['profile']}, {plural(found['runs'], 'run')}")
        for verdict in ("shown", "replaced", "hidden"):
            some = [one for one in found["fields"] if one["verdict"] == verdict]
            self.say(f"\n  {verdict}: {plural(len(some), 'field')}")
            if verdict == "hidden" and not every:
                rooms = sorted({one["field"].partition(".")[0] for one in some})
                self.say(f"    {', '.join(rooms)} (--all lists them)" if some else "    none")
                continue
            for one in some:
                example = plain_line(", ".join(one["examples"]))
                self.say(
                    f"    {plain_line(one['field']):<32} {one['shown'] + one['replaced'] + one['hidden']:>6,}  {example}"
                )
        if found["only_in_fields"]:
            self.say("\n  too common to be replaced inside texts: " + plain_line(", ".join(found["only_in_fields"])))

    def published(self, report: Mapping[str, Any]) -> None:
        """What `publish` did."""
        self._object(report)
        self.say(
            f"  {report['place']}: {plural(report['written'], 'file')} written, {report['unchanged']:,} unchanged, {report['removed']:,} removed"
        )
        self._locked(report)

        for note in report["notes"]:
            self.say(f"  {note}")

    def allowed(self, found: Mapping[str, Any]) -> None:
        """That a host takes the site."""
        self._object(found)
        self.say(f"  {found['host']} takes it: {plural(found['files'], 'file')}, {filesize(found['bytes'])}")

    def verified(self, found: Mapping[str, Any]) -> None:
        """What `verify` found."""
        self._object(found)
        for problem in found["problems"]:
            self.say(f"  {problem['where']}: {problem['what']}")
        self.say(f"  {plural(found['files'], 'file')}, {plural(len(found['problems']), 'problem')}")

    def failed(self, error: RunpagesError) -> None:
        """Why the command stops, and the way out."""
        note = error.note
        if self.as_json:
            click.echo(
                json.dumps({"error": note.slug, "what": note.what, "where": note.where, "hint": note.hint}), err=True
            )
            return
        click.echo(f"{click.style('error', fg='red', bold=True)}: {note.what}{_where(note.where)}", err=True)
        if note.kept:
            click.echo(f"  kept: {note.kept}", err=True)
        if note.hint:
            click.echo(f"  {note.hint}", err=True)

    def _locked(self, done: Mapping[str, Any]) -> None:
        """The passphrase that was made, said this once even when quiet, and the end of a link that needs none."""
        told = done.get("locked")
        if told is None:
            return
        if told["passphrase"] and not self.as_json:
            click.echo(f"  passphrase  {told['passphrase']}  (said once: keep it)")
        self.say(f"  opens without it: the address of index.html, then {told['fragment']}")

    def _readers(self, found: Mapping[str, Any]) -> None:
        if not found["runs"] and "explained" not in found:
            self.say(f"  no runs in {plural(found['folders'], 'folder')}; `runpages inspect --explain` says why")
        for name, count in found["readers"].items():
            notes = f"  {plural(count['notes'], 'note')}" if count["notes"] else ""
            self.say(f"  {name:<12} {plural(count['runs'], 'run'):>9}{notes}")
        total = (
            f"{plural(found['runs'], 'run')}, {plural(found['metrics'], 'metric')}, {plural(found['notes'], 'note')}"
        )
        self._timed(total, found["seconds"]["read"])

    def _timed(self, line: str, seconds: float) -> None:
        self.say(f"  {line:<48} {seconds:>6.1f} s")

    def _object(self, value: Mapping[str, Any]) -> None:
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, default=str))


def _where(where: str) -> str:
    return f" ({where})" if where else ""


class guarded:  # noqa: N801  # used like a keyword
    """Turns a RunpagesError into its message and exit code; a bug of ours keeps its traceback only when asked for."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        """End the program as the error says."""
        if isinstance(error, RunpagesError):
            self.terminal.failed(error)
            sys.exit(error.exit_code)
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
