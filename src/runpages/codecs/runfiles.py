"""The files of a run folder as plain values and series; what cannot be read becomes a note and an empty value."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from runpages.codecs import csvtext, jsontext, runfolder, series, yamltext
from runpages.codecs.flatten import TooMuch, flatten
from runpages.codecs.text import decode, read_capped, read_tail, scalar
from runpages.errors import Notes
from runpages.model import Artifact, Scalar, Series

MAX_SERIES = 256 * 2**20
MAX_DOCUMENT = 16 * 2**20
MAX_TEXT = 256 * 1024
MAX_ARTIFACTS = 2_000


class Files:
    """The files of one source; what cannot be read becomes a note and an empty value."""

    def __init__(self, root: Path, notes: Notes) -> None:
        self.root = root
        self.notes = notes

    def data(self, name: str, cap: int) -> bytes:
        """The bytes of a file up to `cap`, cut after a whole line."""
        try:
            data, more = read_capped(self.root / name, cap)
        except OSError as error:
            self.notes.warn("file-unreadable", error.strerror or "cannot be read", where=name, kept="the other files")
            return b""
        if more:
            data = data[: data.rfind(b"\n") + 1]
            self.notes.warn(
                "file-too-large", f"longer than {cap // 2**20} MiB", where=name, kept="the lines up to there"
            )
        return data

    def document(self, name: str, data: bytes | None = None) -> Any:
        """A JSON, JSON lines, YAML, TOML or name,value file as plain values; None when it is none."""
        data = self.data(name, MAX_DOCUMENT) if data is None else data
        try:
            if name.lower().endswith(".json"):
                return jsontext.load(data, self.notes, name)
            if name.lower().endswith((".yaml", ".yml")):
                return yamltext.load(data)
            if name.lower().endswith(".toml"):
                return tomllib.loads(decode(data)[0].replace("\r\n", "\n"))
            if name.lower().endswith(".jsonl"):
                return {
                    key: one for row in jsontext.load_lines(data, self.notes, name).rows for key, one in row.items()
                }
            return _pairs(data)
        except (jsontext.NotJson, yamltext.NotYaml, tomllib.TOMLDecodeError, RecursionError) as error:
            self.notes.warn("document-unreadable", str(error)[:200] or "nested too deeply", where=name, kept="the other files",
                            hint="the file itself is listed with the run's files")  # fmt: skip
            return None

    def text(self, name: str, *, tail: bool = False) -> str:
        """The first (or last) 256 KiB of a text file."""
        try:
            data, more = (read_tail if tail else read_capped)(self.root / name, MAX_TEXT)
        except OSError as error:
            self.notes.warn("file-unreadable", error.strerror or "cannot be read", where=name, kept="the other files")
            return ""
        if more:
            part = "last" if tail else "first"
            self.notes.info(
                "text-shortened", f"longer than {MAX_TEXT // 1024} KiB", where=name, kept=f"the {part} part"
            )
        return decode(data)[0]

    def left(self, used: Collection[str], *, top: str = "", every: bool = False) -> tuple[Artifact, ...]:
        """The other files of the run, in its own folder and in the folders it owns (`every`: in all); no links.

        With `top` ("outputs/") only what lies below that folder. A folder in `used` is left out whole.
        """
        found: list[Artifact] = []
        todo = [top]
        while todo:
            below = todo.pop(0)
            try:
                with os.scandir(self.root / below) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                self.notes.warn(
                    "file-unreadable", error.strerror or "cannot be listed", where=below, kept="the other files"
                )
                continue
            for entry in entries:
                path = below + entry.name
                if entry.is_dir(follow_symlinks=False):
                    inside = below or every or entry.name.lower() in runfolder.INNER
                    todo.extend([path + "/"] if inside and path not in used else [])
                elif entry.is_file(follow_symlinks=False) and path not in used:
                    found.append(_artifact(path, entry.stat(follow_symlinks=False).st_size))
            if len(found) > MAX_ARTIFACTS:
                self.notes.warn(
                    "too-many-files", f"more than {MAX_ARTIFACTS:,} files", where=below, kept="the first of them"
                )
                return tuple(found[:MAX_ARTIFACTS])
        return tuple(found)

    def inside(self, folder: str) -> tuple[Artifact, ...]:
        """The files right in a folder of the run, such as a checkpoint; no links, none of them opened."""
        try:
            with os.scandir(self.root / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            plain = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
            return tuple(_artifact(f"{folder}/{one.name}", one.stat().st_size) for one in plain[:MAX_ARTIFACTS])
        except OSError as error:
            self.notes.warn(
                "file-unreadable", error.strerror or "cannot be listed", where=folder, kept="the other files"
            )
            return ()

    def flat(self, name: str, value: Any) -> dict[str, Scalar]:
        """A document's mapping with dotted names; anything else is noted."""
        if value is None:
            return {}
        try:
            if isinstance(value, Mapping):
                return flatten(value)
            what = f"holds a {type(value).__name__}, not names with values"
        except TooMuch as error:
            what = str(error)
        self.notes.warn("document-unreadable", what, where=name, kept="the other files")
        return {}


