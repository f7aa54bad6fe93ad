"""The machine a run ran on, as its tracker measured it: which metrics those are, and how long it had nothing to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from runpages.charts import quick
from runpages.model import Floats, Run, Series
from runpages.views import text

IDLE = 5.0  # percent of use below which a device is idle
FEW = 8  # samples that say nothing yet
CHARTS = 8  # pictures on a page
POINTS = 120  # of a picture: a monitor's every minute of a night says no more
UNITS = ((1, "seconds", 180), (60, "minutes", 10_800), (3600, "hours", 259_200), (86_400, "days", float("inf")))
_MACHINE = re.compile(r"(?i)(?:(?:system|sys|monitoring|gpu|cpu)[./]|:monitor:|__(?:system|swanlab)__)|system$")
# percent of use as trackers name it: W&B, MLflow and DVCLive, Comet, ClearML, Neptune, Aim, Trackio
_USED = re.compile(
    r"system\.(?P<a>gpu)\.(?P<an>\d+)\.gpu|system\.(?P<b>cpu)"
    r"|system/(?P<c>[cg]pu)_?(?P<cn>\d*)_utilization_percentage|system/(?P<d>[cg]pu)/usage \(%\)(?:/(?P<dn>\d+))?"
    r"|sys\.(?P<e>gpu)\.(?P<en>\d+)\.gpu_utilization|sys\.(?P<f>cpu)\.percent\.avg"
    r"|:monitor:gpu/(?P<g>gpu)_(?P<gn>\d+)_utilization|:monitor:machine/(?P<h>cpu)_usage"
    r"|monitoring/(?:\w+/)?(?P<i>[cg]pu)"
    r"|__system__(?P<j>[cg]pu)(?:\{gpu=(?P<jn>\d+)\})?"
    r"|system\.(?P<k>[cg]pu)(?:/(?P<kn>\d+))?/utilization"
)


def system(label: str) -> bool:
    """Whether a metric tells of the machine, not of the training."""
    return _MACHINE.match(label) is not None


def device(label: str) -> str:
    """`GPU 0` or `CPU` when the metric is this device's use in percent, "" otherwise."""
    found = _USED.fullmatch(label)
    if not found:
        return ""
    given = {name: value for name, value in found.groupdict().items() if value}
    number = next((value for name, value in given.items() if name.endswith("n")), "")
    kind = next(value for name, value in given.items() if not name.endswith("n"))
    return f"{kind.upper()} {number}".strip()


def idle_view(series: Iterable[Series]) -> list[dict[str, Any]]:
    """Per device how much of its samples lay below IDLE percent: [{device, share, samples, words}], GPUs first."""
    found = []
    for one in series:
        name, values = device(one.label), one.values[np.isfinite(one.values)]
        if name and len(values) >= FEW:
            found.append({"device": name, "label": one.label, **_idle(name, values.tolist())})
    return sorted(found, key=lambda one: (not one["device"].startswith("GPU"), one["device"]))


def _idle(name: str, values: list[float]) -> dict[str, Any]:
    below = sum(value < IDLE for value in values)
    share = 100 * below / len(values)
    mean = sum(values) / len(values)
    rounded = "less than 1" if share < 0.5 else "more than 99" if 99.5 <= share < 100 else f"{share:.0f}"
    told = f"idle {rounded} % of the time" if below else "never idle"
    words = f"{name} {told}: below {IDLE:.0f} % use in {text.count(below)} of {text.plural(len(values), 'sample')}, {text.number(mean)} % on average"
    return {"share": share, "samples": len(values), "words": words}


def machine_charts(run: Run, ref: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pictures of the machine's metrics over the time since the run began, all on one axis, use of devices first:
    [{metric, title, svg}]. Only metrics with a time for each of at least two points."""
    own = [one for one in run.series if system(one.label) and one.times is not None and len(one.values) > 1]
    own = [one for one in own if one.times is not None and np.isfinite(one.times).all()]
    if not own:
        return []
    begin, end = _span_of(run)
    size, unit = next((size, unit) for size, unit, most in UNITS if end - begin <= most)
    charts = []
    for one in sorted(own, key=lambda one: (not device(one.label).startswith("GPU"), not device(one.label)))[:CHARTS]:
        assert one.times is not None
        x, y, band = _averaged((one.times - begin) / size, one.values)
        alt = f"Line chart of {one.label} over {unit} since the run began, {text.plural(len(one.values), 'sample')}."
        svg = quick.course(
            x, y, band=band, alt=alt, x_title=f"{unit} since the run began", color=ref["color"], dash=ref["dash"],
            within=(0.0, (end - begin) / size),
        )  # fmt: skip
        if svg:
            charts.append(
                {
                    "metric": one.label,
                    "title": (device(one.label) and f"{device(one.label)} use, %") or one.label,
                    "svg": svg,
                }
            )
    return charts


def _span_of(run: Run) -> tuple[float, float]:
    """When the training began and ended, by the run's own record or by its first and last point."""
    times = [one.times[np.isfinite(one.times)] for one in run.series if one.times is not None]
    known = [(float(some.min()), float(some.max())) for some in times if len(some)]
    begin = run.started if run.started is not None else min(low for low, _ in known)
    return begin, max([begin, *(high for _, high in known), *([run.ended] if run.ended is not None else [])])


def _averaged(x: Floats, y: Floats) -> tuple[Floats, Floats, tuple[Floats, Floats] | None]:
    """At most POINTS means of equal runs of samples, with their extremes; as it is when there are no more."""
    if len(y) <= POINTS or not np.isfinite(y).all():
        return x, y, None
    starts = np.linspace(0, len(y), POINTS, endpoint=False).astype(np.int64)
    amount = np.diff(np.append(starts, len(y)))
    band = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return np.add.reduceat(x, starts) / amount, np.add.reduceat(y, starts) / amount, band
