"""A small site with charts, made of the real scripts, the real library and data files as the contract has them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from runpages import charts
from runpages.charts import static, still
from runpages.model import Floats

THEME = Path(__file__).parent.parent.parent / "themes" / "runpages_theme"
SCRIPTS = (
    "base format smooth charts-across charts-lines charts-view charts-runs charts-paint charts-strands charts-pointer "
    "charts-save charts-chart charts-groups charts-events charts-facets interval charts"
).split()
CSP = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' 'unsafe-inline' file:; img-src 'self' data: file:; "
    "font-src 'self' data: file:; media-src 'self' file:; frame-src 'self' file:; connect-src 'none'; base-uri 'none'; "
    "form-action 'none'"
)


def course(run: int, points: int, seed: int = 0) -> Floats:
    """An accuracy over steps as trainings have it: up, flattening, noisy."""
    rng = np.random.default_rng([seed, run])
    t = np.linspace(0, 1, points)
    best = 0.97 - 0.012 * (run % 9)
    return np.asarray(best * (1 - np.exp(-t * (4 + run % 5))) + rng.normal(0, 0.012, points), np.float64)


def curve(
    lines: Mapping[int, Floats], metric: str = "val/accuracy", step: int = 10, *, times: bool = True
) -> dict[str, Any]:
    """A curve file's content for run -> values (n,); points are `step` steps and 2.5 s apart."""
    length = max(len(values) for values in lines.values())
    made = []
    for run, values in lines.items():
        line: dict[str, Any] = {"run": run, "s": 0, "y": [_json(value) for value in values], "n": len(values)}
        if times:
            line |= {"t": [round(2.5 * i, 1) for i in range(len(values))], "t0": 1_780_000_000 + 3600 * run}
        made.append(line)
    return {"metric": metric, "step_name": "step", "steps": [[i * step for i in range(length)]], "lines": made}


def _json(value: float) -> float | str:
    return round(float(value), 6) if np.isfinite(value) else str(float(value))


def runs(count: int, names: Sequence[str] = ()) -> dict[str, Any]:
    """What of data/runs.js a chart reads."""
    lr = [round(10 ** -(1 + i % 4), 5) for i in range(count)]
    return {
        "format": 1,
        "count": count,
        "runs": {
            "name": [names[i] if i < len(names) else f"mlp-{i:02d}" for i in range(count)],
            "color": [i % 10 for i in range(count)],
            "dash": [i // 10 % 4 for i in range(count)],
        },
        "columns": [
            {"id": "param:lr", "kind": "param", "label": "lr", "differs": True, "seed": False, "values": lr},
            {"id": "param:seed", "kind": "param", "label": "seed", "differs": True, "seed": True, "values": lr},
        ],
    }


def write(
    site: Path, library: charts.Bundle, table: Mapping[str, Any], curves: Mapping[str, Mapping[str, Any]]
) -> Path:
    """The site's index.html, with a chart for each curve."""
    for folder in ("js", "css", "assets", "data/curves"):
        (site / folder).mkdir(parents=True, exist_ok=True)
    for name in SCRIPTS:
        (site / "js" / f"{name}.js").write_bytes((THEME / "js" / f"{name}.js").read_bytes())
    for name in ("base", "charts"):
        (site / "css" / f"{name}.css").write_bytes((THEME / "css" / f"{name}.css").read_bytes())
    (site / "assets" / library.name).write_bytes(library.content)
    _data(site, "specs", charts.page_specs(f"assets/{library.name}"))
    _data(site, "runs", table)
    for name, content in curves.items():
        _data(site, name, content)
    figures = "".join(_figure(name, content, table) for name, content in curves.items())
    page = site / "index.html"
    page.write_text(_PAGE.format(csp=CSP, scripts=_scripts(), figures=figures), encoding="utf-8")
    return page


def _data(site: Path, name: str, content: Mapping[str, Any]) -> None:
    text = json.dumps(json.dumps(content))
    (site / "data" / f"{name}.js").write_text(f'runpages.data("{name}", {text});\n', encoding="utf-8")


def _scripts() -> str:
    paths = [f"js/{name}.js" for name in SCRIPTS]
    paths.insert(2, "data/runs.js")
    return "".join(f'<script defer src="{path}"></script>' for path in paths)


def _figure(name: str, content: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    steps = np.array(content["steps"][0], np.float64)
    words = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}
    lines = [
        still.Line(
            table["runs"]["name"][line["run"]],
            steps[: len(line["y"])],
            np.array([words.get(value, value) for value in line["y"]], np.float64),
            color=table["runs"]["color"][line["run"]],
            dash=table["runs"]["dash"][line["run"]],
        )
        for line in content["lines"][:10]
    ]
    spec, data = still.picture(lines, "")
    picture = static.svg(spec, data, alt=f"{content['metric']} over steps", id_prefix=name.replace("/", "-"))
    metric = escape(str(content["metric"]))
    return (
        f'<figure class="rp-chart" data-metric="{metric}" data-curve="{name}"><h3 class="rp-chart-title">{metric}</h3>'
        f'<div class="rp-chart-view">{picture}</div><figcaption>Mean of validation batches.</figcaption></figure>'
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Charts</title>
<meta http-equiv="Content-Security-Policy" content="{csp}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="runpages-root" content="">
<link rel="stylesheet" href="css/base.css"><link rel="stylesheet" href="css/charts.css">
<style>html{{font-size:125%}} body{{margin:16px;font:14px/1.5 var(--rp-font);color:var(--rp-ink)}} h3{{font-size:15px;margin:0 0 4px}}
.grid{{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(600px,100%),1fr));gap:24px}} button{{border:0;background:none}}</style>
{scripts}</head>
<body class="md-typeset" data-md-color-scheme="default"><main class="grid">{figures}</main></body></html>
"""
