"""What `--password` does, for a build and for publishing a site that was built before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runpages.lock import check_passphrase, lock, make_passphrase
from runpages.seal import SEALED, read_manifest, seal, workshop

VARIABLE = "RUNPAGES_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class Password:
    """How a site is locked: its passphrase, whether we made it, and whether into a folder of parts."""

    passphrase: str
    made: bool
    split: bool


def password(given: dict[str, Any]) -> Password | None:
    """The password that the options `password`, `split` and `weak`, taken out of `given`, ask for; None for none."""
    asked, split, weak = (given.pop(name, None) for name in ("password", "split", "weak"))
    if not asked:
        return None
    own = os.environ.get(VARIABLE, "")
    passphrase = check_passphrase(own, weak=bool(weak)) if own else make_passphrase()
    return Password(passphrase, not own, bool(split))


def locked_into(plain: Path, new: Path, how: Password) -> tuple[dict[str, str], dict[str, str]]:
    """Lock the site at `plain` into the empty folder `new`: (made_from of its files, what there is to tell once)."""
    done = lock(plain, new, how.passphrase, split=how.split)
    told = {"passphrase": how.passphrase if how.made else "", "fragment": done.fragment}
    return dict.fromkeys(done.files, SEALED), told


@contextmanager
def locked_copy(site: Path, how: Password) -> Iterator[tuple[Path, dict[str, str]]]:
    """A locked copy of a sealed site, and what there is to tell; gone afterwards."""
    manifest = read_manifest(site)
    with TemporaryDirectory() as room:
        target = Path(room) / "site"
        with workshop(target) as new:
            made_from, told = locked_into(site, new, how)
            seal(new, target, version=manifest.version, profile=manifest.profile, made_from=made_from)
        yield target, told
