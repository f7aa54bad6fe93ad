"""The command line: what each command takes, and what it says when it is done."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

import runpages
from runpages.cli import work
from runpages.cli.gate import check, summary
from runpages.cli.locking import password
from runpages.cli.terminal import Terminal, guarded
from runpages.config import PROFILES
from runpages.export import FORMATS

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
SOURCES = click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
EXECUTOR = click.option(
    "--executor", default="auto", metavar="KIND", help="auto, process, serial, thread or dask:ADDRESS."
)
JOBS = click.option(
    "--jobs", "-j", type=click.IntRange(1), metavar="N", help="Worker processes (default: one per processor)."
)
PROFILE = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    default=None,
    help="What may be shown: all but secrets (private), no users, hosts, paths, logs (public), no names at all (anonymous).",
)
INCLUDE = click.option(
    "--include", multiple=True, metavar="RUNS", help="Only these runs: a pattern, or status=finished."
)
EXCLUDE = click.option("--exclude", multiple=True, metavar="RUNS", help="Not these runs: nothing of them is written.")
SHOW = click.option("--show", multiple=True, metavar="FIELD", help="Show a field that the profile hides, e.g. log.")
HIDE = click.option("--hide", multiple=True, metavar="FIELD", help="Hide a field all the same, e.g. params.data_dir.")
PASSWORD = click.option(
    "--password", is_flag=True, help="Lock the site; the passphrase is made, or taken from RUNPAGES_PASSPHRASE."
)
SPLIT = click.option(
    "--split", is_flag=True, help="Lock into a folder of parts (https, localhost) instead of one file."
)
WEAK = click.option("--weak", is_flag=True, help="Accept a passphrase of fewer than 12 characters.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Say it as one JSON object.")


@click.group(context_settings=CONTEXT)
@click.version_option(runpages.__version__, prog_name="runpages")
def main() -> None:
    """Turn the run folders of experiment trackers into a static report site.

    \b
    runpages build runs/          read runs/, write site/, open site/index.html
    runpages inspect runs/        what is in there, and why a folder is (not) a run
    runpages check runs/ -b branch:gh-pages    better or worse than what is published?
    runpages publish gh-pages     push site/ to a branch that a host serves

    No server, no account, no tracker needed. Your run folders are only read.
    """


@main.command(short_help="Read runs and write the report.")
@SOURCES
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Where the site goes (default: site)."
)
@click.option("--title", metavar="TEXT", help="The report's title.")
@click.option("--main-metric", metavar="NAME", help="The metric to rank by (default: chosen by name).")
@click.option("--history", metavar="WHERE", help="Where earlier reports lie: a folder of them, or branch:gh-pages.")
@click.option("--commit", metavar="SHA", help="The commit this report is of (default: what its runs say).")
@click.option("--branch", metavar="NAME", help="The branch this report is of.")
@click.option("--url", metavar="URL", help="Where the reports will be read: links of the history and the feed.")
@PROFILE
@INCLUDE
@EXCLUDE
@SHOW
@HIDE
@PASSWORD
@SPLIT
@WEAK
@click.option("--strict", is_flag=True, help="Stop with exit code 2 when anything could not be read.")
@click.option(
    "--max-bad-runs",
    type=click.IntRange(0),
    metavar="N",
    help="Stop with exit code 4 when more runs than this are broken.",
)
@click.option("--force", is_flag=True, help="Replace the output folder even if it was not made by runpages.")
@JOBS
@EXECUTOR
@QUIET
@AS_JSON
def build(
    sources: tuple[Path, ...], output: Path | None, force: bool, quiet: bool, as_json: bool, **given: Any
) -> None:
    """Read the runs in SOURCES (default: this folder) and write a site that opens by double click.

    A mkdocs.yml here that names the runpages plugin is used when no SOURCES are given. The old site stays as it is
    until the new one is whole.
    """
    terminal = Terminal(quiet=quiet, as_json=as_json)
    with guarded(terminal):
        options = {name: value for name, value in given.items() if value not in (None, False, ())}
        options["executor"] = work.executor_name(options["executor"], options.pop("jobs", None))
        how = password(options)
        terminal.built(work.build(sources, output, options, terminal.progress, force=force, password=how))


@main.command(short_help="What is here: reader, runs, notes.")
@SOURCES
@click.option("--explain", is_flag=True, help="Say for each folder why it is, or is not, a run.")
@EXECUTOR
@AS_JSON
def inspect(sources: tuple[Path, ...], explain: bool, executor: str, as_json: bool) -> None:
    """Look at SOURCES and say what a build would read. Nothing is written outside the cache."""
    terminal = Terminal(as_json=as_json)
    with guarded(terminal):
        terminal.inspected(work.inspect(sources, {"executor": executor}, explain=explain))


@main.command(short_help="What would become public.")
@SOURCES
@PROFILE
@INCLUDE
@EXCLUDE
@SHOW
@HIDE
@click.option("--all", "every", is_flag=True, help="List hidden fields one by one, too.")
@AS_JSON
def audit(sources: tuple[Path, ...], as_json: bool, every: bool, **given: Any) -> None:
    """List every field of the runs in SOURCES: shown, replaced in part or hidden under a profile (default: public).

    The name of a field is what --show and --hide take. Nothing is written outside the cache.
    """
    terminal = Terminal(as_json=as_json)
    with guarded(terminal):
        terminal.audited(work.audit(sources, {name: value for name, value in given.items() if value}), every)


@main.command(short_help="The table as data.")
@SOURCES
@click.option("--format", "kind", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option(
    "--columns", metavar="A,B,C", default="", help="Only these columns, in this order, e.g. name,param:lr,val/loss.min"
)
@click.option(
    "--where", metavar="FILTER", default="", help='Only these runs, e.g. "lr < 1e-3 and tags.stage != debug".'
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file, not to the terminal."
)
@EXECUTOR
def export(sources: tuple[Path, ...], kind: str, columns: str, where: str, output: Path | None, executor: str) -> None:
    """Write every run of SOURCES, or those that a filter keeps, as JSON Lines, CSV, Markdown, LaTeX or Parquet.

    JSON Lines holds everything but the points; numbers are exact, nan and inf are words, times are ISO 8601 UTC.
    """
    with guarded(Terminal()):
        names = [one for one in columns.split(",") if one]
        content = work.export(sources, {"executor": executor}, kind, names, where)
        if output is None:
            sys.stdout.buffer.write(content)
        else:
            output.write_bytes(content)


@main.command(short_help="Runs side by side.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--source",
    "-s",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the runs lie (default: this folder).",
)
@click.option("--markdown", is_flag=True, help="As Markdown tables.")
@EXECUTOR
@AS_JSON
def compare(runs: tuple[str, ...], sources: tuple[Path, ...], markdown: bool, executor: str, as_json: bool) -> None:
    """Say in what RUNs differ: parameters, metrics, packages, code. The first is what the others are measured by.

    A RUN is named by its id (or the beginning of it) or its name; folders of runs may be named instead.
    """
    from runpages.cli import side_by_side

    with guarded(Terminal(as_json=as_json)):
        view = side_by_side.compare(runs, sources, {"executor": executor})
        how = "json" if as_json else "markdown" if markdown else "text"
        click.echo("\n".join(side_by_side.lines(view, how)).lstrip("\n"))


@main.command(short_help="Take a built site somewhere.")
@click.argument("target", required=False, default="")
@click.option(
    "--site", type=click.Path(path_type=Path), default=Path("site"), show_default=True, help="The site to publish."
)
@click.option("--to", default="", metavar="DIR", help="A folder inside the target; its neighbours stay.")
@click.option("--channel", default="", metavar="NAME", help="Keep reports side by side in NAME/ID, with a front page.")
@click.option(
    "--id", "report_id", default="", metavar="ID", help="The report's folder in its channel (default: the time)."
)
@click.option(
    "--keep", default=0, type=click.IntRange(0), metavar="N", help="Of the channel's reports keep the newest N."
)
@click.option("--keep-days", default=0, type=click.IntRange(0), metavar="N", help="And only those of the last N days.")
@click.option("--remove", is_flag=True, help="Take the report in --to out of the target.")
@click.option("--check", "host", default="", metavar="HOST", help="Only say whether HOST would take the site.")
@click.option("--message", "-m", default="", metavar="TEXT", help="The commit's message.")
@click.option("--no-history", is_flag=True, help="Keep one commit on the branch only.")
@click.option(
    "--private", "allow_private", is_flag=True, help="Publish a site of the private profile beyond this machine."
)
@click.option("--force", is_flag=True, help="Replace a folder or file that is not ours.")
@PASSWORD
@SPLIT
@WEAK
@AS_JSON
def publish(target: str, as_json: bool, **given: Any) -> None:
    """Copy the site to TARGET: a folder, FILE.zip, FILE.html (all in one file), gh-pages (that branch of origin),
    git:REMOTE#BRANCH, s3://BUCKET/PATH (or gs, az: what fsspec knows) or rsync+ssh://HOST/PATH.

    --check knows github, gitlab, cloudflare, netlify and huggingface. Other folders of a branch are kept, as are CNAME and .nojekyll. When someone else pushed meanwhile, it is tried again.
    """
    terminal = Terminal(as_json=as_json)
    with guarded(terminal):
        if given["host"]:
            terminal.allowed(work.check_host(given["site"], given["host"]))
        if target or not given["host"]:
            terminal.published(work.publish(target, given))


@main.command(short_help="Is what was published intact?")
@click.argument("place")
@AS_JSON
def verify(place: str, as_json: bool) -> None:
    """Read every file of the site at PLACE (a folder, https://..., s3://...) again and compare it with its manifest.

    Exit code 6 when a file is missing or changed.
    """
    terminal = Terminal(as_json=as_json)
    with guarded(terminal):
        found = work.verify(place)
        terminal.verified(found)
        if found["problems"]:
            sys.exit(6)


@main.command(short_help="Live preview.")
@SOURCES
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--every", default=2.0, show_default=True, metavar="SECONDS", help="How often to look for changes.")
def serve(sources: tuple[Path, ...], port: int, every: float) -> None:
    """Build SOURCES into a temporary folder, serve it on this machine only, and build again when runs grow."""
    terminal = Terminal()
    with guarded(terminal):
        work.serve(sources, port, every, terminal)


main.add_command(check)
main.add_command(summary)
