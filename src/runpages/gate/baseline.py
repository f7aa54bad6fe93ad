"""The baseline, wherever it lies: a published report on a branch, a site, a file, a tag, a run, a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from runpages.config import Config
from runpages.errors import ConfigError
from runpages.gate.records import Record, Side, condition, parse_lines, split
from runpages.gate.rules import Rules
from runpages.history.shelf import RUNS, Published, Shelf, missing, open_shelf, published
from runpages.stats import is_seed

FORMS = "branch:gh-pages, tag:v1, a site's folder, a runs.jsonl, run:ID or query:param:model=old"


def site_side(folder: Path) -> Side:
    """The runs of a built site."""
    content = _bytes(folder / RUNS)
    with open_shelf(str(folder), Path()) as shelf:
        here = [one for one in published(shelf) if not one.folder]
    return Side(parse_lines(content, str(folder / RUNS)), str(folder), here[0].entry.commit if here else "")


def is_site(folder: Path) -> bool:
    """Whether a folder is a built site rather than runs."""
    return (folder / RUNS).is_file()


def resolve(where: str, one: Side, rules: Rules, config: Config, base: Path) -> tuple[Side, Side]:
    """(this side, the baseline): runs that are the baseline leave this side. Raises ConfigError with the forms there are."""
    if not where:
        raise ConfigError("baseline-missing", "no baseline is named", hint=f"--baseline {FORMS}")
    kind, _, rest = where.partition(":")
    if kind == "query":
        return split(one, condition(rest), where)
    if kind == "run":
        return split(one, repeats_of(one, rest, rules, config), where)
    path = (base / (rest if kind == "file" else where)).expanduser()
    if kind not in ("branch", "tag") and path.is_file():
        return one, Side(parse_lines(_bytes(path), where), where)
    if kind not in ("branch", "tag") and is_site(path):
        return one, site_side(path)
    with open_shelf(where, base) as shelf:
        return one, _from_shelf(shelf, one, rules)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise missing(str(path), str(error.strerror)) from error


def _from_shelf(shelf: Shelf, one: Side, rules: Rules) -> Side:
    """The newest reports as one baseline; a report of the very commit at hand is no baseline when there is another."""
    found = published(shelf)
    others = [report for report in found if not one.commit or report.entry.commit != one.commit] or found
    if not others:
        raise missing(shelf.place, "it holds no data/report.json")
    reports = [_runs(shelf, report) for report in others[: rules.pool]]
    newest = others[0]
    source = ", ".join(part for part in (shelf.place, newest.folder, newest.entry.commit[:7]) if part)
    return Side(reports[0], source, newest.entry.commit, tuple(reports))


def _runs(shelf: Shelf, report: Published) -> tuple[Record, ...]:
    return parse_lines(shelf.read(report.runs), f"{shelf.place}:{report.runs}")


def repeats_of(side: Side, name: str, rules: Rules, config: Config) -> Callable[[Record], bool]:
    """The test of being the run of this id or name, or a repeat of it with another seed."""
    found = [run for run in side.runs if name in (run.id, run.name)] or [
        run for run in side.runs if run.id.startswith(name)
    ]
    if len({run.id for run in found}) != 1:
        what = f"{len(found)} runs are called {name}" if found else f"no run is called {name}"
        raise ConfigError("baseline-missing", what, hint="name one by its id: runpages inspect shows them")
    wanted = _told(found[0], rules.ignore, config)
    return lambda run: run.id == found[0].id or (bool(run.params) and _told(run, rules.ignore, config) == wanted)


def _told(run: Record, ignore: Sequence[str], config: Config) -> tuple[str, dict[str, str]]:
    told = {name: str(value) for name, value in run.params.items() if not is_seed(name, config) and name not in ignore}
    return run.group, told
