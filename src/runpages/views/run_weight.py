"""How heavy the page of a run may be. Where it would be heavier, parts of it are cut, always in the same order and never
without a word: the page says how much is left out and links to a file that has all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from runpages.model import Head, Run
from runpages.views.run_code import patch_view
from runpages.views.run_params import flat, tree
from runpages.views.run_text import log_view

LIGHT = 48_000  # bytes of a page's body: with the frame around it, a page has at most 60 kB

View = dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """What was not cut: the run, its numbers, and `put(name, text)`, which makes a file of a text and gives its URL or ""."""

    run: Run
    head: Head
    put: Callable[[str, str], str]

    def json(self, name: str, value: Any) -> str:
        """The URL of a file with this value."""
        return self.put(name, json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def weight(html: str) -> int:
    """Bytes of a page's body."""
    return len(html.encode("utf-8", "replace"))


def light(html: str, view: View, whole: Whole, render: Callable[[View], str]) -> str:
    """The page's HTML, with no more than LIGHT bytes as far as cutting can reach; `view` is cut in place."""
    for cut, most in CUTS:
        if weight(html) <= LIGHT:
            break
        if cut(view, most, whole):
            html = render(view)
    return html


def _tables(view: View, most: int, _: Whole) -> bool:
    tables = [*view["tables"], *(one["table"] for one in view["charted"] if one.get("table"))]
    heavy = [table for table in tables if len(table["rows"]) > most]
    for table in heavy:
        table["rows"], table["cut"] = table["rows"][:most], True
    return bool(heavy)


def _log(view: View, most: int, whole: Whole) -> bool:
    if view["log"] is None or view["log"]["total"] - view["log"]["left_out"] <= most:
        return False
    head = most // 4
    view["log"] = log_view(whole.run.log, view["log_data"], head, most - head)
    view["log_file"] = view["log_file"] or whole.put("console.log", whole.run.log)
    return True


def _patch(view: View, most: int, whole: Whole) -> bool:
    if view["patch"] is None or view["patch"]["total"] - view["patch"]["left_out"] <= most:
        return False
    view["patch"] = patch_view(whole.run.code.patch, most)
    view["patch_file"] = view["patch_file"] or whole.put("local.patch", whole.run.code.patch)
    return True


def _packages(view: View, most: int, whole: Whole) -> bool:
    environment = view["environment"]
    return _shortened(
        environment, "packages", most, lambda: whole.json("environment.json", dict(whole.run.environment))
    )


def _facts(view: View, most: int, whole: Whole) -> bool:
    facts = _shortened(
        view["environment"], "facts", most, lambda: whole.json("environment.json", dict(whole.run.environment))
    )
    run = whole.run
    others = {"results": run.results, "tags": run.tags, "links": run.links}
    cut = [_shortened(view, name, most, lambda some=some, name=name: whole.json(f"{name}.json", dict(some)))  # type: ignore[misc]
           for name, some in others.items()]  # fmt: skip
    return facts or any(cut)


def _files(view: View, most: int, whole: Whole) -> bool:
    if len(view["files"]) <= most:
        return False
    view["files_more"] += len(view["files"]) - most
    listed = [{"name": one.name, "kind": one.kind, "step": one.step, "size": one.size} for one in whole.run.artifacts]
    view["whole"]["files"] = view["whole"]["files"] or whole.json("files.json", listed)
    view["files"] = view["files"][:most]
    return True


def _metrics(view: View, most: int, whole: Whole) -> bool:
    """The table's first rows; of the machine's what is left of `most`."""
    metrics = view["metrics"]
    if sum(len(section["rows"]) for section in metrics["sections"]) + len(metrics["system"]) <= most:
        return False
    room, sections = most, []
    for section in metrics["sections"]:
        if room > 0:
            sections.append({**section, "rows": section["rows"][:room]})
            room -= len(section["rows"])
    machine = metrics["system"][: max(0, room)]
    shown = sum(len(section["rows"]) for section in sections) + len(machine)
    view["metrics"] = {**metrics, "sections": sections, "system": machine, "left_out": metrics["total"] - shown}
    if not view["whole"]["metrics"]:
        view["whole"]["metrics"] = whole.json("metrics.json", {k: asdict(v) for k, v in whole.head.stats.items()})
    return True


def _charts(view: View, most: int, _: Whole) -> bool:
    charts = view["charts"]
    folded = [*charts["more"], *charts["system"]]
    if len(folded) <= most:
        return False
    charts["left_out"] += len(folded) - most
    charts["more"] = charts["more"][:most]
    charts["system"] = charts["system"][: max(0, most - len(charts["more"]))]
    return True


