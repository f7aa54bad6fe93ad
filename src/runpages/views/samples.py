"""Evaluation samples that runs logged, row by row, and which rows of two runs are the same sample.

Rows meet by the hash of the sample, else by its id, else by what went in; never by their place in a file.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from runpages.model import Artifact, Floats
from runpages.views.run_tables import table_of

SCORES = 6
MOST_ROWS = 50_000
_HASHES = frozenset("dochash samplehash hash inputhash".split())
_IDS = frozenset("docid sampleid exampleid questionid id uid key qid traceid requestid taskid".split())
_INPUTS = frozenset(
    "prompt input inputs question query request instruction text source context doc image sentence premise".split()
)
_TARGETS = frozenset(
    "target targets truth expected reference references groundtruth label gold answerkey ideal expectedresponse".split()
)
_ANSWERS = frozenset(
    """answer answers output outputs prediction predictions predicted response responses completion generated generation guess pred
    modeloutput filteredresps""".split()
)
_NO_SCORES = frozenset("step time timestamp index filter".split())


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of one table of one run. Columns by what they are; `scores` name -> (n,) float64, nan for none.

    `hashes`, `ids` and `inputs` are what a row is known by, each (n,) texts or empty; `part` names the filter.
    """

    run: int
    key: str
    step: int | None
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    answers: tuple[str, ...]
    scores: Mapping[str, Floats]
    hashes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    part: str = ""

    def __len__(self) -> int:
        return len(self.answers)


def samples_in(run: int, artifact: Artifact, content: str) -> list[Samples]:
    """The samples of an artifact, one table per filter; [] when it holds none: no answers, or nothing they answer to."""
    if artifact.kind == "figure" or artifact.key.endswith("/spans"):  # steps of an answer, no answers
        return []
    table = table_of(content, artifact.name)
    if table is None or not table[1]:
        return []
    names = [re.sub(r"[^a-z]", "", str(name).lower()) for name in table[0]]
    width = len(names)
    rows = [row for row in table[1][:MOST_ROWS] if len(row) >= width]
    answers = _some(names, _ANSWERS)
    if not rows or not answers or not (_some(names, _INPUTS) or _some(names, _IDS | _HASHES)):
        return []
    parts = Counter(str(row[names.index("filter")]) for row in rows) if "filter" in names else Counter([""])
    key = re.sub(r"^mlflow/|^samples of |(\.table)?\.(json|csv|tsv)$", "", artifact.key or artifact.name)
    whole = len(parts) < 2
    return [
        _samples(run, (names, table[0]), [row for row in rows if whole or str(row[names.index("filter")]) == part],
                 replace(artifact, key=key), "" if part in ("", "none", "None") else part)
        for part in parts
    ]  # fmt: skip


def _some(names: Sequence[str], wanted: frozenset[str]) -> list[int]:
    return [place for place, name in enumerate(names) if name in wanted]


def _samples(
    run: int, named: tuple[list[str], list[Any]], rows: Sequence[Sequence[Any]], artifact: Artifact, part: str
) -> Samples:
    names, titles = named
    used = {
        role: _some(names, wanted)
        for role, wanted in (("h", _HASHES), ("d", _IDS), ("i", _INPUTS), ("t", _TARGETS), ("a", _ANSWERS))
    }
    taken = {place for places in used.values() for place in places} | set(_some(names, _NO_SCORES))
    scores: dict[str, Floats] = {}
    for place in range(len(names)):
        values = _scores([row[place] for row in rows]) if place not in taken else None
        if values is not None and len(scores) < SCORES:
            scores[str(titles[place])] = values

    def column(role: str) -> tuple[str, ...]:
        places = used[role]
        return tuple(_text([row[place] for place in places]) for row in rows) if places else ()

    return Samples(run, artifact.key, artifact.step, column("i"), column("t"), column("a"), scores, column("h"),
                   tuple(_text([row[used["d"][0]]]) for row in rows) if used["d"] else (), part)  # fmt: skip


