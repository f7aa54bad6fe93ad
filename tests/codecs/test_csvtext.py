"""Delimited text into columns."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runpages.codecs import csvtext
from runpages.errors import Notes

ANY_FLOAT = st.one_of(st.none(), st.floats())
NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip).filter(bool),
                 min_size=2, max_size=5, unique=True)  # fmt: skip


def load(data: bytes) -> tuple[csvtext.Table, list[str]]:
    notes = Notes()
    return csvtext.load(data, notes, "t.csv"), [note.slug for note in notes.all]


def written(names: list[str], rows: list[list[float | None]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(names)
    writer.writerows([["" if cell is None else repr(cell) for cell in row] for row in rows])
    return out.getvalue().encode()


@settings(deadline=None)
@given(st.data(), NAMES, st.sampled_from(",;\t"))
def test_what_the_csv_module_wrote_comes_back_bit_for_bit(
    data: st.DataObject, names: list[str], delimiter: str
) -> None:
    if any(sign in name for name in names for sign in ",;\t"):
        delimiter = ","
        names = [f"{name.replace(';', '').replace(chr(9), '')}{at}" for at, name in enumerate(names)]
    rows = data.draw(st.lists(st.lists(ANY_FLOAT, min_size=len(names), max_size=len(names)), max_size=20))
    table, slugs = load(written(names, rows, delimiter))
    assert [column.name for column in table.columns] == names
    assert table.rows == len(rows)
    for at, column in enumerate(table.columns):
        cells = [row[at] for row in rows]
        assert column.given.tolist() == [cell is not None for cell in cells]
        expected = np.array([math.nan if cell is None else cell for cell in cells], np.float64)
        assert np.array_equal(column.values, expected, equal_nan=True)
    assert not slugs


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    table, _ = load(data)
    assert all(len(column.values) == table.rows for column in table.columns)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_long_file_reads_as_its_pieces_do(ending: str) -> None:
    random = np.random.default_rng(0)
    values = random.standard_normal((9_000, 3)) * 10.0 ** random.integers(-30, 30, (9_000, 3))
    cells = [[repr(one) for one in row] for row in values.tolist()]
    cells[5][1] = ""
    cells[6][2] = "nan"
    cells[7][2] = "-inf"
    cells[8][2] = "NA"
    text = ending.join(["step,a,b", *map(",".join, cells), ""])
    assert len(text) > csvtext.FAST_FROM
    whole, slugs = load(text.encode())
    slow, _ = load(text[:-2].rpartition(ending)[0].encode())  # below: no line end at the end takes the slow way
    assert not slugs
    assert whole.rows == slow.rows + 1
    for fast_column, slow_column in zip(whole.columns, slow.columns, strict=True):
        assert np.array_equal(fast_column.values[:-1], slow_column.values, equal_nan=True)
        assert np.array_equal(fast_column.given[:-1], slow_column.given)


@pytest.mark.parametrize(
    ("row", "slug"), [("1,2,3,4", "csv-ragged"), ("1,2", "csv-ragged"), ("step,a,b", ""), ("1,x,2", "")]
)
def test_one_odd_row_in_a_long_file_is_seen(row: str, slug: str) -> None:
    lines = ["step,a,b", *[f"{step},0.123456789,0.987654321" for step in range(20_000)], row, "20000,1,1", ""]
    table, slugs = load("\n".join(lines).encode())
    assert [one for one in slugs if one] == ([slug] if slug else [])
    assert table.columns[0].values[-1] == 20_000
    assert table.columns[1].values[-1] == 1
    assert table.rows == 20_001 + (row != "step,a,b")


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a,b", ","), ("a;b", ";"), ("a\tb,c\td", "\t"), ('"x;y;z",b', ","), ("alone", ","), ("", ",")],
)
def test_the_separator_is_the_sign_there_is_most_of_outside_quotes(header: str, delimiter: str) -> None:
    assert csvtext.delimiter_of(header) == delimiter


def test_decimal_commas_are_numbers_only_when_commas_do_not_separate() -> None:
    table, _ = load(b"step;a;b\n1;0,5;x\n2;1,25;2,5\n")
    assert table.columns[1].values.tolist() == [0.5, 1.25]
    assert [text for _, text in table.columns[2].texts] == ["x", "2,5"]


def test_a_cell_of_twenty_megabytes_keeps_the_rows_before_it() -> None:
    table, slugs = load(b'step,a\n1,2\n2,"' + b"x" * 20_000_000 + b'"\n')
    assert table.rows == 1
    assert slugs == ["csv-broken"]


def test_a_hundred_thousand_columns_are_cut_at_the_cap() -> None:
    table, _ = load(b",".join(b"c%d" % at for at in range(100_000)) + b"\n" + b",".join([b"1"] * 100_000) + b"\n")
    assert len(table.columns) == csvtext.MAX_COLUMNS
