"""One state of a DVC project or one DVCLive folder, evaluated: params, metrics, series and what its plots draw."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runpages.codecs import csvtext, dagshub_log, jsontext
from runpages.codecs.dvc_plots import IMAGES, TABLES, Drawn, NotAPlot, Plot, Row, draw, rows_of
from runpages.codecs.dvc_project import LIVE, Absent, Out, Project, Tree, Unreadable, lookup, read_data
from runpages.codecs.flatten import Scalar, TooMuch, as_scalar, flatten
from runpages.codecs.lineage import Item, lineage
from runpages.errors import Notes
from runpages.model import Artifact, Series

MAX_IMAGE = 1 << 20  # bytes of a picture that is carried along out of git
MAX_IMAGES = 4 << 20
MAX_DEPTH = 100
SPELLED = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


@dataclass(slots=True)
class Snapshot:
    """What one state says. `notes` go with the run that is made of it."""

    params: dict[str, Scalar] = field(default_factory=dict)
    results: dict[str, Scalar] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    carried: int = 0

    def span(self) -> tuple[float | None, float | None]:
        """UTC seconds of the first and the last point that has a time."""
        times = [one.times for one in self.series.values() if one.times is not None and len(one.times)]
        seconds = np.concatenate(times) if times else np.array([np.nan])
        seconds = seconds[np.isfinite(seconds)]
        return (float(seconds.min()), float(seconds.max())) if len(seconds) else (None, None)


class Evaluation:
    """Reads what a project names. `inside` is True when content comes out of git and so must be carried along."""

    def __init__(
        self, tree: Tree, project: Project, notes: Notes, cache: Callable[[str], tuple[str, bytes]], inside: bool
    ) -> None:
        self.tree, self.project, self.notes, self.inside = tree, project, notes, inside
        self.cache = cache  # md5 of an output -> path below the source's root and content; raises Unreadable
        self.found = Snapshot()
        self.images: set[str] = set()
        self.absent: list[str] = []

    def params(self) -> Snapshot:
        """The parameters; a name that two files have gets the later file's path in front."""
        for file, keys in self.project.params.items():
            value = self._value(file, "dvc-params")
            if keys is not None:
                value = {key: lookup(value, key) if key not in _map(value) else value[key] for key in keys}
                value = {key: one for key, one in value.items() if one is not None}
            self._merge(self.found.params, self._flat(file, value), file)
        return self.found

    def all(self, rev: str) -> Snapshot:
        """Everything; `rev` is what a user's own template may write beside the points."""
        self.params()
        for file in self.project.metrics:
            live = self._live_of(file)
            value = self._value(file, "dvc-metrics")
            if live is not None and isinstance(value, dict):
                flat = dict(_slashed({key: one for key, one in value.items() if key != "step"}))
                self._merge(self.found.results, {key: _spelled(one) for key, one in flat.items()}, file)
            else:
                self._merge(self.found.results, self._flat(file, value), file)
        for folder in self.project.lives:
            self._live(folder)
        drawn = {file for plot in self.project.plots for file, columns in plot.sources if columns}
        for plot in self.project.plots:
            if (
                plot.sources[0][1] or plot.sources[0][0] not in drawn
            ):  # else a stage only names the data of another plot
                self._plot(plot, rev)
        for file in self.project.logs:
            self._log(file)
        self._outputs()
        self.found.artifacts += self._lineage()
        if self.absent:
            what = f"files that dvc.yaml names are neither in git nor in the cache: {len(self.absent)}, the first is {self.absent[0]}"
            self.notes.info(
                "dvc-absent", what, kept="the rest of the run", hint="dvc pull fetches outputs that are not in git"
            )
        return self.found

    def _log(self, file: str) -> None:
        """A log of DagsHub's logger beside the pipeline."""
        try:
            data = self._bytes(file)[1]
        except Unreadable as error:
            self._unread(file, error)
            return
        if data.startswith(dagshub_log.HEADER):
            log = dagshub_log.load(data, self.notes, file)
            for series in log.series:
                self._add(series, file)
            self._merge(self.found.results, log.texts, file)

    def _live_of(self, file: str) -> str | None:
        folder = posixpath.dirname(file)
        return folder if posixpath.join(folder, "plots") in self.project.lives else None

    def _bytes(self, file: str) -> tuple[str, bytes]:
        """Where the content lies below the source's root ("" inside git), and the content. Raises Unreadable."""
        if file in self.tree.names:
            return "" if self.inside else file, self.tree.read(file)
        out = self.project.outs.get(file)
        if out is None or not out.md5:
            raise Absent("is not there")
        return self.cache(out.md5)

    def _value(self, file: str, slug: str) -> Any:
        try:
            return read_data(Tree({file: ""}, lambda name: self._bytes(name)[1]), file, self.notes)
        except Unreadable as error:
            if file in self.tree.names or slug == "dvc-metrics":
                self._unread(file, error)
            return {}

    def _unread(self, file: str, error: Exception) -> None:
        if isinstance(error, Absent):
            self.absent += [file] if file not in self.absent else []
        else:
            self.notes.warn("dvc-file", str(error)[:300], where=file, kept="the rest of the run")

    def _flat(self, file: str, value: Any) -> dict[str, Scalar]:
        try:
            return flatten(value) if isinstance(value, dict) and value else {}
        except TooMuch as error:
            self._unread(file, error)
            return {}

    def _merge(self, known: dict[str, Scalar], more: Mapping[str, Scalar], file: str) -> None:
        for key, value in more.items():
            known[key if key not in known else f"{file}:{key}"] = value

    def _live(self, folder: str) -> None:
        """DVCLive's own layout: plots/metrics are series, the rest is drawn by what its names say."""
        listed = {file for plot in self.project.plots for file, _ in plot.sources}
        for name in self.tree.below(folder):
            inner = name.removeprefix(f"{folder}/")
            if inner.startswith("metrics/") and name.endswith(".tsv"):
                self._tsv(name, inner.removeprefix("metrics/").removesuffix(".tsv"))
            elif posixpath.splitext(name)[1].lower() in IMAGES:
                self._image(name)
            elif name not in listed and inner.startswith(("sklearn/", "custom/")) and name.endswith(".json"):
                self._plot(_guessed(name), "")

    def _tsv(self, file: str, name: str) -> None:
        try:
            table = csvtext.load(self.tree.read(file), self.notes, file)
        except Unreadable as error:
            self._unread(file, error)
            return
        step, time = table.find("step"), table.find("timestamp")
        column = table.columns[-1] if table.columns else None
        if step is None or column is None or not step.given.any():
            if table.rows:
                self._unread(file, Unreadable("has no column of steps"))
            return
        sound = step.given & np.isfinite(step.values) & (np.abs(step.values) < 2**53)
        rows = np.flatnonzero(sound & column.given)
        if column.texts:
            self.notes.info(
                "dvc-text-metric", f"{len(column.texts)} values are text", where=file, kept=f"the {len(rows)} numbers"
            )
        times = None if time is None or not time.numeric else time.values[rows] / 1000
        self._add(Series(name, step.values[rows].astype(np.int64), column.values[rows], times), file)

    def _add(self, series: Series, file: str) -> None:
        if not len(series.steps):
            return
        name = series.name if series.name not in self.found.series else f"{file}:{series.name}"
        if name != series.name:
            if name in self.found.series:
                return
            series = Series(name, series.steps, series.values, series.times, series.step_name)
        self.found.series[name] = series

    def _plot(self, plot: Plot, rev: str) -> None:
        tables: dict[str, list[Row]] = {}
        sources = []
        for path, columns in plot.sources:
            for file in self.tree.below(path) or [path]:
                suffix = posixpath.splitext(file)[1].lower()
                if suffix in IMAGES:
                    self._image(file)
                elif suffix in TABLES and not self._is_series(file):
                    sources.append((file, columns))
                    tables[file] = self._rows(file, plot)
        plot = Plot(
            plot.name, tuple(sources), plot.x, plot.template, plot.title, plot.x_label, plot.y_label, plot.header
        )
        for one in draw(plot, tables, self._template(plot), rev):
            self._drawn(one, plot)

    def _is_series(self, file: str) -> bool:
        match = LIVE.fullmatch(file)
        return bool(match and posixpath.join(match[1] or "", "plots") in self.project.lives)

    def _rows(self, file: str, plot: Plot) -> list[Row]:
        try:
            return rows_of(file, self._bytes(file)[1], self.notes, plot.header)
        except (Unreadable, NotAPlot) as error:
            self._unread(file, error)
            return []

    def _template(self, plot: Plot) -> Mapping[str, Any] | None:
        """The user's own template, which hides a built-in one of its name, as in DVC."""
        name = (
            plot.template
            if plot.template.endswith(".json")
            else posixpath.join(self.project.root, f".dvc/plots/{plot.template}.json")
        )
        if not plot.template or name not in self.tree.names:
            return None
        try:
            value = jsontext.load(self.tree.read(name))
            json.dumps(value)
        except (Unreadable, ValueError, RecursionError) as error:
            self._unread(name, error)
            return None
        return value if isinstance(value, dict) else None

    def _drawn(self, one: Drawn, plot: Plot) -> None:
        file = plot.sources[0][0]
        if one.kind == "series":
            content = one.content
            known = self.found.series.get(one.name)
            if known is not None and np.array_equal(known.values, content["y"], equal_nan=True):
                return  # listed twice: by the stage and at the top
            self._add(Series(one.name, content["x"].astype(np.int64), content["y"], None, content["x_name"]), file)
            return
        data = json.dumps(one.content, ensure_ascii=False, default=str).encode("utf-8", "replace")
        media = "application/json"
        same = [known for known in self.found.artifacts if known.data == data and known.kind == one.kind]
        if not same:
            kind: Any = one.kind
            if any(known.name == one.name for known in self.found.artifacts):
                one = Drawn(f"{one.name} ({posixpath.splitext(posixpath.basename(file))[0]})", one.kind, one.content)
            self.found.artifacts.append(
                Artifact(one.name, kind, "", key=file, size=len(data), data=data, media_type=media, caption=plot.title)
            )

    def _image(self, file: str) -> None:
        if file in self.images:
            return
        self.images.add(file)
        media = IMAGES[posixpath.splitext(file)[1].lower()]
        try:
            path, data = self._bytes(file)
        except Unreadable as error:
            self._unread(file, error)
            return
        inner, _, name = file.rpartition("/")
        name = file.split("plots/images/", 1)[-1] if "plots/images/" in file else file
        carried = data if not path else None
        if carried is not None:
            self.found.carried += len(carried)
            if len(carried) > MAX_IMAGE or self.found.carried > MAX_IMAGES:
                self.notes.info(
                    "dvc-picture-left", f"a picture of {len(carried):,} bytes stays in git", where=file, kept="its name"
                )
                carried = None
        step = posixpath.splitext(posixpath.basename(name))[0]
        numbered = step.isdecimal() and len(step) < 18
        key = posixpath.dirname(name) if numbered else ""
        self.found.artifacts.append(
            Artifact(
                name,
                "image",
                path,
                key=key,
                step=int(step) if numbered and inner else None,
                size=len(data),
                data=carried,
                media_type=media,
            )
        )

    def _outputs(self) -> None:
        """Outputs that nothing above has shown; content only where the file lies in the folder."""
        shown = {
            *self.images,
            *self.project.metrics,
            *(file for plot in self.project.plots for file, _ in plot.sources),
        }
        for out in self.project.outs.values():
            if out.path in shown:
                continue
            here = not self.inside and out.path in self.tree.names
            kind: Any = "model" if out.kind == "model" else "file"
            path = out.path if here else ""
            self.found.artifacts.append(
                Artifact(
                    out.name or out.path,
                    kind,
                    path,
                    size=out.size,
                    caption=out.desc,
                    digest=f"md5:{out.md5}" if out.md5 else "",
                )
            )

    def _lineage(self) -> list[Artifact]:
        """What the stages read that none of them made, and all that they made, as dvc.lock has it."""
        made = self.project.outs
        read = [_item(one) for path, one in self.project.deps.items() if path not in made]
        return lineage(read, [_item(one) for one in made.values() if one.stages])


