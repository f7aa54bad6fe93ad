"""References inside a configuration."""

from __future__ import annotations

from runpages.codecs.interpolate import MAX_TEXT, resolved
from runpages.model import Scalar


def test_a_reference_takes_the_value_with_its_type() -> None:
    assert resolved({"a.b": 0.5, "c": "${a.b}", "d": "x${a.b}y"}) == {"a.b": 0.5, "c": 0.5, "d": "x0.5y"}


def test_dots_in_front_count_levels_up() -> None:
    flat: dict[str, Scalar] = {"a.b.c": "${.d}", "a.b.d": 1, "a.e": 2, "a.b.f": "${..e}", "g": "${.h}", "h": 3}
    assert resolved(flat) == {"a.b.c": 1, "a.b.d": 1, "a.e": 2, "a.b.f": 2, "g": 3, "h": 3}


def test_nothing_outside_is_asked() -> None:
    flat = {"a": "${oc.env:HOME}", "b": "${hydra:runtime.cwd}", "c": "${missing.name}"}
    assert resolved(flat) == flat


def test_circles_end_and_growth_is_capped() -> None:
    assert resolved({"a": "${b}", "b": "${a}"})["a"] in ("${a}", "${b}")
    bomb: dict[str, str | int | float | bool | None] = {f"a{n}": f"${{a{n + 1}}}" * 40 for n in range(9)}
    assert all(len(str(value)) <= MAX_TEXT for value in resolved({**bomb, "a9": "x"}).values())
