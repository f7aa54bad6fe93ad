"""85 classes of bad input: each is found, read and built without an exception, a program, a leak or a loss elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.hostile.cases import CASES, KEPT, Case
from tests.hostile.corpus import lay_out
from tests.hostile.files import CANARY
from tests.hostile.watched import FORBIDDEN, watched

from runpages.find import Root
from runpages.gather import Gathered, gather
from runpages.store import Store
from runpages.testing import tree_hash

NUMBERS = sorted(CASES)
# what a class is read as, where that is the point of it: slugs of notes that must be there, and runs at least
EXPECTED: dict[int, tuple[set[str], int]] = {
    7: (set(), 3), 16: (set(), 8), 17: (set(), 8), 32: ({"document-unreadable"}, 1), 34: ({"document-unreadable"}, 1), 36: ({"document-unreadable"}, 1),
    38: ({"json-duplicate-key"}, 1), 39: (set(), 5), 40: ({"json-torn"}, 1), 41: ({"json-bad-lines"}, 1), 43: ({"csv-ragged", "csv-duplicate-column"}, 3),
    46: ({"events-lost"}, 1), 47: ({"events-broken"}, 2), 48: ({"events-torn"}, 4), 83: (set(), 2), 84: (set(), 2),
}  # fmt: skip


def test_there_are_85_classes_and_each_has_a_kept_file_or_maker() -> None:
    assert list(range(1, 86)) == NUMBERS
    assert {path.name for path in KEPT.iterdir()} == {case.name for case in CASES.values() if not case.big}


def test_the_kept_files_are_what_their_makers_make(tmp_path: Path) -> None:
    for case in (one for one in CASES.values() if not one.big and one.number not in (60, 61, 62)):
        case.make(tmp_path / case.name)
        made, kept = (tree_bytes(room / case.name) for room in (tmp_path, KEPT))  # git keeps no empty folder
        assert made == kept, case.name


def tree_bytes(folder: Path) -> dict[str, bytes]:
    """path -> bytes of every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def laid(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Case, Path]]:
    """A case beside a healthy run; the files of it that nobody may read can be cleared away afterwards."""
    case = CASES[request.param]
    lay_out(case, tmp_path / "runs" / "bad")
    good = tmp_path / "runs" / "good"
    good.mkdir()
    (good / "params.json").write_text('{"lr": 0.5}')
    (good / "metrics.csv").write_text("step,loss\n0,1\n1,0.25\n")
    yield case, tmp_path
    for folder, names, _ in os.walk(tmp_path):
        for name in names:
            if not Path(folder, name).is_symlink():
                Path(folder, name).chmod(0o755)


def regular(folder: Path) -> dict[str, Any]:
    """Every name below a folder, with size and time."""
    return {
        str(Path(at, name)): (os.lstat(Path(at, name)).st_size, os.lstat(Path(at, name)).st_mtime_ns)
        for at, _, names in os.walk(folder)
        for name in names
    }


def read(room: Path) -> Gathered:
    return gather([Root(room / "runs")], Store(room / "store" / "s.sqlite"), executor="serial")


@pytest.mark.parametrize("laid", NUMBERS, indirect=True, ids=[CASES[n].name for n in NUMBERS])
def test_it_is_read_with_nothing_run_and_nothing_lost(laid: tuple[Case, Path]) -> None:
    case, room = laid
    before = regular(room / "runs")
    with watched(allowed=(room / "store",)) as seen:
        found = read(room)
    assert seen == [], "a reader did what no reader may"
    assert regular(room / "runs") == before, "a run's folder was changed"
    assert not CANARY.exists()
    good = [head for one in found.stored for head in one.heads if head.run.id == "good"]
    assert [head.stats["loss"].last for head in good] == [0.25]
    notes = [note for one in found.stored for note in one.notes] + [*found.notes]
    assert [note for note in notes if note.slug in ("reader-failed", "worker-died")] == []
    slugs, runs = EXPECTED.get(case.number, (set(), 0))
    assert slugs <= {note.slug for note in notes}
    assert sum(len(one.heads) for one in found.stored) - 1 >= runs


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One site of all 85 classes, as the command builds it under the strictest eye: nothing beyond output and cache."""
    room = tmp_path_factory.mktemp("hostile")
    for case in CASES.values():
        lay_out(case, room / "runs" / case.name)
    before = tree_hash(KEPT)
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from tests.hostile.watched import watch; watch([Path.cwd()], sys.argv[2])\n"
        "from runpages.cli import main; main(['build', 'runs', '-q', '--jobs', '2'])\n"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parents[2]), str(room / "seen.txt")]
    done = subprocess.run(command, cwd=room, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not (room / "seen.txt").exists(), (room / "seen.txt").read_text()[:3000]
    assert tree_hash(KEPT) == before
    yield room / "site"
    for folder, names, _ in os.walk(room):
        for name in names:
            if not Path(folder, name).is_symlink():
                Path(folder, name).chmod(0o755)
    shutil.rmtree(room, ignore_errors=True)


def test_all_of_it_is_built_and_every_class_is_in_the_report(hostile_site: Path) -> None:
    runs = [json.loads(line) for line in (hostile_site / "data" / "runs.jsonl").read_text().strip().split("\n")]
    assert len(runs) > 100
    said = (hostile_site / "notes.html").read_text() + "".join(run["source"] for run in runs)
    missing = [case.number for case in CASES.values() if case.name[:2] + "-" not in said]
    assert missing == [80]  # a folder with nothing but a mkdocs.yml is no run, and its settings are nobody's
    assert not CANARY.exists()


def test_no_file_of_the_machine_and_no_secret_came_along(hostile_site: Path) -> None:
    passwd = Path("/etc/passwd").read_bytes().splitlines()[0]
    for path in sorted(path for path in hostile_site.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert passwd not in content, path
        assert b"a1B2a1B2a1B2" not in content, path
        assert b"Q3EGAB7YKLMN2PQR" not in content, path


def test_names_become_safe_files_each_its_own(hostile_site: Path) -> None:
    names = [path.name for path in (hostile_site / "runs").iterdir()]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert len(name.encode()) < 120
        assert name.partition(".")[0] not in ("con", "nul", "aux", "prn")
        assert not name.startswith(("-", "."))


def test_the_browser_is_not_fooled_by_any_page(hostile_site: Path, visit: Any) -> None:
    """`visit` fails for a dialog, a word on the console, or a request beyond the disk."""
    for page in ("index.html", "compare.html", "notes.html"):
        visit(hostile_site / page)
    for path in sorted((hostile_site / "runs").glob("*.html"))[::9]:
        visit(path)


def test_the_watch_sees_what_it_forbids(tmp_path: Path) -> None:
    import pickle
    import socket

    with watched(allowed=(tmp_path,)) as seen:
        (tmp_path / "fine.txt").write_text("x")
        subprocess.run(["true"], check=True)
        pickle.loads(pickle.dumps(Path))  # noqa: S301
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", 9), timeout=1)
        (tmp_path.parent / "beside.txt").write_text("x")
    kinds = {one.partition(" ")[0] for one in seen}
    assert {"subprocess.Popen", "pickle.find_class", "socket.connect", "open"} <= kinds <= set(FORBIDDEN) | {"open"}


def test_no_reader_does_what_is_forbidden_over_all_samples(samples: Path, tmp_path: Path) -> None:
    with watched(allowed=(tmp_path,)) as seen:
        found = gather([Root(samples)], Store(tmp_path / "s.sqlite"), executor="serial")
    assert seen == []
    assert {one.source.reader for one in found.stored} >= {"mlflow", "wandb", "tensorboard", "dvc", "plain"}
