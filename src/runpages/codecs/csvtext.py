"""Delimited text into columns: separator and decimal comma found, numbers as float64, blanks told apart from nan."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from runpages.codecs.text import MISSING, decode, number, short_name, to_float
from runpages.errors import Notes

MAX_COLUMNS = 10_000
FAST_FROM = 400_000  # bytes; importing pandas costs more than Python needs for a smaller file
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
csv.field_size_limit(16 * 2**20)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: values (n,) float64, given (n,) bool where a number (or nan) stood, texts where something else did."""

    name: str
    values: npt.NDArray[np.float64]
    given: npt.NDArray[np.bool_]
    texts: tuple[tuple[int, str], ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether every cell that holds something holds a number, and at least one does."""
        return not self.texts and bool(self.given.any())


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of one length, in file order; a repeated name has " (2)" appended."""

    columns: tuple[Column, ...]
    rows: int

    def find(self, *names: str) -> Column | None:
        """The column with the first of these lower-case names that is there."""
        by_name = {column.name.strip().lower(): column for column in reversed(self.columns)}
        return next((by_name[name] for name in names if name in by_name), None)


def delimiter_of(header: str) -> str:
    """The separator of a header line: tab, semicolon or comma, the one there is most of outside quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    counts = {sign: bare.count(sign) for sign in ("\t", ";", ",")}
    return max(counts, key=lambda sign: counts[sign]) if any(counts.values()) else ","


def header_of(head: bytes) -> list[str]:
    """The cells of the first line of a file, stripped, from its first bytes; empty when there is none."""
    text = decode(head)[0]
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(first_line(text))), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def first_line(text: str) -> str:
    """The first line without its end."""
    match = _LINE.match(text)
    return match[0].rstrip("\r\n") if match else ""


def load(data: bytes, notes: Notes, where: str) -> Table:
    """The table in a delimited text file with a header line.

    Repeated header lines are left out; short rows count as blank where they end, cells beyond the header are
    dropped; a last row cut in the middle (shorter than the header, no line end) is dropped. Each is noted.
    """
    text = decode(data)[0]
    header_line = first_line(text)
    delimiter = delimiter_of(header_line)
    if len(data) >= FAST_FROM and text.count(header_line) == 1 and '"' not in text:
        fast = _fast(text, header_line, delimiter, notes, where)
        if fast is not None:
            return fast
    header, body = _split(text, delimiter, notes, where)
    names = unique(header[:MAX_COLUMNS], notes, where)
    columns = zip(*body, strict=True) if body else ((),) * len(header)
    comma = delimiter != ","
    return Table(tuple(column(name, one, comma) for name, one in zip(names, columns, strict=False)), len(body))


def cells(data: bytes, notes: Notes, where: str) -> tuple[list[str], list[list[str]]]:
    """The header (repeats numbered) and the rows as text, all of one width; damage is noted as in `load`."""
    text = decode(data)[0]
    header, body = _split(text, delimiter_of(first_line(text)), notes, where)
    return unique(header, notes, where), body


def _split(text: str, delimiter: str, notes: Notes, where: str) -> tuple[list[str], list[list[str]]]:
    rows = list(_rows(text, delimiter, notes, where))
    if not rows:
        return [], []
    header = [cell.strip() for cell in rows[0]]
    return header, _even([row for row in rows[1:] if row and row != rows[0]], len(header), text, notes, where)


def _rows(text: str, delimiter: str, notes: Notes, where: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        notes.warn("csv-broken", f"line {reader.line_num}: {error}", where=where, kept="the rows before it")


def _even(rows: list[list[str]], width: int, text: str, notes: Notes, where: str) -> list[list[str]]:
    """Rows of one width."""
    if rows and len(rows[-1]) < width and not text.endswith(("\n", "\r")):
        rows = rows[:-1]
        notes.info("csv-torn", "the last row ends in the middle", where=where, kept=f"the {len(rows)} rows before it")
    ragged = sum(len(row) != width for row in rows)
    if ragged:
        notes.warn(
            "csv-ragged",
            f"{ragged} of {len(rows)} rows have more or fewer cells than the header's {width}",
            where=where,
            kept="missing cells as blank; cells beyond the header were dropped",
        )
    return [row if len(row) == width else (row + [""] * width)[:width] for row in rows]


def unique(names: Sequence[str], notes: Notes, where: str) -> list[str]:
    """The names with repeats numbered: acc, acc (2)."""
    names = [short_name(name) for name in names]
    seen: dict[str, int] = {}
    taken = set(names)
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        new, count = name, seen[name]
        while count > 1 and new in taken:
            new = f"{name} ({count})"
            count += 1
        taken.add(new)
        result.append(new)
    repeated = [name for name, count in seen.items() if count > 1 and name]
    if repeated:
        notes.warn(
            "csv-duplicate-column", f"column {repeated[0]!r} is there more than once", where=where, kept="all, numbered"
        )
    return result


def column(name: str, cells: Sequence[Any], decimal_comma: bool = False) -> Column:
    """A column of cells: texts, or JSON values (None is blank; booleans and lists are no numbers)."""
    values = np.full(len(cells), np.nan)
    easy = _numbers_and_blanks(cells)
    if easy is not None:
        there = np.fromiter(map(bool, cells), np.bool_, len(cells))
        values[there] = easy
        return Column(name, values, there)
    given = np.zeros(len(cells), np.bool_)
    texts: list[tuple[int, str]] = []
    for row, cell in enumerate(cells):
        found = _cell(cell)
        if found is not None:
            values[row], given[row] = found, True
        elif cell is not None and not (isinstance(cell, str) and cell.strip() in MISSING):
            texts.append((row, cell if isinstance(cell, str) else str(cell)))
    if decimal_comma and texts and all(_DECIMAL_COMMA.fullmatch(text.strip()) for _, text in texts):
        for row, text in texts:
            values[row], given[row] = float(text.strip().replace(",", ".")), True
        texts = []
    return Column(name, values, given, tuple(texts))


def _numbers_and_blanks(cells: Sequence[Any]) -> list[float] | None:
    """The numbers of a column of texts without any other text (an order of magnitude faster), else None."""
    there = [cell for cell in cells if cell]
    try:
        joined = "".join(there)
        # float() takes 1_000 and Arabic digits, a metrics file does not mean them
        return list(map(float, there)) if joined.isascii() and "_" not in joined else None
    except (TypeError, ValueError):
        return None


def _cell(cell: Any) -> float | None:
    if isinstance(cell, str):
        return number(cell)
    return to_float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _fast(text: str, header_line: str, delimiter: str, notes: Notes, where: str) -> Table | None:
    """The table by pandas' C parser (exact, 2.6 times numpy's speed), or None when a row needs a closer look."""
    import pandas as pd  # here: its import takes longer than most files

    header = [cell.strip() for cell in header_line.split(delimiter)]
    # pandas fills short rows silently: let it see only files whose separators and lines add up
    even = text.count(delimiter) == text.count("\n") * (len(header) - 1)
    if len(header) > MAX_COLUMNS or not text.endswith("\n") or not even:
        return None
    # before pandas 3.1 the default parser is off by one bit now and then; from 3.1 on naming it is deprecated
    exact: dict[str, Any] = {} if _version(pd.__version__) >= (3, 1) else {"float_precision": "round_trip"}
    try:
        frame = pd.read_csv(
            io.StringIO(text[len(header_line) :]),
            sep=delimiter, header=None, names=range(len(header) + 1), index_col=False, engine="c",
            keep_default_na=False, na_values=sorted(MISSING), skipinitialspace=True, low_memory=False, **exact,
        )  # fmt: skip
    except (ValueError, OverflowError):  # ParserError is a ValueError
        return None
    if frame[len(header)].notna().any():  # a row with too many cells
        return None
    names = unique(header, notes, where)
    return Table(tuple(_from_pandas(name, frame[at]) for at, name in enumerate(names)), len(frame))


def _from_pandas(name: str, cells: Any) -> Column:
    if cells.dtype.kind in "iuf":
        values = cells.to_numpy(np.float64)
        return Column(name, values, ~np.isnan(values))  # "nan" is no number to pandas: such columns come as text
    blank = cells.isna().to_numpy()
    return column(name, [None if empty else str(cell) for cell, empty in zip(cells.tolist(), blank, strict=True)])


def _version(text: str) -> tuple[int, int]:
    major, minor = [*re.findall(r"\d+", text), "0", "0"][:2]
    return int(major), int(minor)
