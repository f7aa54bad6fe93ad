"""Parts of a run's page: params as a tree, the machine's idle time, code, inputs and outputs, colours of a log, a page's weight."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.build import open_report
from runpages.config import Config
from runpages.frames import RunSet
from runpages.media import MediaShelf
from runpages.model import Artifact, Code, Run, Scalar, Series, Source
from runpages.pages.render import render
from runpages.runpage import RunPages, shelf
from runpages.store import Packed, Store, pack
from runpages.views.columns import Drawn, runs_data
from runpages.views.every import every_views
from runpages.views.run_code import code_view, commit_url, patch_view, repository_url
from runpages.views.run_heads import notebook_view, parquet_view
from runpages.views.run_lineage import lineage_view
from runpages.views.run_machine import device, idle_view, machine_charts, system
from runpages.views.run_params import DEEP, flat, params_view
from runpages.views.run_text import coloured_line, log_view
from runpages.views.run_weight import LIGHT

COMMIT = "5521b6fc9dde6d1f741a43a77509560972649334"


def shelf_at(site: Path) -> MediaShelf:
    return shelf(site, 50_000_000, Counter())


def pages_of(runs: list[Run], folder: Path) -> tuple[Store, RunPages]:
    store = Store(folder / "store.sqlite")
    source = Source("plain", folder, ".", (folder,))
    store.put(source, "stamp", Packed(tuple(pack(run) for run in runs), (), {}))
    members = RunSet(store, store.load([source]))
    lines = members.lines()
    config = Config()
    drawn = Drawn(dict.fromkeys(lines, "curves/aa"), [f"runs/{m.slug}.html" for m in members.members])
    return store, RunPages(members, runs_data(members, config, drawn), lines, {}, config)


# ------------------------------------------------------------------ params


def names(node: Mapping[str, Any]) -> list[Any]:
    """A tree as its names: leaves as text, branches as (name, names below)."""
    return [*(row["name"] for row in node["leaves"]), *((one["name"], names(one)) for one in node["branches"])]


def test_params_make_the_tree_of_their_names() -> None:
    params: dict[str, Scalar] = {
        "seed": 1,
        "optimizer.lr": 0.1,
        "optimizer.betas.0": 0.9,
        "optimizer.betas.1": 0.99,
        "data.path": "x",
        "General/epochs": 3,
        "General/batch": 8,
        "a.b.c": 1,
        "a.b.d": 2,
    }
    view = params_view(params, ["seed"])
    assert [row["name"] for row in view["differing"]] == ["seed"]
    assert names(view["same"]) == [
        "data.path",
        ("optimizer", ["lr", ("betas", ["0", "1"])]),
        ("General", ["epochs", "batch"]),
        ("a.b", ["c", "d"]),
    ]
    assert {row["path"] for row in flat(view["same"])} == params.keys() - {"seed"}


def test_a_text_that_looks_like_a_number_is_told_from_one() -> None:
    mixed = params_view({"a": "0.1", "b": 0.1, "c": "word", "d": "true", "e": True, "f": None}, [])
    assert [row["text"] for row in flat(mixed["same"])] == ['"0.1"', "0.1", "word", '"true"', "true", "–"]
    texts = params_view({"a": "0.1", "b": "1"}, [])  # a tracker without types
    assert [row["text"] for row in flat(texts["same"])] == ["0.1", "1"]


def test_names_nested_without_end_make_no_deep_tree() -> None:
    params: dict[str, Scalar] = {".": 1, "x.": 2, "..y": 3}
    params |= {".".join(["a"] * 500 + [str(n)]): n for n in range(3)}
    view = params_view(params, [])

    def depth(node: Mapping[str, Any]) -> int:
        return 1 + max((depth(one) for one in node["branches"]), default=0)

    assert depth(view["same"]) <= DEEP + 1
    assert {row["path"] for row in flat(view["same"])} == params.keys()


# ------------------------------------------------------------------ the machine


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("system.gpu.0.gpu", "GPU 0"),
        ("system.cpu", "CPU"),
        ("system/gpu_1_utilization_percentage", "GPU 1"),
        ("system/cpu_utilization_percentage", "CPU"),
        ("sys.gpu.3.gpu_utilization", "GPU 3"),
        ("sys.cpu.percent.avg", "CPU"),
        (":monitor:gpu/gpu_0_utilization", "GPU 0"),
        ("monitoring/cpu", "CPU"),
        ("system.cpu/utilization", "CPU"),
        ("__system__gpu{gpu=2}", "GPU 2"),
        ("system/gpu/usage (%)/0", "GPU 0"),
        ("system.gpu.0.memory", ""),
        ("system.memory_percent", ""),
        ("system.cpu/0/utilization", "CPU 0"),
    ],
)
def test_the_use_of_a_device_is_known_by_the_names_of_trackers(label: str, name: str) -> None:
    assert device(label) == name
    assert system(label)


def test_a_metric_of_the_training_is_none_of_the_machine() -> None:
    assert not any(system(label) for label in ("systematic error", "train/loss", "gpus", "monitor/r", "cpu", "sysloss"))


def test_idle_time_is_the_share_of_samples_below_five_percent() -> None:
    values = np.array([0, 1, 4.9, 5, 50, 100, 99, np.nan, 0, 0], float)
    steps = np.arange(len(values))
    view = idle_view([Series("system.gpu.0.gpu", steps, values), Series("loss", steps, values)])
    assert [one["device"] for one in view] == ["GPU 0"]
    assert view[0]["share"] == pytest.approx(100 * 5 / 9)
    assert view[0]["words"].startswith("GPU 0 idle 56 % of the time: below 5 % use in 5 of 9 samples")
    busy = idle_view([Series("system.cpu", steps, np.full(10, 50.0))])
    assert busy[0]["words"].startswith("CPU never idle")
    assert idle_view([Series("system.cpu", steps[:3], values[:3])]) == []


def test_the_machine_is_drawn_over_the_time_of_the_training() -> None:
    steps, start = np.arange(400), 1_800_000_000.0
    times = np.array(start + 600 + 10.0 * steps, np.float64)
    use = Series("system.gpu.0.gpu", steps, np.array(50 + 40 * np.sin(steps / 9), np.float64), times)
    run = Run(
        "a",
        "a",
        "wandb",
        "a",
        started=start,
        ended=start + 7200,
        series=(use, Series("loss", steps, use.values, times)),
    )
    (chart,) = machine_charts(run, {"color": 0, "dash": 0})
    assert chart["title"] == "GPU 0 use, %"
    assert "minutes since the run began" in chart["svg"]
    ticks = [float(one) for one in re.findall(r'text-anchor="middle">(\d+)<', chart["svg"])]
    assert ticks == [0, 50, 100]  # the axis is the run's two hours, not those of the samples
    assert (
        machine_charts(Run("a", "a", "x", "a", series=(Series("system.cpu", steps, use.values),)), {"color": 0}) == []
    )


# ------------------------------------------------------------------ code


@pytest.mark.parametrize(
    ("repository", "page", "commit"),
    [
        ("https://github.com/ana/digits.git", "https://github.com/ana/digits", "commit"),
        ("git@github.com:ana/digits.git", "https://github.com/ana/digits", "commit"),
        ("ssh://git@github.com/ana/digits.git", "https://github.com/ana/digits", "commit"),
        (
            "ssh://git@gitlab.example.org:2222/lab/sub/digits.git",
            "https://gitlab.example.org/lab/sub/digits",
            "-/commit",
        ),
        ("https://oauth2:secret@gitlab.com/lab/digits.git", "https://gitlab.com/lab/digits", "-/commit"),
        ("git@bitbucket.org:ana/digits.git", "https://bitbucket.org/ana/digits", "commits"),
        ("https://codeberg.org/ana/digits", "https://codeberg.org/ana/digits", "commit"),
        ("git@git.sr.ht:~ana/digits", "https://git.sr.ht/~ana/digits", "commit"),
        ("git://git.sr.ht/~ana/digits", "https://git.sr.ht/~ana/digits", "commit"),
        ("git+ssh://git@codeberg.org/ana/digits.git", "https://codeberg.org/ana/digits", "commit"),
        ("https://gitlab/ana/digits.git", "", ""),
    ],
)
def test_every_way_to_clone_leads_to_the_forge_without_a_password(repository: str, page: str, commit: str) -> None:
    code = Code(repository, COMMIT)
    assert repository_url(code) == page
    assert commit_url(code) == (f"{page}/{commit}/{COMMIT}" if page else "")
    assert "secret" not in json.dumps(code_view(code))


def test_a_patch_is_shown_file_by_file_and_counts_all_of_it() -> None:
    one = "diff --git a/x.py b/x.py\nindex 1..2\n--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n-old\n+new\n+more\n"
    other = "diff --git a/y z.py b/y z.py\nnew file mode 100644\n--- /dev/null\n+++ b/y z.py\n@@ -0,0 +1 @@\n+line\n"
    gone = "diff --git a/w.py b/w.py\ndeleted file mode 100644\n--- a/w.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-line\n"
    view = patch_view(one + other + gone)
    assert view is not None
    assert [(p["name"], p["added"], p["deleted"]) for p in view["parts"]] == [
        ("x.py", 2, 1),
        ("y z.py", 1, 0),
        ("w.py", 0, 1),
    ]
    assert (view["files"], view["added"], view["deleted"], view["left_out"]) == (3, 3, 2, 0)
    short = patch_view(one + other + gone, 10)
    assert short is not None
    assert (sum(len(part["lines"]) for part in short["parts"]), short["left_out"]) == (10, view["total"] - 10)
    bare = patch_view(
        "--- x.py\n+++ x.py\n@@ -1 +1 @@\n--- looks like a head\n+a\n--- y.py\n+++ y.py\n@@ -1 +1 @@\n-b\n+c\n"
    )
    assert bare is not None
    assert [part["name"] for part in bare["parts"]] == ["x.py", "y.py"]


# ------------------------------------------------------------------ inputs and outputs


@pytest.mark.parametrize(
    ("sample", "run", "inputs", "outputs"),
    [
        ("mlflow", "c3018a4c396849afab00f6652327179c", {"digits train"}, {"digits classifier"}),
        ("pachyderm", "train@", {"clusters@"}, {"train@"}),
        ("huggingface/digits", "small", {"digits"}, set()),
        ("wandb/current-digits", "apa9ys2i", set(), {"digits-mlp"}),
    ],
)
def test_what_a_run_read_and_made_is_what_its_tracker_recorded(
    sample: str, run: str, inputs: set[str], outputs: set[str], samples: Path, tmp_path: Path
) -> None:
    report = open_report(Config(sources=(str(samples / sample),)), tmp_path)
    views = [lineage_view(one) for _, one in report.runs.runs() if run in one.id]
    report.close()
    for side, wanted in (("inputs", inputs), ("outputs", outputs)):
        said = {one["name"] for view in views for one in view[side]}
        assert all(any(name.startswith(start) for name in said) for start in wanted), said


# ------------------------------------------------------------------ logs


def test_colours_of_a_log_line_stay_and_nothing_else_of_its_escapes() -> None:
    assert coloured_line("\x1b[32mgood\x1b[0m and \x1b[1;91mbad\x1b[m\x1b[2K!") == [
        ("a2", "good"),
        ("", " and "),
        ("a1 bold", "bad"),
        ("", "!"),
    ]
    assert coloured_line("\x1b[38;5;196mmany\x1b[39m") == "many"
    assert coloured_line("0 %\r\x1b[33m100 %\x1b[0m\r") == [("a3", "100 %")]
    assert coloured_line("\x1b[99999999999999999999mx") == "x"


# ------------------------------------------------------------------ weight


def heavy() -> Run:
    """A run with more of everything than a page has room for."""
    steps = np.arange(6)
    table = json.dumps(
        {
            "columns": [f"column {n}" for n in range(20)],
            "data": [[f"cell {r} {c}" for c in range(20)] for r in range(90)],
        }
    )
    return Run(
        id="heavy",
        name="heavy",
        tracker="plain",
        source="heavy",
        params={f"model.layer{n // 10}.size{n % 10}": n for n in range(1_000)} | {"long": "x" * 9_000},
        series=tuple(
            Series(f"part{n % 40}/metric {n}", steps, np.array(np.arange(6) + n / 7, np.float64)) for n in range(2_000)
        ),
        results={f"result {n}": n / 3 for n in range(300)},
        tags={f"tag {n}": True for n in range(300)},
        links={f"link {n}": f"https://example.org/{n}" for n in range(300)},
        notes="\n\n".join(f"Paragraph {n} of many **words**." for n in range(2_000)),
        artifacts=tuple(Artifact(f"table {n}", "table", "", f"table {n}", data=table.encode()) for n in range(20))
        + tuple(Artifact(f"model {n}.bin", "model", f"model {n}.bin", size=n) for n in range(400)),
        code=Code(patch="diff --git a/x b/x\n" + "".join(f"+line {n} of a long patch\n" for n in range(3_000))),
        environment={f"package.name{n}": f"1.{n}" for n in range(500)} | {f"fact {n}": n for n in range(200)},
        log="".join(f"epoch {n} loss {1 / (n + 1):.4f} and some more words\n" for n in range(5_000)),
    )


def test_a_run_with_more_than_a_page_bears_has_a_light_page_that_says_so(tmp_path: Path) -> None:
    store, pages = pages_of([heavy(), Run("other", "other", "plain", "other", params={"long": "y"})], tmp_path)
    html = pages.html(0, shelf_at(tmp_path / "site"))
    store.close()
    assert len(html.encode()) <= LIGHT
    files = {name: url for url, name in re.findall(r'href="\.\./(media/[^"]+)" download="([^"]+)"', html)}
    whole = {name: (tmp_path / "site" / url).read_text() for name, url in files.items() if not name.startswith("table")}
    assert json.loads(whole["params.json"]).keys() == heavy().params.keys()
    metrics = json.loads(whole["metrics.json"])
    assert metrics.keys() == {one.label for one in heavy().series}
    assert metrics["part3/metric 3"]["last"] == 5 + 3 / 7
    assert whole["console.log"] == heavy().log
    assert whole["notes.md"].strip() == heavy().notes.strip()
    assert whole["local.patch"] == heavy().code.patch
    assert len(json.loads(whole["files.json"])) == len(heavy().artifacts)
    said = re.sub(r"<[^>]+>", "", html)
    for words in (
        "more parameters",
        "more metrics",
        "left out",
        "more packages",
        "more files",
        "more lines",
        "more charts",
    ):
        assert words in said, words


def test_a_light_page_is_not_cut(tmp_path: Path) -> None:
    run = Run("a", "a", "plain", "a", params={f"p{n}": n for n in range(50)}, log="one\n" * 350)
    store, pages = pages_of([run], tmp_path)
    html = pages.html(0, shelf_at(tmp_path / "site"))
    store.close()
    assert html.count('class="rp-line"') == 350
    assert "more parameters" not in html


def test_a_long_log_names_the_data_file_that_has_every_line() -> None:
    log = "".join(f"\x1b[31mline {n}\x1b[0m\n" for n in range(1, 1001))
    view = log_view(log, "log/a")
    assert view is not None
    assert (view["left_out"], view["whole"]) == (600, "log/a")
    short = log_view("one\n", "log/a")
    assert short is not None
    assert short["whole"] == ""


# ------------------------------------------------------------------ every run


def test_every_run_is_on_one_page_of_the_list_and_no_run_takes_its_name(tmp_path: Path) -> None:
    runs = [Run("index" if n == 7 else f"r{n}", f"run {n}", "plain", "a", group=f"g{n % 3}") for n in range(600)]
    store, pages = pages_of(runs, tmp_path)
    members = pages.runs.members
    drawn = Drawn({}, [f"runs/{m.slug}.html" for m in members])
    views = every_views(runs_data(pages.runs, Config(), drawn))
    store.close()
    assert [view["page"] for view in views] == ["index.html", "index~2.html", "index~3.html"]
    listed = [one["run"]["page"] for view in views for group in view["groups"] for one in group["runs"]]
    assert sorted(listed) == sorted(f"runs/{member.slug}.html" for member in members)
    assert "runs/index.html" not in listed
    html = [render("every", **view) for view in views]
    assert max(len(one.encode()) for one in html) < 50_000
    assert 'href="index~3.html"' in html[0]
    assert "251 to 500" in html[0]


# ------------------------------------------------------------------ files


def test_a_notebook_is_shown_cell_by_cell_as_text() -> None:
    cells: list[Any] = [
        {"cell_type": "markdown", "source": ["# Title\n", "<script>alert(1)</script>"]},
        {
            "cell_type": "code",
            "source": "1 + 1",
            "outputs": [
                {"output_type": "stream", "text": ["said\n", "\x1b[31mred\x1b[0m"]},
                {"output_type": "execute_result", "data": {"text/plain": "2", "text/html": "<b>2</b>"}},
                {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo="}},
                {"output_type": "error", "ename": "ValueError", "evalue": "no"},
            ],
        },
        *[{"cell_type": "code", "source": str(n)} for n in range(30)],
        "broken",
    ]
    view = notebook_view(json.dumps({"nbformat": 4, "cells": cells}))
    assert view is not None
    assert view["cells"][0] == {"kind": "markdown", "source": "# Title\n<script>alert(1)</script>", "outputs": ""}
    assert view["cells"][1]["outputs"] == "said\nred\n2\n(image/png)\nValueError: no"
    assert (len(view["cells"]), view["left_out"]) == (12, 20)
    assert notebook_view("{}") is None
    assert notebook_view("[1") is None


def test_the_first_rows_of_a_parquet_file_are_a_table_and_a_damaged_one_is_none() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"name": [f"r{n}" for n in range(80)], "loss": [n / 3 for n in range(80)]}), sink)
    data = sink.getvalue().to_pybytes()
    view = parquet_view(data)
    assert view is not None
    assert (view["columns"], len(view["rows"]), view["total_rows"], view["cut"]) == (["name", "loss"], 50, 80, True)
    assert view["rows"][1][1] == {"text": "0.3333", "full": "0.3333333333333333", "number": True}
    for damaged in (
        data[:-20],
        data[: len(data) // 2],
        b"PAR1" + b"\0" * 50 + b"PAR1",
        data[:10] + b"\xff" * 40 + data[50:],
    ):
        assert parquet_view(damaged) is None or parquet_view(damaged)


def test_a_file_of_columns_is_a_table_and_other_text_its_first_lines(tmp_path: Path) -> None:
    artifacts = (
        Artifact("a.csv", "file", "", data=b"x,y\n1,2\n3,4\n"),
        Artifact("b.csv", "file", "", data=b"only words\n"),
        Artifact("c.ipynb", "file", "", data=b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "1 + 1"}]}'),
    )
    store, pages = pages_of([Run("a", "a", "plain", "a", artifacts=artifacts)], tmp_path)
    view = pages.view(0, shelf_at(tmp_path / "site"))
    html = pages.html(0, shelf_at(tmp_path / "site"))
    store.close()
    assert [table["name"] for table in view["tables"]] == ["a.csv"]
    assert [one["name"] for one in view["texts"]] == ["b.csv", "c.ipynb"]
    assert "1 + 1" in html
