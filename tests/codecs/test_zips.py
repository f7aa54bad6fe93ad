"""Zips of someone else's making: what is read equals what was packed; what is hostile is named and bounded."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs import zips
from runpages.codecs.zips import BadZip, Zip, first_names

ARCHIVES = sorted((Path(__file__).parents[2] / "sample_runs").glob("c*/*/*.zip"))
names = st.text(st.characters(exclude_characters="\\:\0/", codec="utf-8"), min_size=1, max_size=12).filter(
    lambda name: name != ".."
)


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@given(st.dictionaries(names, st.binary(max_size=200), max_size=5), st.sampled_from([0, 8]))
def test_what_was_packed_is_read(members: dict[str, bytes], method: int) -> None:
    with Zip(packed(members, method)) as archive:
        assert {name: archive.read(name) for name in archive.names} == members
        assert archive.oddities() == ""


@given(st.dictionaries(names, st.binary(max_size=50), min_size=1, max_size=4), st.data())
def test_any_bytes_give_content_or_a_bad_zip(members: dict[str, bytes], data: st.DataObject) -> None:
    whole = bytearray(packed(members))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    survives(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name[:8])
def test_real_archives_with_changed_bytes_give_content_or_a_bad_zip(path: Path) -> None:
    whole = path.read_bytes()
    for turn in range(60):
        changed = bytearray(whole)
        for step in range(1 + turn % 5):
            at = (turn * 7919 + step * 104_729 + (len(whole) - 1 if turn % 2 else 0)) % len(whole)
            changed[at] ^= 1 << turn % 8
        survives(bytes(changed))
        survives(whole[: len(whole) * turn // 60])


def survives(data: bytes) -> None:
    try:
        with Zip(data) as archive:
            for name in archive.names:
                content, _ = archive.salvage(name, 2**20)
                assert len(content) <= 2**20
    except BadZip:
        pass


def test_names_that_lead_elsewhere_are_left_out() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in ("../../x", "/etc/passwd", "C:/x", "a\\..\\b", "good", "good"):
                archive.writestr(name, name)
            link = zipfile.ZipInfo("link")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
    with Zip(out.getvalue()) as found:
        assert list(found.names) == ["good"]
        assert (
            found.oddities()
            == "5 members have names that lead elsewhere, are links or encrypted; 1 names are given more than once"
        )


def test_a_bomb_is_stopped_by_its_ratio() -> None:
    with Zip(packed({"bomb": bytes(80 * 2**20)})) as archive:
        data, why = archive.salvage("bomb")
        assert "times its size" in why
        assert len(data) < zips.MAX_RATIO * 100_000
        with pytest.raises(BadZip, match="larger than 1 MiB"):
            archive.read("bomb", 2**20)


def test_a_size_in_the_header_is_only_a_claim() -> None:
    data = bytearray(packed({"a": b"x" * 1000}, 0))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (5).to_bytes(4, "little")
    survives(bytes(data))


def test_a_list_of_too_many_members_is_refused_before_it_is_read() -> None:
    data = bytearray(packed({"a": b""}))
    at = data.index(b"PK\x05\x06")
    data[at + 10 : at + 12] = b"\xff\xff"
    with pytest.raises(BadZip, match="more than 20,000 are not read"):
        Zip(bytes(data))


def test_an_encrypted_member_is_left_out() -> None:
    data = bytearray(packed({"a": b"secret", "b": b"open"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with Zip(bytes(data)) as archive:
        assert list(archive.names) == ["b"]


def test_a_zip_in_a_zip_is_bytes() -> None:
    inner = b"end"
    for _ in range(10):
        inner = packed({"next.zip": inner})
    with Zip(inner) as archive:
        assert archive.read("next.zip").startswith(b"PK")


def test_names_at_the_beginning_are_told_without_the_directory() -> None:
    head = packed({"experiment.json": b"{}", "messages.json": b"x" * 9}, 0)
    assert list(first_names(head)) == ["experiment.json", "messages.json"]
    assert list(first_names(head[:40])) == ["experiment"]
