"""Write sample_runs/kubeflow/local with the real client: python kfp_make.py OUT (kfp 2.17, run in this interpreter)."""

import shutil
import sys
from pathlib import Path

from kfp import compiler, dsl, local
from kfp.dsl import ClassificationMetrics, HTML, Input, Markdown, Metrics, Model, Output, Dataset

out = Path(sys.argv[1]) / "local"
shutil.rmtree(out, ignore_errors=True)
local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=str(out), raise_on_error=False)


@dsl.component(install_kfp_package=False)
def prepare(rows: int, data: Output[Dataset]) -> int:
    import numpy as np

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, rows)
    points = rng.normal(size=(rows, 2)) + np.array([[0, 1], [1, -1]])[labels]
    np.savetxt(data.path, np.column_stack([points, labels]), fmt="%.3f")
    return rows


@dsl.component(install_kfp_package=False)
def train(data: Input[Dataset], lr: float, epochs: int, fail: bool, model: Output[Model], metrics: Output[Metrics],
          shape: Output[ClassificationMetrics], card: Output[Markdown], page: Output[HTML]) -> float:
    import numpy as np

    if fail:
        raise ValueError("no more data")
    table = np.loadtxt(data.path)
    points, labels = np.column_stack([table[:, :2], np.ones(len(table))]), table[:, 2]
    weights = np.zeros(3)
    for _ in range(epochs):
        odds = 1 / (1 + np.exp(-points @ weights))
        weights -= lr * points.T @ (odds - labels) / len(labels)
    odds = 1 / (1 + np.exp(-points @ weights))
    accuracy = float(((odds > 0.5) == labels).mean())
    metrics.log_metric("accuracy", accuracy)
    metrics.log_metric("loss", float(-np.log(np.where(labels == 1, odds, 1 - odds)).mean()))
    metrics.metadata["framework"] = "numpy"
    cuts = [0.9, 0.5, 0.1]
    shape.log_roc_curve(
        [float(((odds > cut) & (labels == 0)).sum() / (labels == 0).sum()) for cut in cuts],
        [float(((odds > cut) & (labels == 1)).sum() / (labels == 1).sum()) for cut in cuts],
        cuts,
    )
    said = odds > 0.5
    shape.log_confusion_matrix(
        ["no", "yes"], [[int((said[labels == one] == two).sum()) for two in (0, 1)] for one in (0, 1)]
    )
    np.savetxt(model.path, weights)
    open(card.path, "w").write("# Card\n\nLogistic regression, %d epochs.\n" % epochs)
    open(page.path, "w").write("<html><body><h1>Report</h1></body></html>\n")
    return accuracy


@dsl.pipeline(name="clusters-pipeline")
def pipeline(rows: int = 120, lr: float = 0.5, epochs: int = 20, fail: bool = False):
    ready = prepare(rows=rows)
    train(data=ready.outputs["data"], lr=lr, epochs=epochs, fail=fail)


pipeline(rows=120, lr=0.5, epochs=20)
pipeline(rows=60, lr=0.1, epochs=5)
try:
    pipeline(rows=60, fail=True)
except Exception as error:  # kfp raises its own kinds
    print("expected:", type(error).__name__)
