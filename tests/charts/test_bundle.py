"""The library comes out of vl-convert once and is kept whole."""

from __future__ import annotations

from pathlib import Path

from runpages.charts import bundle
from runpages.remember import Remembered


def test_a_kept_library_is_the_same_and_a_torn_or_changed_one_is_made_again(tmp_path: Path) -> None:
    first = bundle(Remembered(tmp_path))
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    assert whole.endswith(first.content)
    assert bundle(Remembered(tmp_path)) == first
    for damaged in (whole[:1000], whole.replace(b"strict", b"strikt", 1)):
        kept.write_bytes(damaged)
        assert bundle(Remembered(tmp_path)) == first
        assert kept.read_bytes() == whole


def test_a_cache_that_is_a_file_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    assert bundle(Remembered(tmp_path / "cache")).content.endswith(b"})();\n")


def test_the_name_says_what_is_inside() -> None:
    made = bundle()
    assert made.name.startswith("vega-")
    assert made.name.endswith(".js")
    assert b"BSD-3-Clause" in made.content[:200]
    assert len(made.content) < 1_000_000
