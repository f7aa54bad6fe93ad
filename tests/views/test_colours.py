"""A run keeps its colour when others come; the runs shown first are told apart."""

from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import given, strategies

from runpages.views.colours import by_key, tell_apart

Ids = strategies.lists(strategies.text("abcdef0123", min_size=1, max_size=6), unique=True, min_size=1, max_size=30)


def runs(ids: list[str]) -> dict[str, list[Any]]:
    keys = [hashlib.blake2b(one.encode(), digest_size=4).hexdigest() for one in ids]
    made = [by_key(key) for key in keys]
    started = [float(at) for at in range(len(ids))]
    return {"id": ids, "started": started, "color": [c for c, _ in made], "dash": [d for _, d in made]}


@given(Ids)
def test_ten_shown_runs_have_ten_colours_and_unbroken_lines(ids: list[str]) -> None:
    made = runs(ids)
    shown = list(range(len(ids)))[:10]
    tell_apart(made, shown)
    assert len({made["color"][number] for number in shown}) == len(shown)
    assert {made["dash"][number] for number in shown} == {0}


@given(Ids)
def test_a_run_added_later_changes_no_colour(ids: list[str]) -> None:
    before, after = runs(ids), runs([*ids, "the newest"])
    tell_apart(before, range(min(9, len(ids))))
    tell_apart(after, [*range(min(9, len(ids))), len(ids)])
    assert after["color"][: len(ids)] == before["color"]


@given(Ids)
def test_a_run_that_is_not_shown_first_goes_by_its_id_alone(ids: list[str]) -> None:
    made, plain = runs(ids), runs(ids)
    tell_apart(made, [0])
    assert made["color"][1:] == plain["color"][1:]
    assert all(1 <= dash <= 3 for dash in made["dash"][1:])
