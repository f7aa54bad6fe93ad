"""A report from folders to files: gathers, makes views, writes pages and data. Knows nothing of MkDocs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import runpages
from runpages import charts
from runpages.config import Config
from runpages.export import export
from runpages.find import Root
from runpages.frames import Beside, Line, RunSet
from runpages.gate.rules import rules_from
from runpages.gather import Gathered, Progress, gather
from runpages.history.numbers import Stamp, commit_of, entry_of
from runpages.historypage import HistoryPages
from runpages.loggedpages import TITLES, LoggedPages
from runpages.pages.data import curve_name, script, table_script, write_page, write_script, write_text
from runpages.pages.render import render
from runpages.pages.site import finish_pages, words_of, write_run_pages, write_search
from runpages.readers import installed
from runpages.redact.profiles import Veil
from runpages.remember import Remembered, of_user
from runpages.runpage import RunPages, shelf
from runpages.stats import of_studies
from runpages.store import Store
from runpages.store import globals_hash as globals_hash
from runpages.strictness import refuse_broken
from runpages.studypage import StudyPages
from runpages.survey import cache_folder, named_roots
from runpages.veil import veiled
from runpages.views import text
from runpages.views.charts import chart_list
from runpages.views.colours import tell_apart
from runpages.views.columns import Drawn, choose, references, runs_data
from runpages.views.curves import curves_data
from runpages.views.diff import compared, diff_page
from runpages.views.gallery import has_media, media_page
from runpages.views.notes import notes_view
from runpages.views.overview import empty_view, overview_view
from runpages.views.saved import address, shown_columns, shown_runs, slug
from runpages.views.table import Saved, compare_view, ranked

SPARKED = 2_000  # runs whose other first metrics have a sparkline too: a path takes 0.1 ms to make
LIBRARY = "assets/javascripts/{}"


@dataclass(frozen=True)
class ReportPage:
    """A page of the report: its path without suffix, title, kind for the theme, data files it needs, whether it stands in
    the navigation."""

    path: str
    title: str
    kind: str
    scripts: tuple[str, ...] = ()
    view: str = ""
    listed: bool = True


class Report:
    """Everything one build shows. Gather once with `open_report`; close when the files are written."""

    base = Path()

    def __init__(
        self,
        config: Config,
        roots: Sequence[Root],
        store: Store,
        gathered: Gathered,
        cache: Path,
        *,
        veil: Veil | None = None,
    ) -> None:
        self.roots, self.gathered, self.cache, self.veil = roots, gathered, cache, veil
        self._store = store
        self.remembered = Remembered(cache / "made")
        self.runs = RunSet(store, gathered.stored)
        self.config = of_studies(self.runs, config)
        self.media_secrets: Counter[str] = Counter()
        self.reading_s = 0.0

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    @cached_property
    def titles(self) -> dict[str, str]:
        """The trackers' names as people write them."""
        return {name: reader.title for name, reader in installed().readers.items()}

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """Every metric's curves in buckets."""
        return self.runs.lines(watch=self.beside.take)

    @cached_property
    def beside(self) -> Beside:
        """Every metric's values at the best steps of a few; filled while curves are read."""
        return Beside(self.runs, references(self.runs, self.config))

    @cached_property
    def data(self) -> dict[str, Any]:
        """The data file `runs`: every table of the site is made of it."""
        curves = {label: curve_name(label) for label in self.lines}
        pages = [f"runs/{member.slug}.html" for member in self.runs.members]
        first = runs_data(self.runs, self.config, Drawn(curves, pages, beside=self.beside.values))
        main = self.lines.get(first["main"].removeprefix("metric:"), [])
        first["runs"]["spark"] = _sparks(len(self.runs), main)
        for column in first["columns"] if len(self.runs) <= SPARKED else ():
            lines = self.lines.get(column["label"]) if column["shown"] and column["kind"] == "metric" else None
            if lines and column["id"] != first["main"]:
                column["values"]["spark"] = _sparks(len(self.runs), lines)
        tell_apart(first["runs"], ranked(first))
        return first

    @cached_property
    def charts(self) -> list[dict[str, Any]]:
        """A chart per metric with curves, the main one first, the first few with their still picture."""
        return chart_list(self.data, self.lines, self.remembered)

    @cached_property
    def notes(self) -> dict[str, Any]:
        """What the notes page shows."""
        return notes_view(self.runs, self.data, self.gathered.notes, self.gathered.secrets)

    @cached_property
    def searches(self) -> StudyPages:
        """The pages of searches."""
        return StudyPages(self.runs, self.data, self.titles, self.config, self.remembered)

    @property
    def as_of(self) -> float | None:
        """When the newest run ended: the date of the data, not of the build, so that a build can be repeated."""
        times = [time for m in self.runs.members for time in (m.head.run.ended, m.head.run.started) if time is not None]
        return max(times) if times else None

    @property
    def footer(self) -> dict[str, Any]:
        """What every page says of the report."""
        return {
            "runs": len(self.runs),
            "as_of": text.date(self.as_of) if self.as_of is not None else "",
            "as_of_iso": text.iso(self.as_of),
            "version": runpages.__version__,
            "commit": self.past.own.commit,
            "csv": "data/runs.csv",
            "jsonl": "data/runs.jsonl",
        }

    def pages(self) -> list[ReportPage]:
        """The pages that a template makes, those of the navigation in its order."""
        pages = [ReportPage("index", "Overview", "overview", ("data/specs.js",))]
        if len(self.runs):
            scripts = ("data/runs.js", "data/specs.js")
            pages.append(ReportPage("compare", "Compare", "compare", scripts))
            pages += [ReportPage(path, name, "compare", scripts, name) for name, path in self.view_paths.items()]
        if self.searches.studies:
            pages.append(ReportPage("studies", "Studies", "studies"))
        for name, study in self.searches.studies.items():
            title = text.shortened(study.name, 80)
            pages.append(ReportPage(f"studies/{name}", title, "study", ("data/specs.js",), name, listed=False))
        if len(self.runs):
            pages.append(ReportPage("diff", "What differs", "diff", ("data/runs.js",), listed=False))
        if has_media(self.runs):
            pages.append(ReportPage("media", "Media", "media", ("data/runs.js", "data/media.js")))
        pages += [
            ReportPage(kind, TITLES[kind], kind, ("data/runs.js", f"data/{kind}.js")) for kind in self.logged.shown
        ]
        if self.past.shown:
            pages.append(ReportPage("history", "History", "history"))
        notes = self.notes["total"]
        return [*pages, ReportPage("notes", f"Notes ({notes})" if notes else "Notes", "notes")]

    @cached_property
    def view_paths(self) -> dict[str, str]:
        """The page of each saved view, by its name."""
        paths: dict[str, str] = {}
        for name in self.config.views:
            path = stem = f"views/{slug(name)}"
            while path in paths.values():
                path = f"{stem}-{len(paths) + 1}"
            paths[name] = path
        return paths

    def _compare(self, view: str) -> dict[str, Any]:
        links = [{"name": name, "page": f"{path}.html"} for name, path in self.view_paths.items()]
        if not view:
            return compare_view(self.data, self.charts) | {"views": links}
        asked = self.config.views[view]
        numbers = shown_runs(self.data, view, asked, ranked(self.data))
        saved = Saved(view, address(self.data, view, asked), numbers, shown_columns(self.data, asked))
        return compare_view(self.data, self.charts, saved=saved) | {"views": links}

    def html(self, kind: str, view: str = "") -> str:
        """The content of a page of this kind; `view` names a saved view of the comparison, or a study."""
        if kind == "overview":
            return render("overview", **self._overview())
        if kind == "compare":
            return render("compare", **self._compare(view))
        if kind == "studies":
            return self.searches.list_html()
        if kind == "study":
            return self.searches.html(view)
        if kind == "history":
            return self.past.html()
        if kind == "media":
            return render("media", **media_page(self.runs, self.data))
        if kind in TITLES:
            return self.logged.html(kind)
        if kind == "diff":
            return render("diff", **diff_page(self.data))
        return render("notes", **self.notes)

    @cached_property
    def logged(self) -> LoggedPages:
        """The pages of what runs logged to be compared as a whole."""
        unseen = shelf(Path(), self.config.media_limit, Counter(), self.veil)
        return LoggedPages(self.runs, unseen, self.data, self.config)

    @cached_property
    def past(self) -> HistoryPages:
        """This report's numbers, and those of earlier ones."""
        commit = self.config.commit or commit_of(self.runs)
        title = self.config.title or "Experiment report"
        stamp = Stamp(title, text.iso(self.as_of), commit, self.config.branch, runpages.__version__)
        main = self.data["main"].removeprefix("metric:")
        ignore = rules_from(self.config.gate).ignore
        return HistoryPages(entry_of(self.runs, main, self.config, stamp, ignore), self.config, self.base)

    def _overview(self) -> dict[str, Any]:
        notes = [note | note["places"][0] for group in self.notes["groups"] for note in group["alike"]]
        shared = {"notes": [note for note in notes if note["level"] != "info"][:5], "notes_total": self.notes["total"]}
        if not len(self.runs):
            looked = [root.path.name if self.veil else str(root.path) for root in self.roots]
            return empty_view(looked, [reader.reads for reader in installed().readers.values()]) | shared
        chart = self.charts[0] if self.charts else None
        shared["changes"] = self.past.changes
        return overview_view(self.runs, self.data, self.config, self.titles, chart) | shared

    def chosen(self, runs: object, columns: object) -> dict[str, Any]:
        """The data of some runs, by id or name, with some columns; raises ConfigError for what is not there."""
        return choose(self.data, runs, columns)

    def words(self, html: str) -> str:
        """What search knows of a page."""
        return words_of(html)

    @cached_property
    def of_runs(self) -> RunPages:
        """The pages of single runs."""
        return RunPages(self.runs, self.data, self.lines, self.titles, self.config)

    def diff(self, numbers: Sequence[int], *, everything: bool = False) -> dict[str, Any]:
        """What differs between these runs, the first as the measure, as plain data."""
        return compared(
            [
                self.of_runs.side(number, shelf(Path(), self.config.media_limit, Counter(), self.veil))
                for number in numbers
            ],
            everything=everything,
        )

    def run_pages(self, site: Path) -> Iterator[tuple[str, str, str]]:
        """Path, title and body of every run's page; what it shows of the run's files is below the site afterwards."""
        media = shelf(site, self.config.media_limit, self.media_secrets, self.veil, self.remembered)
        yield from self.of_runs.pages(media, self.remembered)
        yield from self.of_runs.listed(self.data)
        yield from self.past.pages()

    def write(self, site: Path, shell: str, words: Sequence[Mapping[str, str]]) -> None:
        """Write run pages, data and search beside the pages of the site, and give every page its policy."""
        self.write_data(site)
        write_search(site, words, self.data)
        finish_pages(site)
        if (site / shell).exists():
            write_run_pages(site, (site / shell).read_text(encoding="utf-8"), self.run_pages(site))
            (site / shell).unlink()
        write_script(site, "media", self.of_runs.gallery.data())
        unseen = shelf(site, self.config.media_limit, Counter(), self.veil)
        for name, made in chain(self.of_runs.logs(), self.of_runs.sides(unseen, self.remembered)):
            write_text(site, name, made)
        self.remembered.forget_the_rest()
        of_user().forget_the_old()

    def write_data(self, site: Path) -> None:
        """Write every data file below the site."""
        write_text(site, "runs", table_script("runs", self.data))
        for label, lines in self.lines.items():
            write_text(site, curve_name(label), self._curves(label, lines))
        self.logged.write(site)
        for name in self.searches.studies:
            write_text(site, f"studies/{name}", self.searches.script(name))
        for chart in self.charts:
            write_page(site, chart["curve"].replace("curves/", "embed/"), render("embed", chart=chart, root="../"))
        shared = of_user()
        library = charts.bundle(shared)
        path = site / LIBRARY.format(library.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(library.content)
        path_ = LIBRARY.format(library.name)
        write_text(
            site,
            "specs",
            shared.text(
                "specs", [path_.encode(), charts.DRAWN_BY.encode()], lambda: script("specs", charts.page_specs(path_))
            ),
        )
        write_text(site, "kinds", self.remembered.text("kinds", [], lambda: script("kinds", charts.kinds.specs())))
        for kind in ("csv", "jsonl"):
            (site / "data" / f"runs.{kind}").write_bytes(export(self.runs, kind))
        self.past.write(site)

    def _curves(self, label: str, lines: Sequence[Line]) -> str:
        """The data file of one metric, made again only when a point of it changed."""
        names = {self.runs.members[line.number].head.step_names[label] for line in lines}
        step_name = names.pop() if len(names) == 1 else "step"
        about = [
            f"{label}\0{step_name}\0{[(line.number, line.count) for line in lines]}".encode("utf-8", "surrogatepass")
        ]
        arrays = [
            a.tobytes()
            for line in lines
            for a in (line.steps, line.values, line.low, line.high, line.times)
            if a is not None
        ]
        return self.remembered.text(
            "curves", [*about, *arrays], lambda: script(curve_name(label), curves_data(label, step_name, lines))
        )

    def summary(self) -> dict[str, Any]:
        """What was found, for the terminal: runs, groups and notes by reader, metrics, secrets."""
        readers: dict[str, Counter[str]] = {}
        for one in self.gathered.stored:
            count = readers.setdefault(one.source.reader, Counter())
            count["runs"] += len(one.heads)
            count["notes"] += sum(note.level != "info" for note in one.notes)
        return {
            "readers": {name: dict(count) for name, count in sorted(readers.items())},
            "runs": len(self.runs),
            "metrics": len(self.runs.metrics),
            "notes": sum(note["level"] != "info" for group in self.notes["groups"] for note in group["notes"]),
            "secrets": sum(
                n for name, n in (self.gathered.secrets + self.media_secrets).items() if name != "home-path"
            ),
            "read": self.gathered.read,
            "profile": self.config.profile,
            "folders": self.gathered.folders,
            "seconds": {"read": self.reading_s},
        }


def _sparks(count: int, lines: Sequence[Line]) -> list[str]:
    found = {line.number: charts.spark.path(line.values) for line in lines}
    return [found.get(number, "") for number in range(count)]


def open_report(config: Config, base: Path, progress: Progress | None = None) -> Report:
    """Read what the configuration names, relative to `base`. Raises ConfigError for a source that is no folder and
    BadInputs when more runs are broken than allowed."""
    roots = named_roots(config, base)
    cache = cache_folder(config, base)
    store = Store(cache / "store.sqlite")
    started = time.perf_counter()
    gathered = gather(roots, store, executor=config.executor, progress=progress)
    seen, shown, veil = veiled(config, store, gathered)
    report = Report(config, roots, seen, shown, cache, veil=veil)
    report.base = base
    report.reading_s = time.perf_counter() - started
    refuse_broken(config, shown)
    return report
