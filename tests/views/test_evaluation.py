"""What runs logged of how well they classify, out of every form it comes in; numbers are scikit-learn's."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.views.test_media_browser import built, run_at

from runpages.build import open_report
from runpages.config import Config
from runpages.model import Artifact, Kind
from runpages.views.evaluation import FEWEST, Found, found_in

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden/reference/sklearn.json").read_text())
USUAL = REFERENCE["usual"]


def found(content: Any, name: str, kind: Kind = "table") -> list[Found]:
    words = content if isinstance(content, str) else json.dumps(content)
    return found_in(Artifact(name, kind, ""), words)


def table(columns: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"columns": columns, "data": rows}


CELLS = [[5, 1], [2, 7]]
LONG: list[list[Any]] = [
    [a, p, CELLS[y][x]] for y, a in enumerate("no yes".split()) for x, p in enumerate("no yes".split())
]
HEAT = {"type": "heatmap", "z": CELLS, "x": ["no", "yes"], "y": ["no", "yes"]}
AXES = {"xaxis": {"title": {"text": "Predicted"}}, "yaxis": {"title": {"text": "Actual"}}}
MATRICES: dict[str, tuple[Any, str, Kind]] = {
    "W&B's table": (table(["Actual", "Predicted", "nPredictions"], LONG), "confusion_table", "table"),
    "a heat map": ({"data": [HEAT], "layout": AXES}, "figure", "figure"),
    "a heat map turned round": (
        {"data": [HEAT | {"z": np.transpose(CELLS).tolist()}], "layout": {"xaxis": AXES["yaxis"], "yaxis": AXES["xaxis"]}},
        "figure",
        "figure",
    ),
    "a heat map by its name": ({"data": [HEAT], "layout": {"title": "Confusion"}}, "figure", "figure"),
    "Vega-Lite": (
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "data": {"values": [{"actual": a, "predicted": p, "count": n} for a, p, n in LONG]},
        },
        "plots/sklearn/confusion_matrix.json",
        "figure",
    ),
    "a class before each row": (table(["true", "no", "yes"], [["no", 5, 1], ["yes", 2, 7]]), "shape.confusion", "table"),
    "CSV": ("actual,predicted,count\n" + "".join(f"{a},{p},{n}\n" for a, p, n in LONG), "confusion.csv", "text"),
    "nested lists": ({"confusion_matrix": CELLS, "labels": ["no", "yes"]}, "metrics.json", "text"),
    "samples": (table(["label", "prediction"], [[a, p] for a, p, n in LONG for _ in range(n)]), "predictions", "table"),
}  # fmt: skip


@pytest.mark.parametrize("form", MATRICES)
def test_a_confusion_matrix_is_read_out_of(form: str) -> None:
    (one,) = found(*MATRICES[form])
    assert (one.kind, one.labels) == ("confusion", ("no", "yes"))
    assert one.cells is not None
    assert one.cells.tolist() == CELLS


@pytest.mark.parametrize("form", ["JSON", "CSV", "words"])
@pytest.mark.parametrize("case", ["few", "usual", "ties", "sure"])
def test_curves_of_samples_are_scikit_learns(form: str, case: str) -> None:
    wanted = REFERENCE[case]
    rows = [
        [label if form == "JSON" else str(bool(label)), score]
        for label, score in zip(wanted["labels"], wanted["scores"], strict=True)
    ]
    content: Any = table(["label", "score"], rows)
    if form == "CSV":
        file = io.StringIO()
        csv.writer(file).writerows([["y_true", "y_score"], *rows])
        content = file.getvalue()
    curves = {one.kind: one for one in found(content, "predictions.csv" if form == "CSV" else "predictions")}
    assert set(curves) == {"roc", "pr", "calibration"}
    for kind, one in curves.items():
        assert one.curve is not None
        assert one.samples == len(rows) >= FEWEST
        np.testing.assert_allclose(one.curve.x, wanted[kind]["x"], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(one.curve.y, wanted[kind]["y"], rtol=1e-12, atol=1e-15)
        assert one.curve.value == pytest.approx(wanted[kind]["value"], rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "columns", "name"),
    [
        ("roc", ("fpr", "tpr"), "roc_table"),
        ("roc", ("False Positive Rate", "True Positive Rate"), "plots/roc.json"),
        ("pr", ("recall", "precision"), "pr_table"),
        ("calibration", ("prob_pred", "prob_true"), "calibration"),
    ],
)
def test_logged_points_are_kept_and_their_number_is_scikit_learns(
    kind: str, columns: tuple[str, str], name: str
) -> None:
    x, y = USUAL[kind]["x"], USUAL[kind]["y"]
    (one,) = found(table(list(columns), [list(pair) for pair in zip(x, y, strict=True)]), name)
    (other,) = found({"x": x, "y": y, "x_name": columns[0], "y_name": columns[1]}, name, "curve")
    for each in (one, other):
        assert each.kind == kind
        assert each.curve is not None
        assert each.curve.x.tolist() == x
        if kind == "calibration":
            assert np.isnan(each.curve.value)  # points know nothing of samples
        else:
            assert each.curve.value == pytest.approx(USUAL[kind]["value"], rel=1e-12)


def test_a_roc_curve_without_its_ends_gets_them() -> None:
    """Kubeflow's samples begin above zero and end before one; the area without the ends would be 0.55."""
    points = {"x": [0.0, 0.14814814814814814, 0.6296296296296297], "y": [0.5151515151515151, 0.8636363636363636, 1.0]}
    (one,) = found({**points, "x_name": "false positive rate", "y_name": "true positive rate"}, "roc", "curve")
    assert one.curve is not None
    assert (one.curve.x[0], one.curve.y[0], one.curve.x[-1], one.curve.y[-1]) == (0, 0, 1, 1)
    assert one.curve.value == pytest.approx(0.92115, abs=1e-4)