def _scores(values: Sequence[Any]) -> Floats | None:
    """A column of numbers, truth values and gaps as (n,); None for any other."""
    found = np.full(len(values), math.nan)
    for place, value in enumerate(values):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            value = {"true": 1.0, "false": 0.0, "True": 1.0, "False": 0.0}.get(value, value)
        try:
            found[place] = float(value)
        except (TypeError, ValueError, OverflowError):
            return None
    return found if np.isfinite(found).any() else None


def _text(values: Sequence[Any]) -> str:
    words = [
        value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
        for value in values
    ]
    return "\n".join(word for word in words if word)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Tables of one key, one per run. `same` maps each table's rows (n,) to the number of their sample, -1 for a row alone.

    `by` says what rows are known by; `ambiguous` rows share it with another row of their run, `unlike` ones have the id of
    a sample with another input.
    """

    key: str
    members: tuple[Samples, ...]
    same: tuple[Sequence[int], ...]
    by: str
    known: int
    ambiguous: int
    unlike: int


def grouped(tables: Sequence[Samples]) -> list[Group]:
    """The last table of each run by key and filter, those with the most samples in common first."""
    last: dict[tuple[str, str], dict[int, Samples]] = {}
    for one in tables:
        runs = last.setdefault((one.key, one.part), {})
        if one.run not in runs or (one.step or 0) >= (runs[one.run].step or 0):
            runs[one.run] = one
    groups = [
        _group(f"{key}, filter {part}" if part else key, tuple(runs.values())) for (key, part), runs in last.items()
    ]
    return sorted(groups, key=lambda group: (-group.known, -len(group.members), group.key))


def _group(key: str, members: tuple[Samples, ...]) -> Group:
    for by, known in (("hash", _hashes), ("id", lambda one: one.ids), ("input", lambda one: one.inputs)):
        group = _matched(key, members, by, [known(one) for one in members])
        if len(members) == 1 or group.known:
            return group
    return Group(key, members, tuple([-1] * len(one) for one in members), "", 0, 0, 0)


def _hashes(one: Samples) -> tuple[str, ...]:
    """What samples are known by; those that a set holds twice by their id as well."""
    count = Counter(one.hashes)
    if not one.ids:
        return one.hashes
    return tuple(
        text if count[text] == 1 else f"{text} {name}" for text, name in zip(one.hashes, one.ids, strict=False)
    )


def _matched(key: str, members: tuple[Samples, ...], by: str, columns: Sequence[Sequence[str]]) -> Group:
    """The group with rows known by these texts; `known` counts samples that at least two runs have."""
    counts = [Counter(column) for column in columns]
    ambiguous = sum(n for count in counts for text, n in count.items() if n > 1 or not text)
    number: dict[str, int] = {}
    inputs: dict[str, str] = {}
    seen: Counter[int] = Counter()
    unlike = 0
    same: list[Sequence[int]] = []
    for member, column, count in zip(members, columns, counts, strict=True):
        rows = []
        for place in range(len(member)):
            text = column[place] if column else ""
            if not text or count[text] > 1:
                rows.append(-1)
                continue
            given = member.inputs[place] if by == "id" and member.inputs else ""
            if inputs.setdefault(text, given) != given:
                unlike += 1
                rows.append(-1)
                continue
            rows.append(number.setdefault(text, len(number)))
            seen[rows[-1]] += 1
        same.append(rows)
    return Group(key, members, tuple(same), by, sum(n > 1 for n in seen.values()), ambiguous, unlike)


def aligned(group: Group, place: int, score: str) -> Floats:
    """(samples,) one run's score by the number of the sample; nan where it has none."""
    size = 1 + max((max(rows, default=-1) for rows in group.same), default=-1)
    found = np.full(size, math.nan)
    values = group.members[place].scores.get(score)
    if values is not None:
        rows = np.array(group.same[place], np.int64)
        found[rows[rows >= 0]] = values[rows >= 0]
    return found
