"""What a W&B log says, record by record: the run, its configuration, rows, summaries, statistics, console, artifacts.

Field numbers are those of wandb's wandb_internal.proto; docs/formats/wandb.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runpages.codecs.leveldb_log import Log
from runpages.codecs.wandb_items import drop, tree_of
from runpages.codecs.wire import Message, WireError, varint

HISTORY, SUMMARY = b"\x12", b"\x1a"
HIDDEN_TYPES = frozenset({"run_table", "job", "code", "wandb-history", "wandb-events", "wandb-run-link"})
# the record's number, then a history row or a summary: nine of ten records
_COMMON = re.compile(rb"(?:\x08[\x80-\xff]{0,9}[\x00-\x7f])?[\x12\x1a](?=[\x80-\xff]{0,4}[\x00-\x7f])", re.DOTALL).match


@dataclass(frozen=True, slots=True)
class Metric:
    """One `define_metric`: `name` may end in "*"."""

    name: str
    step_metric: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """One version of an artifact. Its files (path, size, digest, reference) were copied elsewhere or only uploaded."""

    type: str
    name: str
    digest: str = ""
    description: str = ""
    metadata: str = ""
    aliases: tuple[str, ...] = ()
    files: tuple[tuple[str, int, str, str], ...] = ()


@dataclass(slots=True)
class RunLog:
    """One log's content. `history` and `summary` hold undecoded rows; `stats` rows are (time, {name: value})."""

    run: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    history: list[bytes] = field(default_factory=list)
    summary: list[bytes] = field(default_factory=list)
    stats: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    artifacts: list[Logged] = field(default_factory=list)
    used: list[tuple[str, str]] = field(default_factory=list)
    alerts: list[tuple[str, str]] = field(default_factory=list)
    exit_code: int | None = None
    runtime: float = 0.0
    client: str = ""
    bad: int = 0


def read_run_log(log: Log) -> RunLog:
    """The content of a log's records. A record that is no protobuf message, or holds one that is not, counts as bad."""
    found = RunLog()
    history, summary, tag = found.history, found.summary, HISTORY[0]
    for record in log.records:
        match = _COMMON(record)
        if match:
            at = match.end()
            size, start = record[at], at + 1
            if size > 127:
                size, start = (size & 127) | record[start] << 7, start + 1
                if size > 0x3FFF:
                    size, start = varint(record, at, len(record))
            if start + size <= len(record):
                (history if record[at - 1] == tag else summary).append(record[start : start + size])
                continue
        try:
            _take(Message(record), found)
        except WireError:
            found.bad += 1
    return found


def _take(record: Message, found: RunLog) -> None:
    for number, action in _ACTIONS.items():
        for start, end in record.spans(number):
            action(Message(record.data, start, end), found)


def _history(message: Message, found: RunLog) -> None:
    found.history.append(message.data[message.start : message.end])


def _summary(message: Message, found: RunLog) -> None:
    found.summary.append(message.data[message.start : message.end])


def _run(message: Message, found: RunLog) -> None:
    """Later records override what they say; what they leave out stays."""
    texts = {"id": 1, "entity": 2, "project": 3, "group": 6, "job_type": 7, "name": 8, "notes": 9, "sweep": 12}
    said: dict[str, Any] = {name: message.text(number) for name, number in (texts | {"host": 13}).items()}
    said["tags"] = message.texts(10)
    said["started"] = moment(message.child(17))
    said["repository"], said["commit"] = message.child(21).text(1), message.child(21).text(2)
    said["forked_from"] = message.child(23).text(1)
    found.run |= {name: value for name, value in said.items() if value}
    _config(message.child(4), found)
    found.client = message.child(19).text(5) or found.client


def _config(message: Message, found: RunLog) -> None:
    tree_of(message.children(1), found.config)
    drop(message.children(2), found.config)


def _stats(message: Message, found: RunLog) -> None:
    found.stats.append((moment(message.child(2)), tree_of(message.children(3))))


def _output(message: Message, found: RunLog) -> None:
    found.output.append(message.text(3))


def _metric(message: Message, found: RunLog) -> None:
    name = message.text(1) or message.text(2)
    found.metrics.append(Metric(name, message.text(4), bool(message.child(6).unsigned(2))))


def _artifact(message: Message, found: RunLog) -> None:
    entries = message.child(12).children(4)
    files = tuple((one.text(1), one.integer(4), one.text(2), one.text(3)) for one in entries)
    found.artifacts.append(
        Logged(
            type=message.text(4),
            name=message.text(5),
            digest=message.text(6),
            description=message.text(7),
            metadata=message.text(8),
            aliases=tuple(message.texts(11)),
            files=files,
        )
    )


def _used(message: Message, found: RunLog) -> None:
    found.used.append((message.text(2), message.text(3) or message.text(1)))


def _alert(message: Message, found: RunLog) -> None:
    found.alerts.append((message.text(1), message.text(2)))


def _telemetry(message: Message, found: RunLog) -> None:
    found.client = message.text(5) or found.client


def _exit(message: Message, found: RunLog) -> None:
    found.exit_code, found.runtime = message.integer(1), float(message.integer(2))


def _header(message: Message, found: RunLog) -> None:
    found.client = message.child(1).text(1).partition("+")[0] or found.client


def _environment(message: Message, found: RunLog) -> None:
    """Under the names that wandb-metadata.json had for them."""
    texts = {
        "os": 1,
        "python": 2,
        "program": 6,
        "codePath": 7,
        "host": 12,
        "username": 13,
        "executable": 14,
        "email": 10,
    }
    said: dict[str, Any] = {name: message.text(number) for name, number in texts.items()}
    said |= {"gpu": message.text(18), "cuda": message.text(25), "cpu": message.child(22).text(3)}
    said |= {
        "cpu_count": message.unsigned(16),
        "cpu_count_logical": message.unsigned(17),
        "gpu_count": message.unsigned(19),
    }
    said |= {"memory.total": message.child(21).unsigned(1), "args": message.texts(5)}
    git = message.child(9)
    said["git"] = {"remote": git.text(1), "commit": git.text(2)} if git.found else None
    found.environment |= {name: value for name, value in said.items() if value}


_ACTIONS: Mapping[int, Callable[[Message, RunLog], None]] = {
    2: _history,
    3: _summary,
    4: _output,
    5: _config,
    7: _stats,
    8: _artifact,
    10: _alert,
    11: _telemetry,
    12: _metric,
    13: _output,
    17: _run,
    18: _exit,
    21: _header,
    25: _used,
    26: _environment,
}


def moment(stamp: Message) -> float:
    """A protobuf Timestamp as UTC seconds; 0.0 when it is absent."""
    return stamp.integer(1) + stamp.integer(2) / 1e9


def definition(name: str, metrics: Sequence[Metric]) -> Metric | None:
    """What was defined for this metric: by its own name first, else the longest prefix before a "*"."""
    exact = [one for one in metrics if one.name == name]
    if exact:
        return exact[-1]
    globs = [one for one in metrics if one.name.endswith("*") and name.startswith(one.name[:-1])]
    return max(globs, key=lambda one: len(one.name), default=None)
