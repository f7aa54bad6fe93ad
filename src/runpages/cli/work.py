"""What the commands do, apart from how they speak."""

from __future__ import annotations

import functools
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

# what draws and writes pages is imported where it is used: `inspect` would wait two seconds for it
import runpages
from runpages.cli.locking import Password, locked_copy, locked_into, password
from runpages.config import Config, from_mapping
from runpages.errors import ConfigError, TargetError
from runpages.gather import Progress, default_cache
from runpages.publish.plan import Names, checked, scan_site
from runpages.seal import seal, workshop
from runpages.survey import survey

if TYPE_CHECKING:
    from runpages.cli.terminal import Terminal


PRIVACY = ("profile", "include", "exclude", "show", "hide")


def executor_name(kind: str, jobs: int | None) -> str:
    """The executor's name with its number of workers: `process=4`."""
    return kind if jobs is None else f"{'process' if kind == 'auto' else kind}={jobs}"


def build(
    sources: Sequence[Path],
    output: Path | None,
    options: Mapping[str, Any],
    progress: Progress | None,
    *,
    force: bool = False,
    password: Password | None = None,
) -> dict[str, Any]:
    """Build a site and put it in place in one step, locked when a password is given; returns what was found and written.

    TargetError when the disk is full or fails: the old site stands as it was.
    """
    target = output or Path("site")
    try:
        return _build(sources, target, options, progress, force=force, password=password)
    except OSError as error:
        raise _disk_error(error, target) from error


def _disk_error(error: OSError, target: Path) -> TargetError:
    near = next(folder for folder in (target.resolve(), *target.resolve().parents) if folder.exists())
    free = shutil.disk_usage(near).free / 1024 / 1024
    return TargetError(
        "disk-failed",
        f"the disk failed: {error.strerror or error}; {free:,.0f} MiB are free there",
        where=str(error.filename or target),
        kept="the old site",
        hint="make room, or write elsewhere with --output; TMPDIR says where temporary files go",
    )


def _build(
    sources: Sequence[Path],
    target: Path,
    options: Mapping[str, Any],
    progress: Progress | None,
    *,
    force: bool,
    password: Password | None,
) -> dict[str, Any]:
    from runpages.build import globals_hash
    from runpages.plugin import build_configured, build_site

    started = time.perf_counter()
    configured = Path("mkdocs.yml")
    config = _config(sources, options)
    with (
        workshop(target, force=force) as new,
        tempfile.TemporaryDirectory() as docs,
        tempfile.TemporaryDirectory() as aside,
    ):
        plain = Path(aside) if password else new
        if not sources and _has_plugin(configured):
            done = build_configured(configured, plain, progress, _said(options))
        else:
            done = build_site(config, Path.cwd(), Path(docs), plain, progress)
        veil, cache = done.pop("veil"), done.pop("cache")
        if done["profile"] != "private" or password:
            scan_site(plain, Names(veil.names.left, veil.fingerprint) if veil else None, cache)
        made_from: dict[str, str] = {}
        if password:
            made_from, done["locked"] = locked_into(plain, new, password)
        how: dict[str, Any] = {"globals_hash": globals_hash(), "profile": done["profile"], "made_from": made_from}
        manifest = seal(new, target, version=runpages.__version__, **how)
    pages = sum(entry.kind == "page" and name.endswith(".html") for name, entry in manifest.files.items())
    size = sum(entry.size for entry in manifest.files.values())
    done["seconds"]["write"] = time.perf_counter() - started - done["seconds"]["read"]
    return {**done, "output": str(target), "pages": pages, "bytes": size, "open": str(target / "index.html")}


def _config(sources: Sequence[Path], options: Mapping[str, Any]) -> Config:
    return from_mapping({"sources": [str(path) for path in sources], **options}, "command line")


