"""How metrics went over published reports: levels, steps, and what changed since the last one."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np

from runpages.charts import history as chart
from runpages.charts import spark, static
from runpages.config import Direction
from runpages.history.entry import Entry, track
from runpages.model import Floats
from runpages.stats.difference import difference
from runpages.stats.steps import Level, levels
from runpages.views import text

MATTERS = 0.02  # of the level before: smaller steps are not worth a word
ALPHA = 0.0152  # as the gate's
TRACKS = 6
CHANGES = 6


@dataclass(frozen=True)
class Track:
    """One configuration's metric through the reports: `places` in the history, one sample of values each, its levels."""

    name: str
    places: tuple[int, ...]
    samples: tuple[Floats, ...]
    levels: tuple[Level, ...]

    @property
    def means(self) -> Floats:
        """(reports,) the mean of each sample."""
        return np.array([sample.mean() for sample in self.samples])

    @property
    def steps(self) -> tuple[int, ...]:
        """The positions in this track at which a new level begins."""
        return tuple(level.start for level in self.levels[1:])


def labels_of(entries: Sequence[Entry]) -> list[str]:
    """Every metric of the history, those of the newest report first."""
    return list(dict.fromkeys(label for entry in reversed(entries) for label in entry.metrics))


def page_of(label: str) -> str:
    """The page of a metric's history."""
    safe = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:40]
    return f"history/{safe or 'metric'}-{hashlib.blake2b(label.encode('utf-8', 'surrogatepass'), digest_size=3).hexdigest()}.html"


def tracks(entries: Sequence[Entry], label: str) -> list[Track]:
    """The configurations that most reports have; the best of each report as well when there are several, or none stays."""
    often: Counter[str] = Counter()
    names: dict[str, str] = {}
    for entry in entries:
        for cell in entry.cells:
            if label in cell.values:
                often[cell.key] += 1
                names[cell.key] = cell.name
    lasting = [key for key, count in often.most_common() if count > 1][:TRACKS]
    found = [_track(names[key], track(entries, key, label)) for key in lasting]
    if len(often) > 1 or not found:
        best = [(place, np.array([entry.best(label)])) for place, entry in enumerate(entries)]
        found.insert(0, _track("best of each report", [(place, one) for place, one in best if np.isfinite(one).all()]))
    return [one for one in found if one.places]


def _track(name: str, points: Sequence[tuple[int, Floats]]) -> Track:
    means = np.array([values.mean() for _, values in points])
    places, samples = tuple(place for place, _ in points), tuple(values for _, values in points)
    return Track(name, places, samples, tuple(levels(means, MATTERS)))


def history_view(entries: Sequence[Entry], url: str) -> dict[str, Any]:
    """What the template `history` shows: a line per metric, then every report."""
    metrics = []
    for label in labels_of(entries):
        some = tracks(entries, label)
        if some:
            metrics.append(_line(label, some[0], entries))
    reports = [_report(place, entry, url, newest=place == len(entries) - 1) for place, entry in enumerate(entries)]
    return {"root": "", "metrics": metrics, "reports": reports[::-1], "count": len(entries)}


def _line(label: str, one: Track, entries: Sequence[Entry]) -> dict[str, Any]:
    step = _step(one, len(one.levels) - 1, entries, _direction(entries, label)) if one.steps else None
    mean, std = _mean_std(one.samples[-1])
    return {
        "label": label,
        "page": page_of(label),
        "name": one.name,
        "spark": spark.path(one.means) if len(one.means) > 1 else "",
        "value": text.plus_minus(mean, std),
        "step": step,
        "direction": _direction(entries, label),
    }


def _direction(entries: Sequence[Entry], label: str) -> Direction:
    return next((entry.metrics[label] for entry in reversed(entries) if label in entry.metrics), "")


def _mean_std(sample: Floats) -> tuple[float, float]:
    return float(sample.mean()), float(sample.std(ddof=1)) if len(sample) > 1 else math.nan


def _step(one: Track, number: int, entries: Sequence[Entry], which: Direction) -> dict[str, Any]:
    """The step to level `number` in words: between which reports, from where to where."""
    before, after = one.levels[number - 1], one.levels[number]
    change = after.mean - before.mean
    share = 100 * change / abs(before.mean) if before.mean else math.inf
    last, first = entries[one.places[before.end - 1]], entries[one.places[after.start]]
    better = None if not which else (change > 0) == (which == "max")
    return {
        "place": one.places[after.start] + 1,
        "text": f"{text.number(before.mean)} → {text.number(after.mean)} ({'+' if share > 0 else ''}{text.number(float(f'{share:.2g}'))} %)",
        "up": change > 0,
        "better": better,
        "after": last.name,
        "at": first.name,
        "commits": f"{last.commit[:12]}..{first.commit[:12]}" if last.commit and first.commit else "",
    }


def _report(place: int, entry: Entry, url: str, *, newest: bool) -> dict[str, Any]:
    best = entry.best(entry.main) if entry.main else math.nan
    return {
        "number": place + 1,
        "name": entry.name,
        "commit": entry.commit,
        "branch": entry.branch,
        "at": entry.at,
        "link": "" if newest else link_of(entry, url),
        "runs": entry.runs,
        "main": entry.main,
        "best": text.number(best) if math.isfinite(best) else text.NONE,
    }


