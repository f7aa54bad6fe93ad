"""The bad inputs that are files and folders: event logs, databases, archives, pictures, links, pipes."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import os
import pickle
import shutil
import sqlite3
import struct
import zipfile
from pathlib import Path

from tests.hostile.cases import bad, plain_run, plot

from runpages.codecs.crc32c import crc32c, masked

SAMPLES = Path(__file__).parents[2] / "sample_runs"
CANARY = Path("/tmp/runpages-canary")  # noqa: S108 - what a program in a file would leave
EVENTS = "events.out.tfevents.1700000000.lab.1.0"


def field(number: int, kind: int, content: bytes) -> bytes:
    """A field of a protobuf message."""
    head = varint(number << 3 | kind)
    return head + (varint(len(content)) if kind == 2 else b"") + content


def varint(value: int) -> bytes:
    """A number in sevens of bits."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def record(content: bytes, *, length: int | None = None, head_crc: int | None = None, crc: int | None = None) -> bytes:
    """A framed record, with anything about it wrong."""
    size = struct.pack("<Q", len(content) if length is None else length)
    first = masked(crc32c(size)) if head_crc is None else head_crc
    last = masked(crc32c(content)) if crc is None else crc
    return size + struct.pack("<I", first) + content + struct.pack("<I", last)


def scalar(step: int, value: float, tag: bytes = b"loss", wall: float = 1.7e9) -> bytes:
    """An event with one number."""
    summary = field(1, 2, field(1, 2, tag) + field(2, 5, struct.pack("<f", value)))
    return field(1, 1, struct.pack("<d", wall)) + field(2, 0, varint(step & (1 << 64) - 1)) + field(5, 2, summary)


def events(folder: Path, *bad_parts: bytes) -> None:
    """An event file of two good points, something bad, and a good point."""
    folder.mkdir(parents=True, exist_ok=True)
    version = field(1, 1, struct.pack("<d", 1.7e9)) + field(3, 2, b"brain.Event:2")
    good = record(version) + record(scalar(0, 1.0)) + record(scalar(1, 0.5))
    (folder / EVENTS).write_bytes(good + b"".join(bad_parts) + record(scalar(2, 0.25)))


@bad(46, "a record of nine exabytes")
def _(folder: Path) -> None:
    events(folder, record(b"", length=(1 << 63) - 1))


@bad(47, "records with wrong checksums")
def _(folder: Path) -> None:
    events(folder / "length", record(scalar(9, 9.0), head_crc=1))
    events(folder / "data", record(scalar(9, 9.0), crc=1))


@bad(48, "records cut everywhere")
def _(folder: Path) -> None:
    events(folder / "whole")
    whole = (folder / "whole" / EVENTS).read_bytes()
    for cut in (len(whole) - 60, len(whole) - 30, len(whole) - 2):
        (folder / str(cut)).mkdir()
        (folder / str(cut) / EVENTS).write_bytes(whole[:cut])


@bad(49, "messages that lie about themselves")
def _(folder: Path) -> None:
    groups = bytes([1 << 3 | 3]) * 10_000 + bytes([1 << 3 | 4]) * 10_000
    events(
        folder,
        record(groups),
        record(field(5, 2, b"")[:1] + b"\xff" * 9 + b"\x01"),
        record(b"\x08" + b"\xff" * 11),
        record(b"\x2a\x7f"),
    )


@bad(50, "a tensor of a trillion numbers in sixteen bytes")
def _(folder: Path) -> None:
    shape = field(2, 2, field(2, 2, field(1, 0, varint(10**12))))
    tensor = field(1, 0, varint(1)) + shape + field(4, 2, b"\0" * 16)
    events(
        folder,
        record(
            field(1, 1, struct.pack("<d", 1.7e9)) + field(5, 2, field(1, 2, field(1, 2, b"t") + field(8, 2, tensor)))
        ),
    )


@bad(51, "a picture of nine hundred million pixels")
def _(folder: Path) -> None:
    image = field(1, 0, varint(30_000)) + field(2, 0, varint(30_000)) + field(4, 2, plot(wide=30_000, high=30_000))
    events(
        folder,
        record(
            field(1, 1, struct.pack("<d", 1.7e9)) + field(5, 2, field(1, 2, field(1, 2, b"img") + field(4, 2, image)))
        ),
    )


@bad(52, "times and steps that cannot be, and a thousand tags")
def _(folder: Path) -> None:
    odd = [
        scalar(-5, 1.0),
        scalar(1 << 62, 1.0),
        scalar(0, 2.0, wall=float("nan")),
        scalar(1, 2.0, wall=1e300),
        scalar(2, 3.0, wall=-1e18),
    ]
    tags = [scalar(n % 3, 1.0, tag=f"t{n}".encode()) for n in range(1000)]
    events(folder, *map(record, [*odd, *tags]))


