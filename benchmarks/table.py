# ruff: noqa: T201 - printing is what it is for
"""What the comparison table costs a browser: CPU seconds of the page's main thread, beside AG Grid, Tabulator and DataTables.

    python benchmarks/table.py [--chromium PATH] [--repeat 5] [--runs 10000] [--packages FOLDER] [--only-load]

The peers come from npm into a folder that is thrown away (or FOLDER, kept). All four get the same 60 columns in one run:
from an open blank page to a drawn table ("open": the library, the data, the first rows), one sort by a number column,
one filter on another one. After each, the first row and the number of rows left are checked against numpy's.
Then: what a first visit of Compare loads, gzipped, without data and before a chart is in view.
Goals: open below 0.3 s; sort and filter at most half of AG Grid's; first load at most 100 kB.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from runpages.build import LIBRARY
from runpages.pages.data import table_script
from runpages.pages.render import render
from runpages.views.table import compare_view

TREE = Path(__file__).parent.parent
THEME = TREE / "themes" / "runpages_theme"
COLUMNS = 60
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PACKAGES = ("ag-grid-community", "tabulator-tables", "datatables.net", "jquery")
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))"
PAGE = """<!doctype html><html lang="en" class="js"><head><meta charset="utf-8"><title>t</title><meta name="runpages-root" content="">{head}</head>
<body class="md-typeset" data-md-color-scheme="default">{body}</body></html>"""


def numbers(runs: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(60, runs) what all tables show: 5 digits, no two alike."""
    return np.random.default_rng(7).random((COLUMNS, runs)).round(9)


def ours(folder: Path, values: np.ndarray[Any, Any]) -> None:
    """Our page: the template, the theme's files, the data file."""
    count = values.shape[1]
    names = [f"run-{number}" for number in range(count)]
    zero, empty = [0] * count, [""] * count
    runs: dict[str, Any] = {
        "id": names,
        "key": names,
        "name": names,
        "page": names,
        "color": zero,
        "dash": zero,
        "notes": zero,
    }
    runs |= {
        "status": ["finished"] * count,
        "tracker": empty,
        "group": empty,
        "note": empty,
        "spark": empty,
        "parent": [-1] * count,
    }
    runs |= {"started": zero, "duration": zero, "configuration": list(range(count))}
    columns = [column(at, row) for at, row in enumerate(values.tolist())]
    data = {
        "format": 1,
        "count": count,
        "main": "metric:m0",
        "beside": [],
        "configurations": names,
        "runs": runs,
        "columns": columns,
    }
    main = (THEME / "main.html").read_text()
    scripts = [
        "js/base.js",
        "js/format.js",
        *re.findall(r'"(js/[\w-]+\.js)"', main[main.index('["js/state.js"') : main.index("elif kind")]),
    ]
    styles = "".join(f'<link rel="stylesheet" href="css/{name}.css">' for name in ("base", "table", "compare"))
    tags = "".join(f'<script defer src="{path}"></script>' for path in [*scripts, "data/runs.js"])
    for kind in ("js", "css"):
        (folder / kind).mkdir(parents=True)
        for path in (THEME / kind).iterdir():
            (folder / kind / path.name).write_bytes(path.read_bytes())
    (folder / "data").mkdir()
    (folder / "data" / "runs.js").write_text(table_script("runs", data))
    body = render("compare", **compare_view(data, []))
    (folder / "ours.html").write_text(PAGE.format(head=styles + tags, body=body))


def column(at: int, row: list[float]) -> dict[str, Any]:
    """Half of the columns are metrics with all they carry, half are params."""
    about: dict[str, Any] = {"type": "number", "differs": True, "shown": True, "seed": False, "direction": ""}
    if at % 2:
        return {"id": f"param:p{at}", "kind": "param", "label": f"p{at}", "values": row, **about}
    array = np.array(row)
    shares = {"min": 0.5, "mean": 0.7, "first": 0.9}
    values: dict[str, list[Any]] = {name: (array * share).round(9).tolist() for name, share in shares.items()}
    values |= {
        "last": row,
        "max": row,
        "best": row,
        "last_step": list(range(len(row))),
        "best_step": list(range(len(row))),
    }
    return {"id": f"metric:m{at}", "kind": "metric", "label": f"m{at}", **about, "values": values, "direction": "max"}


