"""A run folder in which forty strings name who made it, where and how; and strings that anyone may read."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

# where it stands -> the string that must not be in a public report
CANARIES = {
    "user": "qzana",
    "host": "qznode17",
    "domain": "qzinner",
    "email": "qzmail",
    "team": "qzteam",
    "home": "qzhome",
    "home-mac": "qzmachome",
    "home-windows": "qzwinhome",
    "scratch": "qzscratch",
    "data": "qzdata",
    "bucket": "qzbucket",
    "windows": "qzdrive",
    "share": "qzshare",
    "file-url": "qzfileurl",
    "tilde": "qztilde",
    "root-only": "qzrootonly",
    "spaced": "qzspaced",
    "quoted": "qzquoted",
    "listed": "qzlisted",
    "two-deep": "qztwodeep",
    "ssh": "qzssh",
    "argv": "qzargv",
    "environment": "qzpackage",
    "patch": "qzpatch",
    "log": "qzlog",
    "link": "qzlink",
    "remote": "qzremote",
    "hidden-tag": "qztag",
    "author": "qzauthor",
    "login": "qzlogin",
    "exif": "qzexif",
    "svg": "qzsvg",
    "script": "qzscript",
    "notebook": "qznotebook",
    "text-file": "qzfile",
    "ipv4": "10.77.88.99",
    "ipv6": "2001:db8:77::99",
    "mac": "0a:1b:77:88:99:ff",
    "mac-dashes": "0A-1B-77-88-99-EE",
    "ec2": "ip-10-77-88-98",
}
SAID = ("lr", "baseline-run", "val/loss", "a fine note", "gelu")


def planted_run(folder: Path) -> None:
    """Write the run below `folder`."""
    c = CANARIES
    folder.mkdir(parents=True)
    record = {
        "name": f"baseline-run of {c['user']}",
        "user": c["user"],
        "host": f"{c['host']}.{c['domain']}.lan",
        "group": "demo",
        "status": "failed",
        "reason": f"No such file: '/{c['root-only']}/x/y' on {c['host']}",
        "started": "2026-01-02T03:04:05Z",
        "tags": {
            "team": c["team"],
            "mlflow.source.name": c["hidden-tag"],
            "author": f"{c['author'].title()} Smithers <{c['email']}@lab.example.org>",
            "colour": "green",
        },
        "notes": _notes(),
        "links": {"page": f"https://tracker.example/{c['link']}"},
        "code": {
            "repository": f"git@git.{c['remote']}.example:{c['team']}/thing.git",
            "command": f"python a.py {c['argv']}",
        },
    }
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "params.json").write_text(json.dumps(_params()))
    (folder / "metrics.csv").write_text("step,val/loss\n0,1.0\n1,0.5\n2,0.25\n")
    (folder / "output.log").write_text(f"{c['log']}\n")
    (folder / "local.patch").write_text(f"--- a\n+++ b\n+{c['patch']}\n")
    (folder / "requirements.txt").write_text(f"{c['environment']}==1.0\n")
    (folder / "sample.txt").write_text(f"made in /mnt/{c['text-file']}/place by {c['user']}\n")
    (folder / "train.py").write_text(f"x = '{c['script']}'\n")
    (folder / "book.ipynb").write_text(json.dumps({"cells": [c["notebook"]]}))
    (folder / "plot.png").write_bytes(png(c["exif"].encode()))
    (folder / "drawn.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>/data/{c["svg"]}/x</text><rect width="9" height="9"/></svg>'
    )


def _notes() -> str:
    c = CANARIES
    lines = [
        "a fine note",
        f"ask {c['user'].upper()} or {c['email']}@lab.example.org",
        f"from {c['ipv4']} and {c['ipv6']}, {c['mac']} or {c['mac-dashes']}, on {c['ec2']}",
        f"in /home/{c['home']}/x, /Users/{c['home-mac']}/y, C:\\Users\\{c['home-windows']}\\z",
        f"at /scratch/{c['scratch']}/a.pt ({c['host']})",
        f"see ~/{c['tilde']}/b and \\\\server\\{c['share']}\\d",
        f"ssh://{c['ssh']}/x",
    ]
    return "\n\n".join(lines)


def _params() -> dict[str, object]:
    c = CANARIES
    return {
        "lr": 0.1,
        "activation": "gelu",
        "data_dir": f"/data/{c['data']}/train",
        "bucket": f"s3://{c['bucket']}/x",
        "win": f"D:\\{c['windows']}\\x",
        "url": f"file:///srv/{c['file-url']}",
        "spaced": f"load /mnt/{c['spaced']}/a then go",
        "quoted": f"path='/opt/{c['quoted']}/b'",
        "many": f"[/mnt/x/{c['listed']}, /mnt/y]",
        "deep": f"/odd/{c['two-deep']}",
        "login": c["login"],
    }


def png(text: bytes) -> bytes:
    """A picture of one pixel with a text chunk and an EXIF chunk that hold `text`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0\x7f"))
    about = chunk(b"tEXt", b"Author\0" + text) + chunk(b"eXIf", b"MM\0*" + text)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + about + pixels + chunk(b"IEND", b"")
