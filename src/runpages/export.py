"""The table as data: one run a line or a row, exactly as it was read."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from runpages.config import Config
from runpages.errors import ConfigError, Note
from runpages.frames import Member, RunSet, row
from runpages.model import Stat
from runpages.query import where
from runpages.views import latex, text
from runpages.views.columns import Drawn, runs_data

FORMATS = ("jsonl", "csv", "markdown", "latex", "parquet")
_STAT = {
    "count": "count",
    "first": "first",
    "last": "last",
    "min": "min",
    "max": "max",
    "mean": "mean",
    "first_step": "first_step",
    "last_step": "last_step",
    "min_step": "argmin_step",
    "max_step": "argmax_step",
}


def export(runs: RunSet, kind: str, columns: Sequence[str] = (), chosen: Sequence[int] | None = None) -> bytes:
    """Every run in the format `kind`; `columns` chooses and orders the columns of a table, `chosen` are the numbers of
    the runs to write (None: all). Raises ConfigError."""
    if kind == "jsonl":
        return "".join(f"{line}\n" for line in json_lines(runs, chosen)).encode("utf-8", "backslashreplace")
    names, rows = table(runs, columns)
    if chosen is not None:
        rows = [rows[number] for number in chosen]
    if kind == "csv":
        return _csv(names, rows).encode("utf-8", "backslashreplace")
    if kind == "markdown":
        return _markdown(names, rows).encode("utf-8", "backslashreplace")
    if kind == "latex":
        return _latex(names, rows).encode()
    if kind == "parquet":
        return _parquet(names, rows)
    raise ConfigError("format-unknown", f"no export format is called {kind}", hint=f"one of {', '.join(FORMATS)}")


def json_lines(runs: RunSet, chosen: Sequence[int] | None = None) -> Iterator[str]:
    """One JSON object per run, keys in the documented order, none left out."""
    for number in range(len(runs)) if chosen is None else chosen:
        yield json.dumps(record(runs.members[number]), ensure_ascii=False, allow_nan=False)


def matching(runs: RunSet, config: Config, text: str) -> list[int]:
    """The numbers of the runs that a filter keeps: the page's language over the same columns. Raises ConfigError."""
    return where(runs_data(runs, config, Drawn()), text)


def record(member: Member) -> dict[str, Any]:
    """A run as the export's object: numbers in full, nan and inf as words, times in ISO 8601 UTC."""
    run = member.head.run
    code = ("repository", "commit", "branch", "dirty", "entry_point", "command")
    return {
        "id": member.id,
        "name": run.name,
        "tracker": run.tracker,
        "group": run.group,
        "parent": run.parent,
        "status": run.status,
        "started": text.iso(run.started) or None,
        "ended": text.iso(run.ended) or None,
        "user": run.user,
        "host": run.host,
        "params": {name: _plain(value) for name, value in run.params.items()},
        "metrics": {label: stat_record(stat) for label, stat in member.head.stats.items()},
        "results": {name: _plain(value) for name, value in run.results.items()},
        "tags": {name: _plain(value) for name, value in run.tags.items()},
        "notes": run.notes,
        "code": {name: getattr(run.code, name) for name in code},
        "environment": {name: _plain(value) for name, value in run.environment.items()},
        "artifacts": [
            {name: getattr(one, name) for name in ("name", "kind", "key", "step", "size")} for one in run.artifacts
        ],
        "warnings": [_warning(note) for note in member.notes],
        "source": run.source,
    }


def stat_record(stat: Stat) -> dict[str, Any]:
    """A metric's summary as the export writes it."""
    return {name: _plain(getattr(stat, field)) for name, field in _STAT.items()}