def _item(out: Out) -> Item:
    digest = f"md5:{out.md5}" if out.md5 else ""
    return Item(out.path, out.kind, digest, out.size, "", out.stages)


def _guessed(name: str) -> Plot:
    """How DVCLive declares a plot of this name when its dvc.yaml is not there."""
    stem, confusion = posixpath.splitext(posixpath.basename(name))[0], "confusion" in name
    x, y, x_label, y_label = KNOWN.get("confusion_matrix" if confusion else stem, ("", "", "", ""))
    title = stem.replace("_", " ") if x else ""
    return Plot(
        name,
        ((name, (y,) if y else ()),),
        x,
        "confusion" if confusion else "" if x else "table",
        title,
        x_label,
        y_label,
    )


KNOWN = {
    "roc": ("fpr", "tpr", "False Positive Rate", "True Positive Rate"),
    "precision_recall": ("recall", "precision", "Recall", "Precision"),
    "det": ("fpr", "fnr", "False Positive Rate", "False Negative Rate"),
    "calibration": ("prob_pred", "prob_true", "Mean Predicted Probability", "Fraction of Positives"),
    "confusion_matrix": ("actual", "predicted", "True Label", "Predicted Label"),
}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _slashed(value: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Scalar]]:
    """DVCLive's nested summary under the names that were logged: "train/loss"."""
    for key, one in value.items():
        if isinstance(one, dict) and one and depth < MAX_DEPTH:
            yield from _slashed(one, f"{prefix}{key}/", depth + 1)
        else:
            yield f"{prefix}{key}", as_scalar(one)


def _spelled(value: Scalar) -> Scalar:
    return SPELLED.get(value, value) if isinstance(value, str) else value
