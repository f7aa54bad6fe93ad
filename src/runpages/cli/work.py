"""What the commands do, apart from how they speak."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Mapping, Sequence
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

# what draws and writes pages is imported where it is used: `inspect` would wait two seconds for it
import runpages
from runpages.config import Config, from_mapping
from runpages.errors import ConfigError
from runpages.gather import Progress
from runpages.seal import seal, workshop
from runpages.survey import survey

if TYPE_CHECKING:
    from runpages.cli.terminal import Terminal


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
) -> dict[str, Any]:
    """Build a site and put it in place in one step; returns what was found and written."""
    from runpages.build import globals_hash
    from runpages.plugin import build_configured, build_site

    started = time.perf_counter()
    target = output or Path("site")
    configured = Path("mkdocs.yml")
    config = _config(sources, options)
    with workshop(target, force=force) as new, tempfile.TemporaryDirectory() as docs:
        if not sources and _has_plugin(configured):
            done = build_configured(configured, new, progress)
        else:
            done = build_site(config, Path.cwd(), Path(docs), new, progress)
        manifest = seal(new, target, version=runpages.__version__, globals_hash=globals_hash(), profile=config.profile)
    pages = sum(entry.kind == "page" and name.endswith(".html") for name, entry in manifest.files.items())
    size = sum(entry.size for entry in manifest.files.values())
    done["seconds"]["write"] = time.perf_counter() - started - done["seconds"]["read"]
    return {**done, "output": str(target), "pages": pages, "bytes": size, "open": str(target / "index.html")}


def _config(sources: Sequence[Path], options: Mapping[str, Any]) -> Config:
    return from_mapping({"sources": [str(path) for path in sources], **options}, "command line")


def _has_plugin(file: Path) -> bool:
    """Whether a mkdocs.yml names our plugin; a look at its text is enough, MkDocs reads it properly."""
    return file.is_file() and any(
        line.strip().lstrip("- ").startswith("runpages")
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    )


def inspect(sources: Sequence[Path], options: Mapping[str, Any], *, explain: bool = False) -> dict[str, Any]:
    """What a build would read: sources with their reader and runs, every note, and why other folders are no runs."""
    return survey(_config(sources, options), Path.cwd(), explain=explain)


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
    from runpages.publish import Options
    from runpages.publish import publish as published

    options = Options(
        to=given["to"],
        message=given["message"],
        history=not given["no_history"],
        allow_private=given["allow_private"],
        force=given["force"],
    )
    report = published(given["site"], target, options)
    return {
        "place": report.place,
        "written": len(report.written),
        "removed": len(report.removed),
        "unchanged": report.unchanged,
        "commit": report.commit,
    }


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