def test_a_curve_per_class_is_a_curve_each() -> None:
    rows = [[name, x, x] for name in ("cat", "dog") for x in (0.0, 0.5, 1.0)]
    assert [one.key for one in found(table(["class", "fpr", "tpr"], rows), "roc_table")] == ["roc_table, cat", "roc_table, dog"]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "null", "[[1,2],[3]]", '{"data": [{"type": "heatmap", "z": "x"}]}', '{"confusion_matrix": [[1, "a"], [2, 3]]}',
        '{"columns": ["actual", "predicted", "count"], "data": [["a", "b", -1], ["b", "a", 2]]}', '{"columns": ["fpr", "tpr"], "data": [[]]}',
        '{"columns": ["label", "score"], "data": [[1, 2]]}', '{"x": [1], "y": [1, 2], "x_name": "fpr", "y_name": "tpr"}',
        '{"columns": ["fpr", "tpr"], "data": [["a", null], ["b", {}]]}', '{"$schema": "vega", "data": {"values": [1, 2]}}',
        '{"columns": ["digit", "n"], "data": [["0", 178], ["1", 182]]}', "a,b\n1,2\n",
    ],
)  # fmt: skip
def test_what_is_none_is_no_failure(content: str) -> None:
    kinds: tuple[Kind, ...] = ("table", "figure", "curve", "text")
    for kind in kinds:
        for one in found(content, "confusion.json", kind):
            assert one.curve is not None
            assert not np.isfinite(one.curve.value)


def test_three_mistakes_are_no_evaluation() -> None:
    assert found(table(["truth", "guess", "odds"], [[2, 7, 0.1], [5, 9, 0.2], [7, 8, 0.2]]), "errors") == []


@pytest.mark.parametrize(
    ("tracker", "kinds"),
    [
        ("wandb/current-media", {"confusion"}),
        ("comet", {"confusion", "roc"}),
        ("clearml", {"confusion"}),
        ("dvc/dvclive", {"confusion", "roc", "pr", "calibration"}),
        ("kubeflow", {"confusion", "roc"}),
        ("tensorboard/torch", {"pr"}),
    ],
)
def test_the_samples_of_each_tracker_show_theirs(tracker: str, kinds: set[str], samples: Path, tmp_path: Path) -> None:
    report = open_report(Config(sources=(str(samples / tracker),)), tmp_path)
    shown = {one.found.kind for one in report.logged.logged.evaluated}
    html = report.html("evaluation")
    report.close()
    assert shown == kinds
    assert ("rp-matrix" in html) == ("confusion" in kinds)
    assert ("rp-overlay" in html) == bool(kinds - {"confusion"})


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two runs with a matrix and a table of labels and scores each."""
    room = tmp_path_factory.mktemp("compared")
    for name, cells in (("one", [[8, 2], [1, 9]]), ("two", [[6, 4], [3, 7]])):
        folder = run_at(room / "runs" / name, cells[0][0])
        (folder / "confusion.json").write_text(json.dumps({"confusion_matrix": cells, "labels": ["cat", "dog"]}))
        rows = zip(USUAL["labels"], USUAL["scores"], strict=True)
        (folder / "predictions.csv").write_text("label,score\n" + "".join(f"{a},{b}\n" for a, b in rows))
    return built(room / "runs", room)