_NAMED = frozenset({"name", "param", "parameter", "params", "key", "hparam", "setting", "variable", ""})


def _pairs(data: bytes) -> dict[str, Scalar]:
    text = decode(data)[0]
    sign = csvtext.delimiter_of(csvtext.first_line(text))
    lines = [line for line in text.splitlines() if line.strip()]
    names = csvtext.header_of(data)
    if len(lines) == 2 and names[:1] and names[0].lower() not in _NAMED:  # a table with one row: a column per name
        return {
            name: scalar(cell) for name, cell in zip(names, csvtext.header_of(lines[1].encode()), strict=False) if name
        }
    rows = [line.split(sign, 1) for line in lines if sign in line]
    return {row[0].strip().strip('"'): scalar(row[1].strip().strip('"')) for row in rows[1:]}


def measurements(files: Files, name: str) -> tuple[list[Series], dict[str, Scalar]]:
    """The series in a metrics file, and single values when it is a JSON object that holds such."""
    low = name.lower()
    data = files.data(name, MAX_SERIES)
    try:
        if low.endswith((".jsonl", ".ndjson")):
            return series.from_records(jsontext.load_lines(data, files.notes, name).rows, files.notes, name), {}
        if low.endswith((".json", *runfolder.DOCUMENTS)):
            return _from_json(files, name, data)
        return series.from_table(csvtext.load(data, files.notes, name), files.notes, name), {}
    except TooMuch as error:
        files.notes.warn("document-unreadable", str(error), where=name, kept="the other files")
        return [], {}


def all_measured(files: Files, names: Iterable[str]) -> tuple[list[Series], dict[str, Scalar]]:
    """Every series and single value of these files; of equal names the first file's."""
    found: dict[str, Series] = {}
    results: dict[str, Scalar] = {}
    for name in dict.fromkeys(names):
        several, single = measurements(files, name)
        again = [one.label for one in several if one.label in found]
        if again:
            files.notes.info("series-twice", f"{again[0]!r} was already measured in another file", where=name,
                             kept="the first file's values; this file is listed with the run's files")  # fmt: skip
        for one in several:
            found.setdefault(one.label, one)
        results = {**single, **results}
    return list(found.values()), results


def _from_json(files: Files, name: str, data: bytes) -> tuple[list[Series], dict[str, Scalar]]:
    if re.match(rb"\s*\{[^\n]*\}\s*\n\s*\{", data[:MAX_TEXT]):  # JSON lines under a .json name
        return series.from_records(jsontext.load_lines(data, files.notes, name).rows, files.notes, name), {}
    value = files.document(name, data)
    if runfolder.is_records(value):
        return series.from_records(value, files.notes, name), {}
    columns, rest = runfolder.columns_in(value)
    length = max(map(len, columns.values()), default=0)
    if any(len(one) < length for one in columns.values()):
        files.notes.info(
            "series-uneven", "the lists have different lengths", where=name, kept="each, counted from its first value"
        )
    table = [csvtext.column(key, [*one, *[None] * (length - len(one))]) for key, one in columns.items()]
    found = series.from_table(csvtext.Table(tuple(table), length), files.notes, name) if table else []
    return found, files.flat(name, rest if columns else value)


def packages(text: str) -> dict[str, Scalar]:
    """Versions out of requirements.txt or environment.yml, as "package.NAME"; Python's own as "python"."""
    lines = re.findall(r"^[ \t-]*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?={1,2}([\w.!+-]+)", text, re.MULTILINE)
    return {"python" if name == "python" else f"package.{name}": version for name, version in lines}


def _artifact(path: str, size: int) -> Artifact:
    key, step = runfolder.step_of(path)
    return Artifact(path, runfolder.kind_of(path), path, "" if step is None else key, step, size)
