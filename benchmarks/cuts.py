"""Uploads through a proxy that ends every connection after so many requests or bytes: what readers see then."""

from __future__ import annotations

import asyncio
import io
import shutil
import socket
import struct
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.parts import dangling, free_port, linked, needed, s3_server, s3_settings, sealed, wait_for

from runpages.errors import TargetError
from runpages.publish import Options, publish, verify
from runpages.publish.remote import UNDERWAY, Bucket

_RESET = struct.pack("ii", 1, 0)  # no lingering: the other side sees a reset, as from a cable that was pulled


class Cutter:
    """A proxy on loopback. After `left` more units of what clients send, nothing passes: requests of HTTP, or bytes."""

    def __init__(self, port: int, *, http: bool) -> None:
        self.port, self.http = port, http
        self.left = self.passed = 0
        self._open: set[asyncio.StreamWriter] = set()

    def until(self, left: int = 1 << 60) -> None:
        """From now on let so many units pass."""
        self.left, self.passed = left, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        answers, server = await asyncio.open_connection("127.0.0.1", self.port)
        self._open |= {writer, server}
        down = asyncio.create_task(_copied(answers, writer))
        with suppress(OSError, EOFError):
            await (self._requests if self.http else self._bytes)(reader, server)
            with suppress(OSError):
                server.write_eof()
            await down
        down.cancel()
        for one in (writer, server):
            self._open.discard(one)
            one.close()

    async def _requests(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:-2])
            whole = self._pass(1) == 1
            server.write(head)
            body = int(fields.get(b"content-length", b"0"))
            server.write(await reader.readexactly(body if whole else body // 2))
            await server.drain()
            if not whole:
                self._cut()

    async def _bytes(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            passing = self._pass(len(data))
            server.write(data[:passing])
            await server.drain()
            if passing < len(data):
                self._cut()

    def _pass(self, wanted: int) -> int:
        passing = min(wanted, self.left)
        self.left -= passing
        self.passed += passing
        return passing

    def _cut(self) -> None:
        """End all connections of now; what comes later ends at its first byte."""
        for one in self._open:
            one.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            one.transport.abort()
        raise EOFError


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()


@contextmanager
def cutter(port: int, *, http: bool) -> Iterator[tuple[Cutter, int]]:
    """A proxy before a port of this machine, and its own port."""
    one, loop, own = Cutter(port, http=http), asyncio.new_event_loop(), free_port()
    one.until()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(one.serve, "127.0.0.1", own), loop).result()
    try:
        yield one, own
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def points_of(total: int, points: int) -> list[int]:
    """Evenly spread numbers below `total`, both ends included; all of them when `points` are as many."""
    points = min(points, total)
    return sorted({round(at * (total - 1) / max(1, points - 1)) for at in range(points)})


def cut_s3(points: int) -> dict[str, Any]:
    """A site of 40 files over another one, to S3, cut after every so many requests: pages without what they need."""
    with (
        tempfile.TemporaryDirectory() as name,
        s3_server() as address,
        cutter(int(address.rpartition(":")[2]), http=True) as (proxy, port),
        s3_settings(f"http://127.0.0.1:{port}", retries=1),
    ):
        room = Path(name)
        old, new = sealed(room / "old", linked(20, "a")), sealed(room / "new", linked(20, "b"))
        Bucket("s3://cut").fs.mkdir("cut")
        publish(old, "s3://cut/whole")
        proxy.until()
        publish(new, "s3://cut/whole")
        total = proxy.passed
        seen = {"requests": total, "points": 0, "cut": 0, "dangling": 0, "healed": 0}
        for point in points_of(total, points):
            url = f"s3://cut/{point}"
            proxy.until()
            publish(old, url)
            proxy.until(point)
            with suppress(TargetError):
                publish(new, url)
                seen["cut"] -= 1
            seen["points"] += 1
            seen["cut"] += 1
            proxy.until()
            seen["dangling"] += bool(dangling(_stored(url)))
            publish(new, url)
            now = _stored(url)
            seen["healed"] += verify(url) == (40, []) and UNDERWAY not in now and not dangling(now)
        return seen


def _stored(url: str) -> dict[str, str]:
    bucket = Bucket(url)
    found = bucket.fs.cat(bucket.fs.find(bucket.root))
    return {name.removeprefix(f"{bucket.root}/"): content.decode() for name, content in found.items()}


@contextmanager
def git_server(room: Path) -> Iterator[int]:
    """The port of git's own server for the repositories in a folder; pushes are taken."""
    needed("git")
    port = free_port()
    options = ["--export-all", "--enable=receive-pack", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}"]
    command = ["git", "daemon", *options, f"--base-path={room}", str(room)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()


def cut_git(points: int) -> dict[str, Any]:
    """The same onto a branch, through git's own server, cut after every so many bytes: neither the old site nor the new."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        forge, kept = room / "forge.git", room / "kept.git"
        old, new = sealed(room / "old", linked(20, "a")), sealed(room / "new", linked(20, "b"))
        subprocess.run(["git", "init", "-q", "--bare", str(forge)], check=True)
        with git_server(room) as server, cutter(server, http=False) as (proxy, port):
            target, options = f"git:git://127.0.0.1:{port}/forge.git#pages", Options(attempts=1, repository=room)
            publish(old, target, options)
            shutil.copytree(forge, kept)
            before = branch(forge)
            proxy.until()
            publish(new, target, options)
            total, after = proxy.passed, branch(forge)
            seen = {"bytes": total, "points": 0, "cut": 0, "old": 0, "new": 0, "neither": 0, "healed": 0}
            for point in points_of(total, points):
                shutil.rmtree(forge)
                shutil.copytree(kept, forge)
                proxy.until(point)
                with suppress(TargetError):
                    publish(new, target, options)
                    seen["cut"] -= 1
                now = branch(forge)
                seen["points"] += 1
                seen["cut"] += 1
                seen["old" if now == before else "new" if now == after else "neither"] += 1
                proxy.until()
                publish(new, target, options)
                whole = subprocess.run(["git", "--git-dir", str(forge), "fsck", "--connectivity-only"], check=False)
                seen["healed"] += branch(forge) == after and whole.returncode == 0
            return seen


def branch(forge: Path) -> dict[str, str]:
    """path -> text of what the branch `pages` holds."""
    command = ["git", "--git-dir", str(forge), "archive", "--format=tar", "pages"]
    with tarfile.open(fileobj=io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)) as tar:
        return {one.name: member.read().decode() for one in tar if (member := tar.extractfile(one)) is not None}
