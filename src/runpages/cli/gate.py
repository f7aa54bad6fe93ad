"""`runpages check` and `runpages summary`: what they take, and what they say."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from runpages.cli.terminal import Terminal, guarded

_SOURCES = click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
_BASELINE = click.option(
    "--baseline", "-b", default="", metavar="WHERE",
    help="branch:gh-pages, branch:gh-pages:main, tag:v1, a site's folder, a runs.jsonl, run:ID, query:param:model=old.",
)  # fmt: skip
_RULES = click.option(
    "--rules", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Rules as YAML or TOML (default: `gate` of mkdocs.yml, else [gate] of runpages.toml).",
)  # fmt: skip
_METRIC = click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Judge this metric (again for more); others are shown only.",
)
_AXIS = click.option("--axis", "axes", multiple=True, metavar="PARAM", help="A param whose change is what is tested.")
_MIN_RUNS = click.option(
    "--min-runs", type=click.IntRange(1), metavar="N", help="Fewer runs of a configuration are no pass."
)
_COMMIT = click.option("--commit", default="", metavar="SHA", help="The commit at hand: its own report is no baseline.")


@click.command(short_help="Better or worse than the baseline, by more than noise?")
@_SOURCES
@_BASELINE
@_RULES
@_METRIC
@_AXIS
@_MIN_RUNS
@_COMMIT
@click.option("--json", "json_file", metavar="FILE", help="The result as JSON (- for the terminal).")
@click.option("--junit", "junit_file", metavar="FILE", help="The result as JUnit XML.")
@click.option(
    "--openmetrics", "openmetrics_file", metavar="FILE", help="Both means of every metric as OpenMetrics text."
)
@click.option("--annotations", type=click.Choice(["auto", "github", "none"]), default="auto", show_default=True,
              help="Workflow commands, at most 8; auto: in a GitHub job.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def check(sources: tuple[Path, ...], annotations: str, quiet: bool, **given: Any) -> None:
    """Compare the runs in SOURCES (folders of runs, or a built site) with a baseline, and exit with 3 when they are worse.

    \b
    improved, regressed   a change that matters (2 % unless a rule says otherwise) and that noise would
                          show in 1 of 100 checks at most: ranks from 6 seeds a side, Welch's t from 3
    within noise          too small to matter, or no more than seeds differ by
    cannot tell           one or two seeds, or a change that may be noise; says how many seeds it would take
    missing, refused      no values, or another configuration: never a pass

    \b
    runpages check runs/ --baseline branch:gh-pages --metric val/accuracy
    runpages check site/ --baseline last.jsonl --junit gate.xml --json gate.json
    runpages check runs/ --baseline run:lucky-finch --axis lr

    Exit codes: 0 passed, 2 a wrong option or no such baseline, 3 worse, missing or not comparable.
    """
    from runpages.cli import verdict  # what it draws on is not loaded for other commands

    terminal = Terminal(quiet=quiet or "-" in given.values())
    with guarded(terminal):
        result = verdict.checked(sources, given)
        verdict.write(result, {name: given[f"{name}_file"] for name in ("json", "junit", "openmetrics")})
        for line in verdict.lines(result):
            terminal.say(line)
        if annotations == "github" or (annotations == "auto" and os.environ.get("GITHUB_ACTIONS") == "true"):
            for line in verdict.commands(result):
                click.echo(line)
    sys.exit(0 if result.passed else 3)


@click.command(short_help="The verdict as Markdown, for a pull request.")
@_SOURCES
@_BASELINE
@_RULES
@_METRIC
@_AXIS
@_MIN_RUNS
@_COMMIT
@click.option("--check", "check_file", type=click.Path(path_type=Path), metavar="FILE",
              help="A result that `runpages check --json FILE` wrote; nothing is read or compared again.")  # fmt: skip
@click.option("--url", default="", metavar="URL", help="Where the report can be read: links go there.")
@click.option("--title", default="", metavar="TEXT", help="What the verdict is about, when there are several.")
@click.option("--output", "-o", default="-", metavar="FILE", help="Append to this file (default: the terminal).")
@click.option(
    "--comment", is_flag=True, help="Write it to the pull or merge request of this job; a second time edits the first."
)
@click.option("--mark", default="runpages", metavar="NAME", help="Which comment is ours, when there are several.")
@click.option(
    "--pull-request", type=click.IntRange(1), metavar="N", help="The request to comment on (default: the job's own)."
)
@click.option("--expect-head", default="", metavar="SHA", help="Comment only while the request is at this commit.")
def summary(sources: tuple[Path, ...], output: str, comment: bool, **given: Any) -> None:
    """Say the verdict in Markdown: first the verdict, then a table of changes, then links.

    It stays below what hosts accept (900 KiB, a comment 60,000 characters); whole sections are left out, and counted.
    Nothing that a run says becomes a mention, a link or markup.

    \b
    runpages summary --check gate.json --output "$GITHUB_STEP_SUMMARY"
    runpages summary --check gate.json --url https://lab.example/report/ --comment

    --comment takes GITHUB_TOKEN, or RUNPAGES_TOKEN on GitLab, from the environment.
    """
    from runpages.cli import verdict  # what it draws on is not loaded for other commands

    terminal = Terminal()
    with guarded(terminal):
        result = verdict.read(given["check_file"]) if given["check_file"] else verdict.checked(sources, given)
        if comment:
            done = verdict.comment(result, given, os.environ)
            terminal.say(f"  comment {done}")
        if output != "-":
            verdict.append(Path(output), verdict.markdown(result, given))
        elif not comment:
            sys.stdout.buffer.write(verdict.markdown(result, given).encode("utf-8", "replace"))
