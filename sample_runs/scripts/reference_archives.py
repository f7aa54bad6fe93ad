"""What ClearML's, Comet's and Neptune's own code says of the samples, one run a line: python reference_archives.py clearml|comet|neptune SAMPLES [EXPORTER].

clearml   no client reads offline sessions without a server: events as the JSON that they are, params cast by the client's own `cast_basic_type`
comet     what `comet offline --csv` prints: every value of every metric, every param
neptune   the exporter's own ParquetReader
"""

import csv
import io
import json
import math
import subprocess
import sys
import zipfile
from pathlib import Path

WHICH, TOP = sys.argv[1], Path(sys.argv[2])


def word(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def clearml():
    from clearml.utilities.proxy_object import cast_basic_type

    seen = {}
    for path in sorted(TOP.glob("clearml/*/offline-*")):
        archive = zipfile.ZipFile(path) if path.suffix == ".zip" else None
        key = path.name.removesuffix(".zip")

        def text(name, path=path, archive=archive):
            if archive:
                return archive.read(name).decode() if name in archive.namelist() else ""
            return (path / name).read_text() if (path / name).exists() else ""

        task = json.loads(text("task.json"))
        series, results = {}, {}
        for line in text("metrics.jsonl").splitlines():
            for event in json.loads(line):
                if event["type"] == "training_stats_scalar" and event["iter"] == -(2**31):
                    results[event["variant"]] = event["value"]
                elif event["type"] == "training_stats_scalar":
                    one = series.setdefault(f"{event['metric']}/{event['variant']}", {"steps": [], "values": []})
                    one["steps"].append(event["iter"])
                    one["values"].append(float(event["value"]))
        params = {}
        for section, entries in task["hyperparams"].items():
            for name, entry in entries.items() if section != "properties" else ():
                value = cast_basic_type(entry["value"], entry.get("type"))
                params[f"{section}/{name}"] = word(json.dumps(value) if isinstance(value, list) else value)
        artifacts = [one["key"] for one in task.get("execution", {}).get("artifacts", [])]
        seen[key] = {"id": key, "name": task["name"], "project": task["project_name"], "comment": task.get("comment", ""), "params": params,
                     "series": series, "results": results, "artifacts": artifacts}  # fmt: skip
    yield from seen.values()


def comet():
    tool = str(Path(sys.executable).parent / "comet")
    for path in sorted(TOP.glob("comet/*/*.zip")):
        said = subprocess.run([tool, "offline", "--csv", str(path)], check=True, capture_output=True, text=True).stdout
        metrics, params = {}, {}
        for row in csv.DictReader(io.StringIO(said[said.find('"workspace"'):])) if '"workspace"' in said else ():
            if row["level"] == "detail" and row["section"] == "metric":
                metrics.setdefault(row["name"], []).append(row["value"])
            elif row["level"] == "detail" and row["section"] == "param":
                params[row["name"]] = row["value"]
        if metrics:
            yield {"archive": f"{path.parent.name}/{path.name}", "id": path.name[:32], "metrics": metrics, "params": params}


def neptune():
    sys.path.insert(0, sys.argv[3])
    from neptune_exporter.storage.parquet_reader import ParquetReader

    single = {"float": "float_value", "int": "int_value", "string": "string_value", "bool": "bool_value"}
    for data in (TOP / "neptune" / "exporter" / "exports" / "data", TOP / "neptune" / "parts" / "data"):
        reader = ParquetReader(data)
        for project in sorted(path for path in data.iterdir() if path.is_dir()):
            for prefix in reader.list_run_files(project):
                line = {"id": "", "params": {}, "series": {}, "tags": []}
                for table in reader.read_run_data(project, prefix):
                    for row in table.to_pylist():
                        path, kind = row["attribute_path"], row["attribute_type"]
                        line["id"] = row["run_id"]
                        if kind == "float_series":
                            one = line["series"].setdefault(path, {"steps": [], "values": []})
                            one["steps"].append(float(row["step"]))
                            one["values"].append(word(row["float_value"]))
                        elif path == "sys/tags":
                            line["tags"] = row["string_set_value"]
                        elif not path.startswith(("sys/", "monitoring/", "source_code/")):
                            if kind in single:
                                line["params"][path] = word(row[single[kind]])
                            elif kind == "datetime":
                                line["params"][path] = row["datetime_value"].isoformat().replace("+00:00", "Z")
                yield line


for line in {"clearml": clearml, "comet": comet, "neptune": neptune}[WHICH]():
    print(json.dumps(line, ensure_ascii=False, sort_keys=True))
