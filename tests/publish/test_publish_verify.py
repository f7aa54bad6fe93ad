"""What was published is read again; every damaged or lost object is found."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from benchmarks.parts import linked, sealed

from runpages.errors import TargetError
from runpages.publish import verify


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    site = sealed(tmp_path / "site", {**linked(10, "a"), "media/grün & weiß #1.txt": "x"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", site
    server.shutdown()
    server.server_close()
    thread.join()


def test_five_hundred_corruptions_are_all_found(tmp_path: Path) -> None:
    site = sealed(tmp_path / "site", linked(20, "a"))
    chosen = random.Random(8)  # noqa: S311
    names = sorted(linked(20, "a"))
    for turn in range(500):
        path = site / chosen.choice(names)
        before = path.read_bytes()
        if turn % 3 == 0:
            path.unlink()
        elif turn % 3 == 1:
            at = chosen.randrange(len(before))
            path.write_bytes(before[:at] + bytes([before[at] ^ (1 << chosen.randrange(8))]) + before[at + 1 :])
        else:
            path.write_bytes(before[: chosen.randrange(len(before))])
        _, notes = verify(str(site))
        assert [note.where for note in notes] == [path.relative_to(site).as_posix()], f"turn {turn}"
        path.write_bytes(before)
    assert verify(str(site)) == (40, [])


def test_a_served_site_is_read_again(served: tuple[str, Path]) -> None:
    address, site = served
    assert verify(address) == (21, [])
    assert verify(f"{address}index.html#part") == (21, [])
    (site / "runs/3.html").write_text("other")
    (site / "media/grün & weiß #1.txt").unlink()
    found = {note.where: note.slug for note in verify(address)[1]}
    assert found == {"runs/3.html": "site-file-changed", "media/grün & weiß #1.txt": "site-file-missing"}


def test_an_address_without_a_site_is_an_error(served: tuple[str, Path]) -> None:
    with pytest.raises(TargetError) as caught:
        verify(f"{served[0]}nothing/")
    assert (caught.value.note.slug, caught.value.exit_code) == ("site-unreachable", 6)
