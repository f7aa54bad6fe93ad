"""Reads a published site again, file by file, and says where it is not what its manifest says."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runpages.errors import Note, TargetError
from runpages.publish.remote import Bucket
from runpages.seal import MANIFEST, parse_manifest
from runpages.seal import verify as verify_folder

Read = Callable[[str], bytes | None]
_AT_ONCE = 16
_TRIES = 3


def verify(place: str) -> tuple[int, list[Note]]:
    """(files looked at, what is wrong with them) of a folder, an http(s) address or an object store.

    TargetError when no manifest can be read there. Over a network only files of the manifest are looked at; in a
    folder also what does not belong.
    """
    if "://" not in place:
        notes = verify_folder(Path(place))
        return len(parse_manifest((Path(place) / MANIFEST).read_bytes(), place).files), notes
    read = _web(place) if place.startswith(("http://", "https://")) else Bucket(place).read
    content = read(MANIFEST)
    if content is None:
        raise TargetError("site-unreachable", "there is no manifest of runpages", where=place, hint="check the address")
    files = parse_manifest(content, place).files
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda name: list(_checked(read, name, files[name].sha256)), sorted(files))
        return len(files), [note for notes in found for note in notes]


def _checked(read: Read, name: str, digest: str) -> Iterator[Note]:
    content = read(name)
    if content is None:
        yield Note("site-file-missing", "a file of the site is gone", where=name, level="error")
    elif hashlib.sha256(content).hexdigest() != digest:
        yield Note("site-file-changed", "a file is not as it was built", where=name, level="error")


def _web(place: str) -> Read:
    base = place.partition("#")[0].partition("?")[0]
    base = base if base.endswith("/") else (base.rpartition("/")[0] + "/" if base.endswith(".html") else base + "/")

    def read(name: str) -> bytes | None:
        request = urllib.request.Request(  # noqa: S310  # the scheme was looked at
            base + urllib.parse.quote(name), headers={"Cache-Control": "no-cache", "Accept-Encoding": "identity"}
        )
        for turn in range(_TRIES):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                error.close()
                if error.code in (403, 404, 410):
                    return None
                problem: Exception = error
            except (OSError, http.client.HTTPException) as error:
                problem = error
            if turn + 1 == _TRIES:
                raise TargetError(
                    "site-unreachable", f"the host failed: {problem}", where=base + name, hint="try again"
                ) from problem
        return None

    return read
