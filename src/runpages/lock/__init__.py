"""Closes a finished site with a passphrase, from outside: every file, every name and the list of them is ciphertext.

One file by default (opens from disk, https and localhost), or a folder of blobs (https and localhost). The format:

    data key    32 random bytes; wrapped by PBKDF2-HMAC-SHA256(passphrase, salt, iterations) with AES-256-GCM, associated
                data "ID|key"; or handed over whole in a link's fragment, `#k=` base64url
    blob        nonce (12) + AES-256-GCM(4 bytes big-endian length, gzip of the file, zeros up to a multiple of 4096),
                associated data "ID|PATH|SIZE of the file"; the index, JSON {PATH: [BLOB, SIZE]}, has "ID|index"

Blobs have random names; nothing but their number and rounded sizes can be seen.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runpages.errors import ConfigError, TargetError
from runpages.seal import MANIFEST, MARKER

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ITERATIONS = 1_000_000
BUCKET = 4096
SHORTEST = 12  # characters of a passphrase
LARGE, TOO_LARGE = 20_000_000, 200_000_000  # bytes of one file
_CONSONANTS, _VOWELS, _WORDS = "bdfghjklmnprstvz", "aeiou", 7
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Locked:
    """What was locked: its files, the fragment that opens it without a passphrase, and bits of a made passphrase."""

    files: tuple[str, ...]
    fragment: str


def make_passphrase() -> str:
    """Seven words of two syllables: 88 bits, to be said on the telephone."""
    word = ["".join(secrets.choice(some) for some in (_CONSONANTS, _VOWELS) * 2) for _ in range(_WORDS)]
    return "-".join(word)


def passphrase_bits() -> float:
    """The bits of chance in a made passphrase."""
    return _WORDS * 2 * math.log2(len(_CONSONANTS) * len(_VOWELS))


def check_passphrase(passphrase: str, *, weak: bool = False) -> str:
    """The passphrase; ConfigError for a short one, unless `weak`."""
    if len(passphrase) < SHORTEST and not (weak and passphrase):
        raise ConfigError(
            "passphrase-weak",
            f"the passphrase has fewer than {SHORTEST} characters; whoever has the file can try as many as they like",
            hint="leave it out and a good one is made, or say --weak",
        )
    return passphrase


def lock(site: Path, out: Path, passphrase: str, *, split: bool = False, iterations: int = ITERATIONS) -> Locked:
    """Write the site at `site`, locked, into the empty folder `out`: `index.html` and, when `split`, blobs beside it.

    Raises ConfigError without the package `cryptography`, TargetError for a site that is too large for one file.
    """
    key, mark = secrets.token_bytes(32), secrets.token_hex(8)
    blobs = _blobs(site, _cipher(key), mark)
    head = {"v": 1, "id": mark, "iterations": iterations, "split": split, **_wrapped(key, passphrase, mark, iterations)}
    written = ["index.html"]
    inside = ""
    if split:
        for name, blob in blobs.items():
            path = out / "b" / f"{name}.bin"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(blob)
            written.append(f"b/{name}.bin")
    else:
        _refuse_large(sum(map(len, blobs.values())))
        inside = "\n".join(
            f'<script type="text/plain" id="b-{name}">{base64.b64encode(blob).decode()}</script>'
            for name, blob in blobs.items()
        )
    (out / "index.html").write_text(_page(head, inside), encoding="utf-8")
    return Locked(tuple(written), f"#k={base64.urlsafe_b64encode(key).decode().rstrip('=')}")


def _cipher(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise ConfigError(
            "password-missing", "the package cryptography is not installed", hint="pip install 'runpages[password]'"
        ) from None
    return AESGCM(key)


def _wrapped(key: bytes, passphrase: str, mark: str, iterations: int) -> dict[str, str]:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    wrapping = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, iterations, 32)
    wrapped = nonce + _cipher(wrapping).encrypt(nonce, key, f"{mark}|key".encode())
    return {"salt": base64.b64encode(salt).decode(), "key": base64.b64encode(wrapped).decode()}


def _blobs(site: Path, cipher: AESGCM, mark: str) -> dict[str, bytes]:
    """Random name -> blob, sorted by that name; the index is called `index`."""
    index: dict[str, tuple[str, int]] = {}
    blobs: dict[str, bytes] = {}
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if name in (MANIFEST, MARKER) or name.endswith(".map"):
            continue
        content = path.read_bytes()
        blob = secrets.token_hex(8)
        index[name] = (blob, len(content))
        blobs[blob] = _encrypted(content, cipher, f"{mark}|{name}|{len(content)}")
    blobs["index"] = _encrypted(json.dumps(index).encode(), cipher, f"{mark}|index")
    return dict(sorted(blobs.items()))


def _encrypted(content: bytes, cipher: AESGCM, about: str) -> bytes:
    packed = gzip.compress(content, 6, mtime=0)
    plain = len(packed).to_bytes(4, "big") + packed
    nonce = secrets.token_bytes(12)
    return nonce + cipher.encrypt(nonce, plain + b"\0" * (-len(plain) % BUCKET), about.encode())


def _refuse_large(size: int) -> None:
    if size > TOO_LARGE:
        raise TargetError(
            "locked-large",
            f"the site is too large for one file ({size / 1e6:.0f} MB, at most {TOO_LARGE / 1e6:.0f})",
            hint="say --split for a locked folder, or lower media_limit",
        )


def _page(head: Mapping[str, Any], inside: str) -> str:
    """The page that asks for the passphrase. A nonce lets only scripts of the locked site run, a hash only this loader."""
    loader = (HERE / "open.js").read_text(encoding="utf-8")
    nonce = secrets.token_urlsafe(16)
    digest = base64.b64encode(hashlib.sha256(loader.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'sha256-{digest}'; style-src 'unsafe-inline' blob:; "
        "img-src data: blob:; font-src data: blob:; media-src data: blob:; frame-src 'none'; "
        f"connect-src {chr(39)}{'self' if head['split'] else 'none'}{chr(39)}; "
        "worker-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
    )
    page = (HERE / "page.html").read_text(encoding="utf-8")
    parts = {"POLICY": policy, "HEAD": json.dumps({**head, "nonce": nonce}), "BLOBS": inside, "LOADER": loader}
    for name, value in parts.items():
        page = page.replace(f"RUNPAGES-{name}", value, 1)
    return page
