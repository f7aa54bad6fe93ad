"""The exporter's parquet out of a real training: python export.py EXPORTER OUT.

The service is gone, so nothing can be downloaded any more: the rows hold this script's own training (digits, scikit-learn), in the
exporter's own schema and through its own writer (EXPORTER is a checkout of neptune-ai/neptune-exporter, its `src` folder).
"""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

sys.path.insert(0, sys.argv[1])
from neptune_exporter.model import SCHEMA  # noqa: E402
from neptune_exporter.storage.parquet_writer import ParquetWriter  # noqa: E402

OUT = Path(sys.argv[2])
PROJECT = "ana/digits"
START = datetime(2026, 2, 1, 10, 0, tzinfo=UTC)
COLUMN = {"float": "float_value", "int": "int_value", "string": "string_value", "bool": "bool_value", "datetime": "datetime_value",
          "string_set": "string_set_value", "float_series": "float_value", "string_series": "string_value",
          "histogram_series": "histogram_value", "file": "file_value", "file_series": "file_value"}  # fmt: skip


def train(lr, seed, epochs):
    x, y = load_digits(return_X_y=True)
    x = x / 16
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order], y[order]
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
    for epoch in range(epochs):
        for batch in range(7):
            at = slice(batch * 200, batch * 200 + 200)
            model.partial_fit(x[at], y[at], classes=np.arange(10))
            yield epoch, epoch * 7 + batch, float(log_loss(y[at], model.predict_proba(x[at]), labels=np.arange(10))), model, x, y


class Rows:
    def __init__(self, run_id):
        self.run_id, self.rows = run_id, []

    def add(self, path, kind, value, step=None):
        row = dict.fromkeys(SCHEMA.names)
        row |= {"project_id": PROJECT, "run_id": self.run_id, "attribute_path": path, "attribute_type": kind, COLUMN[kind]: value}
        if step is not None:
            row |= {"step": Decimal(str(step)).quantize(Decimal("0.000001")), "timestamp": START + timedelta(seconds=float(step))}
        self.rows.append(row)

    def save(self, writer, chunk=40):
        with writer.run_writer(PROJECT, self.run_id) as run:
            for at in range(0, len(self.rows), chunk):
                run.save(pa.RecordBatch.from_pylist(self.rows[at : at + chunk], schema=SCHEMA))


def one(writer, files, run_id, name, lr, seed, epochs, *, neptune3=False, failed=False, extra=False):
    rows = Rows(run_id)
    rows.add("sys/name", "string", name)
    rows.add("sys/custom_run_id" if neptune3 else "sys/id", "string", run_id)
    rows.add("sys/creation_time", "datetime", START)
    rows.add("sys/modification_time", "datetime", START + timedelta(minutes=5))
    rows.add("sys/owner", "string", "ana")
    rows.add("sys/hostname", "string", "lab-03")
    rows.add("sys/description", "string", "Logistic regression on **digits**.")
    rows.add("sys/failed", "bool", failed)
    rows.add("sys/running_time", "float", 42.5)
    if not neptune3:
        rows.add("sys/state", "string", "idle")
    rows.add("sys/tags", "string_set", ["digits", "sgd"])
    rows.add("sys/group_tags", "string_set", ["sweep"])
    rows.add("parameters/lr", "float", lr)
    rows.add("parameters/seed", "int", seed)
    rows.add("parameters/optimizer", "string", "sgd")
    rows.add("config/flip", "bool", True)
    rows.add("data/made", "datetime", START)
    for epoch, step, loss, model, x, y in train(lr, seed, epochs):
        rows.add("train/loss", "float_series", loss, step)
        if step % 7 == 6:
            rows.add("val/accuracy top-1 (%)", "float_series", 100 * float(model.score(x[1400:], y[1400:])), epoch)
            rows.add("half", "float_series", float(epoch), epoch / 2)
            rows.add("monitoring/1a2b3c4d/stdout", "string_series", f"epoch {epoch}: loss {loss:.4f}\n", epoch)
            rows.add("monitoring/1a2b3c4d/cpu", "float_series", 12.5 + epoch, epoch)
            if extra:
                counts, edges = np.histogram(model.coef_, bins=6)
                rows.add("weights", "histogram_series", {"type": "COUNTING", "edges": edges.tolist(), "values": counts.tolist()}, epoch)
                rows.add("odd", "float_series", [float("nan"), float("inf"), -float("inf")][epoch % 3], epoch)
                picture(rows, files, "pictures/first", x[epoch], epoch)
    if failed:
        rows.add("monitoring/1a2b3c4d/traceback", "string_series", "RuntimeError: loss is not finite <after> epoch 1\n", 0)
    if extra:
        kept = files / "ana_digits" / "page" / "report.html"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text("<h1>Report</h1><script>alert(1)</script>")
        rows.add("page", "file", {"path": "page/report.html"})
        rows.add("lost", "file", {"path": "gone/lost.bin"})
        rows.add("source_code/git/commit_id" if not neptune3 else "source_code/commit/commit_id", "string", "1d9daea1ec02ef46f0cfa80c6893fb30652638da")
        rows.add("sys/forking/parent", "string", "SAN-1")
    rows.save(writer)


def picture(rows, files, path, pixels, step):
    import struct
    import zlib

    raw = b"".join(b"\0" + bytes((row * 255).astype(np.uint8)) for row in pixels.reshape(8, 8))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(b)) + n + b + struct.pack(">I", zlib.crc32(n + b)) for n, b in chunks)
    from neptune_exporter.utils import sanitize_path_part

    place = files / sanitize_path_part(PROJECT) / f"{path}/step_{step}.png"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    rows.add(path, "file_series", {"path": f"{path}/step_{step}.png"}, step)


def main():
    from neptune_exporter.utils import sanitize_path_part

    data, files = OUT / "exporter" / "exports" / "data", OUT / "exporter" / "exports" / "files"
    writer = ParquetWriter(data)
    one(writer, files, "SAN-1", "lr=0.01", 0.01, 0, 4)
    one(writer, files, "SAN-2", "lr=0.1", 0.1, 0, 4, failed=True)
    one(writer, files, "my run/α", "with media ü <b>&</b>", 0.1, 1, 3, neptune3=True, extra=True)
    (files / "ana_digits").rename(files / "moved")
    target = files / sanitize_path_part(PROJECT)
    for path in sorted((files / "moved").rglob("*")):
        if path.is_file():
            place = target / path.relative_to(files / "moved")
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)
    import shutil

    shutil.rmtree(files / "moved")
    small = ParquetWriter(OUT / "parts" / "data", target_part_size_bytes=2000)  # the exporter's own cut, at a size worth testing
    one(small, OUT / "parts" / "files", "SAN-3", "in parts", 0.05, 2, 30)


main()