@bad(53, "a wandb log that is not one in places", big=True)
def _(folder: Path) -> None:
    log = min(SAMPLES.rglob("*.wandb"))
    whole = log.read_bytes()
    broken = {
        "kind": whole[:13] + b"\x09" + whole[14:],
        "tail": whole + b"\0" * 40_000,
        "head": whole[7:],
        "short": whole[:200],
    }
    for name, content in broken.items():
        place = folder / f"offline-run-20261124_05203{len(name)}-{name:x<8}"
        shutil.copytree(log.parent, place)
        (place / log.name).rename(place / f"run-{name:x<8}.wandb")
        (place / f"run-{name:x<8}.wandb").write_bytes(content)


@bad(54, "databases that are none", big=True)
def _(folder: Path) -> None:
    whole = (SAMPLES / "mlflow" / "sqlite" / "mlflow.db").read_bytes()
    for name, content in {
        "cut": whole[: len(whole) // 3],
        "empty": b"",
        "text": b"hello" * 1000,
        "locked": hashlib.shake_128(b"noise").digest(8192),
    }.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "mlflow.db").write_bytes(content)


@bad(55, "a database that is being written", big=True)
def _(folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(SAMPLES / "mlflow" / "sqlite" / "mlflow.db", folder / "mlflow.db")
    db = sqlite3.connect(folder / "mlflow.db")
    db.execute("pragma journal_mode=wal")
    db.execute("create table more (x)")
    db.commit()
    for name in ("mlflow.db", "mlflow.db-wal"):
        shutil.copy(folder / name, folder / f"{name}.kept")
    db.close()
    for name in ("mlflow.db", "mlflow.db-wal"):
        (folder / f"{name}.kept").rename(folder / name)


@bad(56, "a database whose views never end", big=True)
def _(folder: Path) -> None:
    folder.mkdir(parents=True)
    db = sqlite3.connect(folder / "mlflow.db")
    endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select x as run_uuid, x as experiment_id from c"
    for table in ("runs", "experiments", "metrics", "params", "tags", "latest_metrics"):
        db.execute(f"create view {table} as {endless}")
    db.execute("create table alembic_version (version_num)")
    db.commit()
    db.close()


@bad(57, "a database of another version", big=True)
def _(folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(SAMPLES / "mlflow" / "sqlite" / "mlflow.db", folder / "mlflow.db")
    db = sqlite3.connect(folder / "mlflow.db")
    db.execute("update alembic_version set version_num = 'fffffffffff1'")
    db.execute("alter table runs add column newer text")
    db.commit()
    db.close()


@bad(58, "artifacts that are said to lie elsewhere")
def _(folder: Path) -> None:
    for number, uri in enumerate(
        ("file:///etc", "http:///#/../../etc", "\\\\\\\\evil\\\\share", "s3://b/x", "../../../etc")
    ):
        run = folder / "mlruns" / "0" / f"{number:032x}"
        (run / "metrics").mkdir(parents=True)
        (run / "metrics" / "loss").write_text("1700000000000 1.0 0\n1700000000001 0.5 1\n")
        for sub in ("params", "tags", "artifacts"):
            (run / sub).mkdir()
        text = f"artifact_uri: '{uri}'\nend_time: 2\nrun_id: {number:032x}\nrun_uuid: {number:032x}\nstart_time: 1\nstatus: 3\nexperiment_id: '0'\n"
        (run / "meta.yaml").write_text(text + "run_name: x\nlifecycle_stage: active\nuser_id: ''\n")
    (folder / "mlruns" / "0" / "meta.yaml").write_text(
        "artifact_location: file:///etc\nexperiment_id: '0'\nlifecycle_stage: active\nname: d\n"
    )


def archive(*members: tuple[str, bytes], links: bool = False) -> bytes:
    """A zip of these members; with `links`, the first is a symbolic link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for number, (name, content) in enumerate(members):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if links and not number:
                info.external_attr = 0o120777 << 16
            with contextlib.suppress(UserWarning):
                made.writestr(info, content)
    return out.getvalue()


@bad(59, "archives that leave their folder")
def _(folder: Path) -> None:
    names = ("../../x", "/etc/x", "..\\..\\x", "C:\\x", "ok.txt")
    plain_run(
        folder,
        files={
            "a.zip": archive(*((name, b"x") for name in names)),
            "b.zip": archive(("l", b"/etc/passwd"), links=True),
        },
    )


@bad(60, "archives that grow")
def _(folder: Path) -> None:
    bomb = archive(("zero", b"\0" * 20_000_000))
    inner = bomb
    for _level in range(4):
        inner = archive(("inner.zip", inner))
    lying = bytearray(bomb)
    at = lying.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = struct.pack("<I", 5)
    plain_run(folder, files={"bomb.zip": bomb, "nested.zip": inner, "lying.zip": bytes(lying)})


@bad(61, "archives that cannot be opened")
def _(folder: Path) -> None:
    whole = archive(("a.txt", b"x" * 500))
    locked = bytearray(whole)
    locked[6] |= 1
    plain_run(
        folder,
        files={
            "cut.zip": whole[: len(whole) - 30],
            "locked.zip": bytes(locked),
            "huge.zip": whole[:-22] + b"PK\x06\x06" + b"\xff" * 60,
        },
    )


@bad(62, "logs that grow when unpacked")
def _(folder: Path) -> None:
    files = {"run.log.gz": gzip.compress(b"\0" * 20_000_000, mtime=0), "run.log.bz2": bz2.compress(b"\0" * 5_000_000)}
    plain_run(folder, files=files)


class Canary:
    """Would leave a file where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        """What unpickling would do."""
        return open, (str(CANARY), "w")


@bad(63, "pickles under every name")
def _(folder: Path) -> None:
    content = pickle.dumps(Canary(), 2)
    names = ("model.pkl", "model.pt", "model.joblib", "metrics.pkl", "params.pkl", "checkpoint.ckpt")
    plain_run(folder, files=dict.fromkeys(names, content))


@bad(64, "arrays with a program in their head")
def _(folder: Path) -> None:
    heads = (
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10**15,)}",
        "__import__('os').system('touch /tmp/runpages-canary')",
    )
    files = {
        f"{n}.npy": b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode() for n, head in enumerate(heads)
    }
    plain_run(folder, files=files)