def _said(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of privacy given on the command line: they count more than the configuration file."""
    config = _config((), options)
    return {name: getattr(config, name) for name in options if name in PRIVACY}


def _has_plugin(file: Path) -> bool:
    """Whether a mkdocs.yml names our plugin; a look at its text is enough, MkDocs reads it properly."""
    return file.is_file() and any(
        line.strip().lstrip("- ").startswith("runpages")
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    )


def inspect(sources: Sequence[Path], options: Mapping[str, Any], *, explain: bool = False) -> dict[str, Any]:
    """What a build would read: sources with their reader and runs, every note, and why other folders are no runs."""
    return survey(_config(sources, options), Path.cwd(), explain=explain)


def audit(sources: Sequence[Path], options: Mapping[str, Any]) -> dict[str, Any]:
    """What a profile would show of the sources, field by field, and the names that it replaces."""
    from runpages.audit import audit as audited
    from runpages.build import open_report
    from runpages.find import natural
    from runpages.redact.identity import searched
    from runpages.veil import make_veil

    config = _config(sources, {"profile": "public", **options})
    report = open_report(replace(config, profile="private"), Path.cwd())
    try:
        veil = make_veil(config, [member.head for member in report.runs.members])
        fields = audited((run, veil.run(run)) for _, run in report.runs.runs())
        names = sorted({(one.word, one.sort) for one in veil.names.known.values()}, key=lambda one: natural(one[0]))
        common = sorted({one.name for one in veil.names.known.values() if not searched(one.name)})
        return {
            "profile": config.profile,
            "runs": len(report.runs),
            "fields": [one.plain() for one in fields],
            "names": [word for word, _ in names],
            "only_in_fields": common,
        }
    finally:
        report.close()


def export(
    sources: Sequence[Path], options: Mapping[str, Any], kind: str, columns: Sequence[str], where: str = ""
) -> bytes:
    """The table of the sources in one of the export formats; `where` is a filter in the page's language."""
    from runpages.build import open_report
    from runpages.export import export as exported
    from runpages.export import matching

    report = open_report(_config(sources, options), Path.cwd())
    try:
        chosen = matching(report.runs, report.config, where) if where else None
        return exported(report.runs, kind, columns, chosen)
    finally:
        report.close()


def publish(target: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Take a sealed site to a target; returns where it lies and how many files that took."""
    from runpages.publish import Options, remove
    from runpages.publish import publish as published

    how = password(given := dict(given))
    if how is not None:
        checked(given["site"], Options(), beyond=False)
        with locked_copy(given["site"], how) as (site, told):
            return {**publish(target, {**given, "site": site}), "locked": told}
    options = Options(
        to=given["report_id"] if given["channel"] else given["to"],
        channel=given["channel"],
        keep=given["keep"],
        keep_days=given["keep_days"],
        message=given["message"],
        history=not given["no_history"],
        allow_private=given["allow_private"],
        force=given["force"],
        cache=default_cache(Path.cwd()).parent,
    )
    if given["remove"]:
        to = "/".join(part for part in (given["channel"], options.to) if part)
        report = remove(target, replace(options, to=to, channel=""))
    else:
        report = published(given["site"], target, options)
    return {
        "place": report.place,
        "written": len(report.written),
        "removed": len(report.removed),
        "unchanged": report.unchanged,
        "commit": report.commit,
        "notes": [note.what for note in report.notes],
    }


def check_host(site: Path, host: str) -> dict[str, Any]:
    """What the site would take of a host's limits."""
    from runpages.publish import check_host

    return check_host(site, host)


def verify(place: str) -> dict[str, Any]:
    """How many files were looked at, and what is wrong with which."""
    from runpages.publish import verify as verified

    count, notes = verified(place)
    return {"place": place, "files": count, "problems": [{"what": note.what, "where": note.where} for note in notes]}


def serve(sources: Sequence[Path], port: int, every: float, terminal: Terminal) -> None:
    """Serve a site on loopback and build it again whenever a source changes, until interrupted."""
    with tempfile.TemporaryDirectory() as room:
        site = Path(room) / "site"
        terminal.built(build(sources, site, {}, terminal.progress))
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Quiet, directory=str(site)))
        except OSError as error:
            hint = "choose another with --port, or 0 for any free one"
            raise ConfigError("port-taken", f"port {port} cannot be opened: {error.strerror}", hint=hint) from None
        Thread(target=server.serve_forever, daemon=True).start()
        terminal.say(f"  serving http://127.0.0.1:{server.server_port}/ until Ctrl-C")
        _watch(sources, site, every, terminal)


def _watch(sources: Sequence[Path], site: Path, every: float, terminal: Terminal) -> None:
    stop = Event()
    try:
        while not stop.wait(every):
            if _changed(sources):
                done = build(sources, site, {}, None)
                terminal.say(f"  built again: {done['runs']:,} runs")
    except KeyboardInterrupt:
        terminal.say("  stopped")


def _changed(sources: Sequence[Path]) -> bool:
    found = survey(_config(sources, {"executor": "serial"}), Path.cwd())
    return bool(found["read"])


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and keeps its log to itself."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """No page is kept by the browser: the next build may change it."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()
