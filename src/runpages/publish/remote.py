"""Publishes to an object store through fsspec: S3, Google, Azure, a machine's memory; only what changed is sent.

Order: assets and data, pages, the front page, the manifest; what the new site has no more is deleted by the publish
after, so that an open page still finds its data. Only what our own manifests name is ever deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from runpages.errors import TargetError
from runpages.model import FileEntry
from runpages.publish import front
from runpages.publish.content import cache_of, type_of
from runpages.publish.plan import Options, Report, Site, delta, not_ours, subfolder
from runpages.publish.shelf import STALE, remove_report, settle_front, stale_of
from runpages.seal import MANIFEST, MARKER, parse_manifest

UNDERWAY = ".runpages-underway.json"
_EXTRAS = {
    "s3": "runpages[remote]",
    "s3a": "runpages[remote]",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
}
_AT_ONCE = 16


class Bucket:
    """A folder of an object store: read, write and remove by path below it."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        try:
            import fsspec

            self.fs, root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            package = _EXTRAS.get(url.partition(":")[0], "runpages[remote]")
            raise TargetError(
                "remote-missing", f"{url.partition(':')[0]} needs a package: {error}", hint=f"pip install '{package}'"
            ) from error
        self.root = str(root).rstrip("/")
        self.sent = 0

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None when there is none."""
        try:
            return bytes(self.fs.cat_file(f"{self.root}/{name}"))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._failed(name, error) from error

    def write(self, name: str, content: bytes) -> None:
        """Put one file there, with its type and how long it may be kept."""
        path = f"{self.root}/{name}"
        protocol = self.fs.protocol if isinstance(self.fs.protocol, str) else self.fs.protocol[0]
        try:
            if protocol in ("s3", "s3a"):
                self.fs.pipe_file(path, content, ContentType=type_of(name), CacheControl=cache_of(name))
            elif protocol in ("gs", "gcs"):
                self.fs.pipe_file(
                    path, content, content_type=type_of(name), fixed_key_metadata={"cache_control": cache_of(name)}
                )
            elif protocol in ("abfs", "az", "abfss"):
                self.fs.pipe_file(path, content)
            else:
                with suppress(OSError):
                    self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
                self.fs.pipe_file(path, content)
        except Exception as error:
            raise self._failed(name, error) from error
        self.sent += 1

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; one that is gone already is no fault."""
        for name in names:
            try:
                self.fs.rm_file(f"{self.root}/{name}")
            except FileNotFoundError:
                continue
            except Exception as error:
                raise self._failed(name, error) from error

    def exists(self, name: str) -> bool:
        """Whether a file is there."""
        try:
            return bool(self.fs.exists(f"{self.root}/{name}"))
        except Exception as error:
            raise self._failed(name, error) from error

    def md5(self, name: str) -> str:
        """The store's own MD5 of a file, "" when it tells none."""
        try:
            info = self.fs.info(f"{self.root}/{name}")
        except FileNotFoundError:
            return ""
        except Exception as error:
            raise self._failed(name, error) from error
        return str(info.get("ETag") or info.get("etag") or "").strip('"')

    def folders(self, below: str) -> list[str]:
        """Names of the folders right below a folder."""
        path = f"{self.root}/{below}".rstrip("/")
        try:
            found = self.fs.ls(path, detail=True, **({"refresh": True} if "s3" in str(self.fs.protocol) else {}))
        except FileNotFoundError:
            return []
        except Exception as error:
            raise self._failed(below, error) from error
        rows = [str(one["name"]).rstrip("/") for one in found if one["type"] == "directory"]
        return sorted(name.rpartition("/")[2] for name in rows)

    def each(self, work: Callable[[str], None], names: list[str]) -> None:
        """Do something for every name, several at once; the first failure ends it."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for done in [pool.submit(work, name) for name in names]:
                done.result()

    def _failed(self, name: str, error: Exception) -> TargetError:
        return TargetError(
            "remote-failed",
            f"the store failed: {type(error).__name__}: {error}"[:300],
            where=f"{self.url}/{name}",
            kept="readers still see whole pages",
            hint="publish again: only the rest is sent",
        )


def publish_remote(site: Site, url: str, options: Options) -> Report:
    """The report of bringing a folder of an object store to the site's state. TargetError as `Bucket` says."""
    top = Bucket(url)
    to = subfolder(options)
    bucket = Bucket(f"{top.url}/{to}") if to else top
    before = _former(bucket)
    _refuse_foreign(bucket, before, site, options)
    written, removed = delta(before, site)
    sending = _still_to_send(bucket, written, site)
    bucket.write(UNDERWAY, json.dumps({"files": written}).encode())
    for names in _in_order(sending):
        bucket.each(lambda name: bucket.write(name, (site.folder / name).read_bytes()), names)
    stale = stale_of(bucket)
    bucket.write(MARKER, site.marker)
    bucket.write(MANIFEST, (site.folder / MANIFEST).read_bytes())
    if removed or stale:
        bucket.write(STALE, json.dumps(removed).encode())
        bucket.remove(sorted(set(stale) - set(site.manifest.files)))
    bucket.remove([UNDERWAY])
    if options.channel:
        settle_front(top, to, options)
    return Report(bucket.url, tuple(sending), tuple(removed), len(site.manifest.files) - len(sending), site.size)


def remove_remote(url: str, options: Options) -> Report:
    """The report of taking one report out of a store, and off the front page."""
    top = Bucket(url)
    to = subfolder(options)
    return Report(f"{top.url}/{to}", (), tuple(remove_report(top, to, options)))


def _former(bucket: Bucket) -> Mapping[str, FileEntry]:
    content = bucket.read(MANIFEST)
    if content is None:
        return {}
    with suppress(TargetError):
        return parse_manifest(content, bucket.url).files
    return {}


def _refuse_foreign(bucket: Bucket, before: Mapping[str, FileEntry], site: Site, options: Options) -> None:
    """Where no report of ours is, the front page of somebody else is not overwritten."""
    if before or options.force or bucket.exists(UNDERWAY):
        return
    for name in ("index.html", MANIFEST):
        content = bucket.read(name) if name in site.files else None
        if content is not None and not front.is_front(content):
            raise not_ours(bucket.url, name)


def _still_to_send(bucket: Bucket, written: list[str], site: Site) -> list[str]:
    """Of what differs, what an upload that was cut has not sent already."""
    if not written or bucket.read(UNDERWAY) is None:
        return written
    there: set[str] = set()

    def look(name: str) -> None:
        content = (site.folder / name).read_bytes()
        if bucket.md5(name) == hashlib.md5(content, usedforsecurity=False).hexdigest():
            there.add(name)

    bucket.each(look, written)
    return [name for name in written if name not in there]


def _in_order(names: list[str]) -> list[list[str]]:
    """Assets and data, then pages, then the front page."""
    pages = [name for name in names if name.endswith((".html", ".htm"))]
    return [
        [name for name in names if name not in set(pages)],
        [name for name in pages if name != "index.html"],
        [name for name in pages if name == "index.html"],
    ]