def _machine(view: View, most: int, _: Whole) -> bool:
    return _dropped(view["charts"], "machine", most)


def _params(view: View, most: int, whole: Whole) -> bool:
    """Those that differ first; what is left of the tree is made anew of the first of its leaves."""
    params = view["params"]
    same = flat(params["same"])
    if len(params["differing"]) + len(same) <= most:
        return False
    kept = params["differing"][:most]
    names = [name for name in whole.run.params if name not in {row["name"] for row in params["differing"]}]
    room = max(0, most - len(kept))
    by_name = {row["path"]: row for row in same}
    rest = [(name, {**by_name[name], "name": name}) for name in names if name in by_name][:room]
    left_out = params["total"] - len(kept) - len(rest)
    view["params"] = {**params, "differing": kept, "same": tree(rest), "left_out": left_out}
    view["whole"]["params"] = view["whole"]["params"] or whole.json("params.json", dict(whole.run.params))
    return True


def _notes(view: View, most: int, whole: Whole) -> bool:
    notes = view["notes_markdown"]
    if len(notes) <= most:
        return False
    view["whole"]["notes"] = view["whole"]["notes"] or whole.put("notes.md", whole.run.notes)
    view["notes_markdown"] = notes[:most].rpartition("\n\n")[0] or notes[:most]
    return True


def _images(view: View, most: int, _: Whole) -> bool:
    """Steps of each key, evenly and with the last, and no more keys than `most`."""
    before = sum(len(one["frames"]) for one in view["images"])
    kept = [{**one, "frames": _evenly(one["frames"], most)} for one in view["images"][: 2 * most]]
    after = sum(len(one["frames"]) for one in kept)
    if after == before:
        return False
    view["images"] = kept
    view["steps_left_out"] += before - after
    return True


def _evenly(frames: list[Any], most: int) -> list[Any]:
    if len(frames) <= most:
        return frames
    return [frames[round(at * (len(frames) - 1) / max(1, most - 1))] for at in range(most)]


def _looks(view: View, most: int, _: Whole) -> bool:
    """Previews and drawings: what they show is in the list of files."""
    names = ("texts", "drawn", "charted", "tables", "media", "frames")
    dropped = [_dropped(view, name, most) for name in names]
    return any(dropped)


def _values(view: View, most: int, whole: Whole) -> bool:
    """Long values, which stay whole in the data."""
    rows = [*view["params"]["differing"], *flat(view["params"]["same"]), *view["results"], *view["tags"]]
    rows += [*view["environment"]["facts"], *view["environment"]["packages"]]
    long = [row for row in rows if len(row["text"]) > most or len(row["full"]) > most]
    for row in long:
        row["text"], row["full"] = row["text"][:most] + "…" * (len(row["text"]) > most), ""
    if long:
        view["whole"]["params"] = view["whole"]["params"] or whole.json("params.json", dict(whole.run.params))
    return bool(long)


def _dropped(part: View, name: str, most: int) -> bool:
    long = len(part[name]) > most
    part[name] = part[name][:most]
    return long


def _shortened(part: View, name: str, most: int, make: Callable[[], str]) -> bool:
    """A list's first entries; how many are left out and where they are stand beside it."""
    if len(part[name]) <= most:
        return False
    part[f"{name}_more"] = part.get(f"{name}_more", 0) + len(part[name]) - most
    part[f"{name}_file"] = part.get(f"{name}_file") or make()
    part[name] = part[name][:most]
    return True


Cut = Callable[[View, int, Whole], bool]
# the reader loses least by the first
CUTS: tuple[tuple[Cut, int], ...] = (
    (_tables, 12),
    (_log, 120),
    (_patch, 120),
    (_packages, 40),
    (_files, 60),
    (_charts, 24),
    (_metrics, 80),
    (_params, 120),
    (_images, 16),
    (_notes, 8_000),
    (_facts, 40),
    (_values, 160),
    (_log, 40),
    (_patch, 40),
    (_tables, 4),
    (_looks, 4),
    (_files, 20),
    (_packages, 0),
    (_charts, 6),
    (_metrics, 30),
    (_params, 40),
    (_images, 6),
    (_machine, 2),
    (_notes, 2_000),
    (_facts, 12),
    (_values, 60),
    (_looks, 1),
    (_metrics, 10),
    (_params, 10),
    (_log, 12),
    (_images, 2),
)
