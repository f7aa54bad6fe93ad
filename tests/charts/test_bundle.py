"""The library comes out of vl-convert once and is kept whole."""

from __future__ import annotations

from pathlib import Path

from runpages.charts import bundle


def test_a_kept_library_is_the_same_and_a_torn_one_is_made_again(tmp_path: Path) -> None:
    first = bundle(tmp_path)
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == first.content
    assert bundle(tmp_path) == first
    kept.write_bytes(first.content[:1000])
    assert bundle(tmp_path) == first
    assert kept.read_bytes() == first.content


def test_a_cache_that_is_a_file_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    assert bundle(tmp_path / "cache").content.endswith(b"})();\n")


def test_the_name_says_what_is_inside(tmp_path: Path) -> None:
    made = bundle(tmp_path)
    assert made.name.startswith("vega-")
    assert made.name.endswith(".js")
    assert b"BSD-3-Clause" in made.content[:200]
    assert len(made.content) < 1_000_000