def _warning(note: Note) -> dict[str, str]:
    return {"slug": note.slug, "what": note.what, "where": note.where}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def table(runs: RunSet, columns: Sequence[str] = ()) -> tuple[list[str], list[list[Any]]]:
    """Column names and rows. Metrics give their last value; `metric.max` and so on can be asked for by `columns`.

    A column is a run's field (`name`), or `param:lr`, `metric:val/loss`, `metric:val/loss.min`, `result:`, `tag:`; the
    prefix may be left out where the name is unique.
    """
    made = {"last": [row(member, "last") for member in runs.members]}
    there = list(dict.fromkeys(name for one in made["last"] for name in one))
    wanted = [_reduced(name, there) for name in columns] if columns else [(name, name, "last") for name in there]
    for reducer in {reducer for _, _, reducer in wanted} - {"last"}:
        made[reducer] = [row(member, reducer) for member in runs.members]
    found = [
        (shown if reducer != "last" else _find(there, name), _find(there, name), reducer)
        for shown, name, reducer in wanted
    ]
    rows = [[made[reducer][at].get(name) for _, name, reducer in found] for at in range(len(runs))]
    return [shown for shown, _, _ in found], rows


def _reduced(name: str, there: Sequence[str]) -> tuple[str, str, str]:
    """A column as asked for, its name, and its reducer: `val/loss.min` gives (val/loss.min, val/loss, min)."""
    if any(name in (one, one.partition(":")[2]) for one in there):
        return name, name, "last"
    stem, _, reducer = name.rpartition(".")
    return (name, stem, reducer) if stem and reducer in ("min", "max", "mean", "first") else (name, name, "last")


def _find(there: Sequence[str], name: str) -> str:
    found = [one for one in there if one == name or one.partition(":")[2] == name]
    if name in there:
        return name
    if len(found) == 1:
        return found[0]
    why = f"{name} could be {' or '.join(found)}" if found else f"there is no column {name}"
    raise ConfigError("column-unknown", why, hint=f"columns are {', '.join(there[:20])}")


def _csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(name) for name in names])
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _plain(value) if not math.isfinite(value) else repr(value)
    return _safe(value) if isinstance(value, str) else value


def _safe(value: str) -> str:
    """A spreadsheet takes a text that begins with = + - @ for a formula; a quote before it keeps it a text.

    Lines in a cell end with a newline: a carriage return alone would not be quoted, and end the row for many readers.
    """
    if "\r" in value[1:]:
        value = value[0] + value[1:].replace("\r\n", "\n").replace("\r", "\n")
    if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        try:
            float(value)
        except ValueError:
            return f"'{value}".replace("\r", "\n")
    return value


def _markdown(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(_escaped(name.partition(":")[2] or name) for name in names) + " |"]
    lines.append("|" + " --- |" * len(names))
    lines += [
        "| " + " | ".join(_escaped(text.number(value)) if value is not None else "" for value in row) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    """A text as a cell of a Markdown table: no markup, no mention, no line break."""
    flat = " ".join(value.split())
    return "".join(
        f"\\{mark}" if mark in "\\`*_[]|#" else {"<": "&lt;", ">": "&gt;", "@": "&#64;"}.get(mark, mark)
        for mark in flat
    )


def _latex(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    cells = [[latex.escaped(text.number(value)) if value is not None else "" for value in row] for row in rows]
    numeric = [all(_is_number(row[at]) for row in rows) for at in range(len(names))]
    return latex.tabular([latex.escaped(name.partition(":")[2] or name) for name in names], cells, numeric)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _parquet(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ConfigError(
            "parquet-missing", "pyarrow is not installed", hint="pip install 'runpages[parquet]'"
        ) from None
    columns = {name: _arrow([row[at] for row in rows]) for at, name in enumerate(names)}
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.table(columns), sink)
    return bytes(sink.getvalue().to_pybytes())


def _arrow(values: list[Any]) -> list[Any]:
    """A column of one type: values of several become texts."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and len(kinds) == 2:
        return [None if value is None else float(value) for value in values]
    return values if len(kinds) < 2 else [None if value is None else str(value) for value in values]