def peers(folder: Path, packages: Path, values: np.ndarray[Any, Any]) -> None:
    """A page for each peer, as its documentation sets it up for large tables; rows as each wants them."""
    rows = [dict(zip([f"c{at}" for at in range(COLUMNS)], row, strict=True)) for row in values.T.tolist()]
    for at, row in enumerate(rows):
        row["run"] = f"run-{at}"
    text = json.dumps(json.dumps(rows))
    (folder / "rows.js").write_text(f"window.rows = JSON.parse({text});")
    source = packages / "node_modules"
    files = {
        "ag": ["ag-grid-community/dist/ag-grid-community.min.js"],
        "tabulator": ["tabulator-tables/dist/js/tabulator.min.js", "tabulator-tables/dist/css/tabulator.min.css"],
        "datatables": ["jquery/dist/jquery.min.js", "datatables.net/js/dataTables.min.js"],
    }
    for name, paths in files.items():
        for path in paths:
            (folder / Path(path).name).write_bytes((source / path).read_bytes())
        sheets = "".join(f'<link rel="stylesheet" href="{Path(path).name}">' for path in paths if path.endswith(".css"))
        tags = "".join(f'<script src="{Path(path).name}"></script>' for path in paths if path.endswith(".js"))
        place = (
            '<table id="t" style="width:100%"></table>'
            if name == "datatables"
            else '<div id="t" style="height:800px"></div>'
        )
        body = f'{place}<script src="rows.js"></script><script>{STARTS[name]}</script>'
        (folder / f"{name}.html").write_text(PAGE.format(head=sheets + tags, body=body))


_NAMES = 'const names = ["run", ...Array.from({length: 60}, (_, i) => "c" + i)];'
STARTS = {
    "ag": _NAMES
    + """window.api = agGrid.createGrid(document.getElementById("t"), {rowData: rows, onFirstDataRendered: () => { window.ready = true; },
      columnDefs: names.map((field, i) => ({field, filter: i ? "agNumberColumnFilter" : "agTextColumnFilter"}))});""",
    "tabulator": _NAMES
    + """window.t = new Tabulator("#t", {data: rows, height: 800, renderHorizontal: "virtual",
      columns: names.map((field, i) => ({title: field, field, sorter: i ? "number" : "string"}))});
      t.on("tableBuilt", () => { window.ready = true; });""",
    "datatables": _NAMES
    + """window.t = new DataTable("#t", {data: rows, columns: names.map((data) => ({data, title: data})), pageLength: 50, deferRender: true,
      autoWidth: false}); window.limit = null; DataTable.ext.search.push((s, d, i, row) => limit === null || row.c7 > limit); window.ready = true;""",
}
READY = {
    "ours": "() => document.documentElement.dataset.ready !== undefined",
    **dict.fromkeys(STARTS, "() => window.ready"),
}
SORT = {
    "ours": """() => document.querySelector('[data-sort="param:p5"]').click()""",
    "ag": "() => api.applyColumnState({state: [{colId: 'c5', sort: 'asc'}]})",
    "tabulator": "() => t.setSort('c5', 'asc')",
    "datatables": "() => { t.order([6, 'asc']).draw(); }",
}
FILTER = {
    "ours": "() => { const f = document.getElementById('rp-filter'); f.value = 'p7 > 0.5'; f.dispatchEvent(new Event('input')); }",
    "ag": "() => api.setFilterModel({c7: {filterType: 'number', type: 'greaterThan', filter: 0.5}})",
    "tabulator": "() => t.setFilter('c7', '>', 0.5)",
    "datatables": "() => { limit = 0.5; t.draw(); }",
}
FIRST = {
    "ours": "() => [runpages.compare.items[0], runpages.compare.items.length]",
    "ag": "() => [+api.getDisplayedRowAtIndex(0).data.run.slice(4), api.getDisplayedRowCount()]",
    "tabulator": "() => [+t.getRows('active')[0].getData().run.slice(4), t.getDataCount('active')]",
    "datatables": "() => [+t.row({search: 'applied', order: 'applied'}, 0).data().run.slice(4), t.page.info().recordsDisplay]",
}


def cpu(session: CDPSession) -> float:
    """Seconds the page's main thread has worked so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def timed(page: Page, session: CDPSession, work: str) -> float:
    """CPU seconds of one piece of work, until its result is on the screen."""
    before = cpu(session)
    page.evaluate(work)
    page.evaluate(SETTLED)
    return cpu(session) - before


def measure(browser: Browser, folder: Path, name: str, values: np.ndarray[Any, Any]) -> dict[str, float]:
    """CPU seconds of one table: open, sort, filter. Fails when it shows the wrong rows."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto((folder / "blank.html").as_uri())
    before = cpu(session)
    hash_ = (
        "#cols=" + ",".join(f"{'param:p' if at % 2 else 'metric:m'}{at}" for at in range(COLUMNS))
        if name == "ours"
        else ""
    )
    page.goto((folder / f"{name}.html").as_uri() + hash_)
    page.wait_for_function(READY[name])
    page.evaluate(SETTLED)
    found = {"open": cpu(session) - before, "sort": timed(page, session, SORT[name])}
    assert page.evaluate(FIRST[name])[0] == int(np.argmin(values[5])), f"{name} sorted wrongly"
    found["filter"] = timed(page, session, FILTER[name])
    left = np.flatnonzero(values[7] > 0.5)
    assert page.evaluate(FIRST[name]) == [int(left[np.argmin(values[5][left])]), len(left)], f"{name} filtered wrongly"
    page.close()
    return found