def link_of(entry: Entry, url: str) -> str:
    """Where an earlier report can be read, "" when nobody said."""
    if not url.startswith(("https://", "http://")) or not entry.path:
        return ""
    return f"{url.rstrip('/')}/{quote(entry.path)}/index.html"


def metric_view(entries: Sequence[Entry], label: str, url: str) -> dict[str, Any]:
    """What the template `history_metric` shows: a chart and a table per configuration."""
    which = _direction(entries, label)
    some = tracks(entries, label)
    return {
        "root": "../",
        "label": label,
        "direction": which,
        "tracks": [_track_view(one, number, entries, (label, which, url)) for number, one in enumerate(some)],
    }


def _track_view(one: Track, number: int, entries: Sequence[Entry], about: tuple[str, Direction, str]) -> dict[str, Any]:
    label, which, url = about
    steps = [_step(one, level, entries, which) for level in range(1, len(one.levels))]
    return {
        "name": one.name,
        "steps": steps,
        "svg": _picture(one, label, steps, f"rph{number}", len(entries)),
        "rows": [_row(one, at, entries, url) for at in range(len(one.places))][::-1],
        "noise": text.number(one.levels[-1].noise) if one.levels and one.levels[-1].noise else "",
    }


def _row(one: Track, at: int, entries: Sequence[Entry], url: str) -> dict[str, Any]:
    entry, place = entries[one.places[at]], one.places[at]
    mean, std = _mean_std(one.samples[at])
    value, _, around = text.plus_minus(mean, std).partition(" ± ")
    return {
        **_report(place, entry, url, newest=place == len(entries) - 1),
        "n": len(one.samples[at]),
        "value": value,
        "spread": around,
        "step": at in one.steps,
    }


def _picture(one: Track, label: str, steps: Sequence[Mapping[str, Any]], prefix: str, count: int) -> str:
    data: dict[str, list[dict[str, Any]]] = {"reports": [], "levels": [], "steps": []}
    for place, sample in zip(one.places, one.samples, strict=True):
        mean, std = _mean_std(sample)
        around = {"lo": mean - std, "hi": mean + std} if math.isfinite(std) else {"lo": None, "hi": None}
        data["reports"].append({"x": place + 1, "mean": mean, "n": len(sample), **around})
    for level in one.levels:
        first, last = one.places[level.start] + 0.5, one.places[level.end - 1] + 1.5
        band = {"lo": level.mean - 2 * level.noise, "hi": level.mean + 2 * level.noise}
        data["levels"].append({"x": first, "x2": last, "mean": level.mean, **band})
    data["steps"] = [{"x": step["place"] - 0.5, "text": step["at"]} for step in steps]
    told = f"{label} over {text.plural(len(one.places), 'report')}, {text.plural(len(steps), 'step')}"
    return static.svg(chart.spec(count), data, alt=told.encode("utf-8", "replace").decode(), id_prefix=prefix)


def changes_view(entries: Sequence[Entry]) -> list[dict[str, str]]:
    """What the newest report says that the one before did not, the overview's list; nothing without an earlier one."""
    if len(entries) < 2:
        return []
    before, now = entries[-2], entries[-1]
    labels = [now.main, *(label for label in now.metrics if label != now.main)]
    said = [_change(before, now, key, label) for label in labels for key in _shared(before, now, label)]
    told = [one for one in said if one["tone"]] + [one for one in said if not one["tone"]]
    return [*told[:CHANGES], *_configurations(before, now), _against(before)]


def _shared(before: Entry, now: Entry, label: str) -> list[str]:
    keys = {cell.key for cell in before.cells if label in cell.values}
    return [cell.key for cell in now.cells if cell.key in keys and label in cell.values]


def _change(before: Entry, now: Entry, key: str, label: str) -> dict[str, str]:
    old, new = ([v for v in entry.values(key, label) if math.isfinite(v)] for entry in (before, now))
    found = difference(new, old, ALPHA)
    which = now.metrics.get(label, "")
    name = next((cell.name for cell in now.cells if cell.key == key), "") if len(now.cells) > 1 else ""
    share = found.change / abs(found.base) if found.base else math.inf
    sure = found.p <= ALPHA and abs(share) >= MATTERS
    tone = ("better" if (found.change > 0) == (which == "max") else "worse") if sure and which else ""
    words = f"{label}{f' ({name})' if name else ''}: {text.number(found.base)} → {text.number(found.mean)}"
    if found.method == "no spread known":
        why = "one or two runs: cannot tell" if found.change else "the same"
    else:
        why = f"{tone or 'changed'}, more than noise" if sure else "within noise" if found.change else "the same"
    return {"text": f"{words}, {why}", "page": page_of(label), "tone": tone}


def _configurations(before: Entry, now: Entry) -> list[dict[str, str]]:
    old, new = ({cell.key: cell.name for cell in entry.cells} for entry in (before, now))
    said = []
    for word, some in (
        ("new", [new[key] for key in new if key not in old]),
        ("gone", [old[key] for key in old if key not in new]),
    ):
        if some:
            shown = text.listed([text.shortened(name, 60) for name in some[:3]])
            verb = "is" if len(some) == 1 else "are"
            more = f" and {len(some) - 3} more" if len(some) > 3 else ""
            said.append({"text": f"{shown}{more} {verb} {word}", "page": "", "tone": ""})
    return said


def _against(before: Entry) -> dict[str, str]:
    when = f" of {before.at[:10]}" if before.at else ""
    return {"text": f"The last report is {before.name}{when}; all of them", "page": "history.html", "tone": ""}