@bad(65, "tables whose foot is wrong")
def _(folder: Path) -> None:
    plain_run(
        folder,
        files={
            "t.parquet": b"PAR1" + b"\xff" * 200 + struct.pack("<I", 1 << 31) + b"PAR1",
            "t.feather": b"ARROW1\0\0" + b"\xff" * 100,
        },
    )


@bad(66, "pictures that are too much")
def _(folder: Path) -> None:
    jpeg = b"\xff\xd8\xff\xe1\0\x10Exif\0\0GPSGPSGP\xff\xdb\0\x04\0\0"
    gif = (
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
        + b"!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0" * 4000
        + b";"
    )
    files = {
        "wide.png": plot(wide=12_000, high=12_000),
        "frames.gif": gif,
        "cut.jpg": jpeg,
        "bomb.tif": b"II*\0\x08\0\0\0" + b"\xff" * 60,
    }
    plain_run(folder, files=files)


@bad(67, "files that are two kinds at once")
def _(folder: Path) -> None:
    page = b"<script>alert(1)</script>"
    wave = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0\xff\xff\xff\xff\0\0\0\0\x01\0\x08\0data\xff\xff\xff\x7f"
    plain_run(
        folder,
        files={
            "both.png": plot(page) + page,
            "page.png": b"<!doctype html>" + page,
            "long.wav": wave,
            "long.mp4": b"\0\0\0\x18ftypmp42" + page,
        },
    )


@bad(68, "links to everywhere", big=True)
def _(folder: Path) -> None:
    plain_run(folder)
    targets = {
        "passwd.txt": "/etc/passwd",
        "up": "..",
        "self": "self",
        "gone.png": "nowhere",
        "params.yaml": "/etc/passwd",
    }
    for name, target in targets.items():
        (folder / name).symlink_to(target)


@bad(69, "a second name for a file elsewhere", big=True)
def _(folder: Path) -> None:
    plain_run(folder)
    os.link(folder / "params.json", folder / "copy.json")


@bad(70, "pipes, sockets, devices and folders with a file's name", big=True)
def _(folder: Path) -> None:
    plain_run(folder, metrics=None)
    os.mkfifo(folder / "metrics.csv")
    os.mkfifo(folder / "run.log")
    (folder / "summary.json").mkdir()
    (folder / "zero.txt").symlink_to("/dev/zero")


@bad(71, "files that may not be read", big=True)
def _(folder: Path) -> None:
    plain_run(folder, files={"secret.txt": b"x"})
    (folder / "secret.txt").chmod(0)
    (folder / "shut").mkdir(mode=0)


@bad(72, "many files, deep folders and names of no alphabet", big=True)
def _(folder: Path) -> None:
    plain_run(folder)
    for number in range(5_000):
        (folder / f"{number}.txt").touch()
    deep = folder
    for _level in range(120):
        deep = deep / "d"
    deep.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/" + b"\xff\xfe" * 100 + b".txt")).write_text("x")


@bad(73, "a file that is cut while it grows", big=True)
def _(folder: Path) -> None:
    plain_run(folder, metrics="step,loss\n0,1\n1,0.5\n2,0.2", record={"status": "running"})


@bad(74, "a folder that goes away", big=True)
def _(folder: Path) -> None:
    plain_run(folder)
    (folder / "gone").symlink_to(folder / "never")


@bad(81, "a cache that somebody else wrote", big=True)
def _(folder: Path) -> None:
    plain_run(folder)
    (folder / ".cache" / "runpages").mkdir(parents=True)
    (folder / ".cache" / "runpages" / "store.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 500)


@bad(82, "a site among the runs")
def _(folder: Path) -> None:
    plain_run(folder)
    (folder / "site").mkdir()
    (folder / "site" / ".runpages-site").write_bytes(b"")
    (folder / "site" / "metrics.csv").write_text("step,loss\n0,1\n")