def zipped(site: Path, path: str) -> int:
    """Bytes of a file of the site as a host sends it."""
    return len(gzip.compress((site / path).read_bytes(), 9))


def first_load(site: Path) -> Iterator[tuple[str, int]]:
    """What a first visit of Compare loads without data: kind and gzipped bytes; then what the first chart in view adds."""
    html = (site / "compare.html").read_text()
    bare = re.sub(r"(?s)<tbody>.*?</tbody>|<svg.*?</svg>", "", html)  # rows and still pictures are data
    sizes = {"page": len(gzip.compress(bare.encode(), 9))}
    for kind, pattern in (
        ("style sheets", r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"'),
        ("icon", r'<link[^>]*rel="icon"[^>]*href="([^"]+)"'),
        ("scripts", r'<script[^>]*src="([^"]+)"'),
    ):
        found = [path for path in re.findall(pattern, html) if not path.startswith("data/")]
        sizes[kind] = sum(zipped(site, path) for path in found)
    yield from sizes.items()
    yield "before a chart is in view", sum(sizes.values())
    later = re.findall(r'<meta name="runpages-charts" content="([^"]+)"', html)[0].split()
    sizes["chart scripts"] = sum(zipped(site, path) for path in later)
    sizes["Vega"] = sum(zipped(site, str(path.relative_to(site))) for path in (site / LIBRARY.format("")).glob("vega*"))
    yield from list(sizes.items())[-2:]
    yield "with a chart in view", sum(sizes.values())


def print_first_load() -> None:
    """Build the report of all samples and say what Compare loads."""
    with tempfile.TemporaryDirectory() as room:
        site = Path(room) / "site"
        command = [sys.executable, "-m", "runpages", "build", str(TREE / "sample_runs"), "-o", str(site), "--quiet"]
        subprocess.run(command, cwd=room, check=True)
        print("first load of Compare, gzipped, without data:")
        for kind, size in first_load(site):
            print(f"{kind:>28}{size / 1000:>8.1f} kB")


def installed(packages: Path) -> None:
    """The peers, by npm, unless they are there."""
    if not (packages / "node_modules" / "jquery").exists():
        packages.mkdir(exist_ok=True)
        (packages / "package.json").write_text("{}")
        subprocess.run(["npm", "install", "--silent", *PACKAGES], cwd=packages, check=True)


def versions(packages: Path) -> str:
    """The peers and their versions."""
    told = [json.loads((packages / "node_modules" / name / "package.json").read_text()) for name in PACKAGES[:3]]
    return ", ".join(f"{one['name']} {one['version']}" for one in told)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--packages", type=Path)
    parser.add_argument("--only-load", action="store_true", help="only what a first visit loads")
    wanted = parser.parse_args()
    if wanted.only_load:
        print_first_load()
        return
    with tempfile.TemporaryDirectory() as room, sync_playwright() as playwright:
        folder, packages = Path(room) / "pages", wanted.packages or Path(room) / "packages"
        installed(packages)
        values = numbers(wanted.runs)
        ours(folder, values)
        peers(folder, packages, values)
        (folder / "blank.html").write_text("<!doctype html><title>blank</title>")
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=FLAGS)
        print(f"{wanted.runs:,} runs x {COLUMNS} columns, {versions(packages)}")
        print(f"Chromium {browser.version}, median of {wanted.repeat}, CPU seconds of the main thread")
        print(f"{'':>12}{'open':>9}{'sort':>9}{'filter':>9}")
        found: dict[str, list[dict[str, float]]] = {name: [] for name in READY}
        for _ in range(wanted.repeat):  # in turns, so that a busy machine is busy for all
            for name in READY:
                found[name].append(measure(browser, folder, name, values))
        for name, all_ in found.items():
            print(
                f"{name:>12}"
                + "".join(
                    f"{statistics.median(one[work] for one in all_):>9.3f}" for work in ("open", "sort", "filter")
                )
            )
        browser.close()
    print_first_load()


if __name__ == "__main__":
    main()
