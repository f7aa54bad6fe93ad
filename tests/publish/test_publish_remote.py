"""A bucket gets what changed, in an order that readers survive, and loses only what was ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from benchmarks.parts import linked, s3_server, s3_settings, sealed

from runpages.errors import TargetError
from runpages.publish import Options, publish, remove, verify
from runpages.publish.remote import Bucket
from runpages.publish.shelf import STALE


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh bucket of a real S3 server."""
    import fsspec

    with s3_settings(server):
        name = f"b{abs(hash(request.node.name)) % 10**9}"
        fsspec.filesystem("s3").mkdir(name)
        yield f"s3://{name}"


def content(url: str) -> dict[str, str]:
    bucket = Bucket(url)
    names = bucket.fs.find(bucket.root)
    return {name.removeprefix(f"{bucket.root}/"): bucket.fs.cat_file(name).decode() for name in names}


def info(url: str, name: str) -> Any:
    bucket = Bucket(url)
    return bucket.fs.call_s3("head_object", Bucket=bucket.root, Key=name)


def test_a_bucket_holds_the_site_with_its_types_and_keeping_times(bucket: str, tmp_path: Path) -> None:
    site = sealed(tmp_path / "site", {**linked(3, "a"), "data/runs.jsonl": "{}", "data/x.js": "1"})
    report = publish(site, bucket)
    assert set(report.written) | {"manifest.json", ".runpages-site"} == set(content(bucket))
    asset = next(name for name in report.written if name.startswith("assets/"))
    assert info(bucket, asset)["CacheControl"] == "public, max-age=31536000, immutable"
    assert info(bucket, asset)["ContentType"] == "text/javascript; charset=utf-8"
    assert info(bucket, "data/x.js")["CacheControl"] == "no-cache"
    assert info(bucket, "data/runs.jsonl")["ContentType"] == "application/x-ndjson; charset=utf-8"
    assert info(bucket, "index.html")["ContentType"] == "text/html; charset=utf-8"
    assert verify(bucket) == (8, [])


def test_only_what_changed_is_sent_and_what_went_is_deleted_one_publish_later(bucket: str, tmp_path: Path) -> None:
    first, second = linked(3, "a"), linked(3, "a")
    changed = linked(3, "b")
    moved = [name for name in first if name.startswith("assets/a1.")]
    for name in moved:
        del second[name]
    second |= {name: text for name, text in changed.items() if "a1." in name or name == "runs/1.html"}
    publish(sealed(tmp_path / "1", first), bucket)
    Bucket(bucket).write("thesis.tex", b"years")
    report = publish(sealed(tmp_path / "2", second), bucket)
    assert len(report.written) == 2
    assert report.removed == tuple(moved)
    assert moved[0] in content(bucket), "an open page may still need it"
    publish(sealed(tmp_path / "3", {**second, "new.html": "n"}), bucket)
    now = content(bucket)
    assert moved[0] not in now
    assert now["thesis.tex"] == "years"
    assert json.loads(now.get(STALE, "[]")) == []


def test_the_front_page_of_somebody_else_is_refused(bucket: str, tmp_path: Path) -> None:
    Bucket(bucket).write("index.html", b"mine")
    with pytest.raises(TargetError) as caught:
        publish(sealed(tmp_path / "site", linked(2, "a")), bucket)
    assert caught.value.note.slug == "target-not-ours"
    assert content(bucket) == {"index.html": "mine"}


def test_ten_publishers_at_once_are_all_on_the_front_page(bucket: str, tmp_path: Path) -> None:
    sites = [sealed(tmp_path / f"{number}", linked(2, str(number))) for number in range(10)]

    def send(number: int) -> None:
        publish(sites[number], bucket, Options(channel="main", to=f"r{number}"))

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(send, range(10)))
    there = content(bucket)
    listed = json.loads(there["reports.json"])["reports"]
    assert sorted(one["path"] for one in listed) == [f"main/r{number}" for number in range(10)]
    assert all(f"main/r{number}/index.html" in there["index.html"] for number in range(10))
    remove(bucket, Options(to="main/r3"))
    after = content(bucket)
    assert "main/r3/" not in after["index.html"]
    assert not [name for name in after if name.startswith("main/r3/")]


def test_a_store_whose_package_is_missing_says_which(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        publish(sealed(tmp_path / "site", linked(1, "a")), "gs://bucket/x")
    assert caught.value.note.slug == "remote-missing"
    assert "gcsfs" in caught.value.note.hint
