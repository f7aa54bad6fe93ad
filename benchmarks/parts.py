"""Real other sides on this machine: an S3 server, an SSH server, and sites to send to them. Used by tests too."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Thread

from runpages import seal


def needed(*programs: str) -> None:
    """Raise with a clear sentence when a program that Debian has is missing."""
    for program in programs:
        if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            package = {"sshd": "openssh-server", "ssh": "openssh-client", "ssh-keygen": "openssh-client"}.get(
                program, program
            )
            raise RuntimeError(f"{program} is missing: install it (Debian: apt-get install {package}) and run again")


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of an S3 server of our own."""
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(free_port())]
    environment = {**os.environ, "MOTO_ACCOUNT_ID": "123456789012"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment) as server:
        try:
            assert server.stderr is not None
            address = ""
            for line in server.stderr:
                if found := re.search(rb"Running on (http://\S+)", line):
                    address = found[1].decode()
                    break
            if not address:
                raise RuntimeError("moto's server did not start: pip install 'moto[server]'")
            # its log must be read on, or it waits for ever once the pipe is full
            Thread(target=server.stderr.read, daemon=True).start()
            yield address
        finally:
            server.kill()
            server.wait()


@contextmanager
def s3_settings(address: str, *, retries: int = 5) -> Iterator[None]:
    """fsspec's settings for that server, and a login that it takes."""
    import fsspec.config
    import s3fs

    names = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
    before = {name: os.environ.get(name) for name in names}
    conf, tries = fsspec.config.conf.get("s3"), s3fs.S3FileSystem.retries
    os.environ.update(names)
    fsspec.config.conf["s3"] = {
        "endpoint_url": address,
        "config_kwargs": {"retries": {"max_attempts": retries}, "max_pool_connections": 32},
    }
    s3fs.S3FileSystem.retries = retries
    try:
        yield
    finally:
        s3fs.S3FileSystem.retries = tries
        fsspec.config.conf.pop("s3") if conf is None else fsspec.config.conf.update(s3=conf)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def ssh_server(room: Path) -> Iterator[tuple[int, Path]]:
    """(port, settings file for `ssh -F`) of an SSH server that lets this user in."""
    needed("sshd", "ssh", "ssh-keygen", "rsync")
    room.mkdir(parents=True, exist_ok=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(room / name)], check=True)
    shutil.copy(room / "user.pub", room / "authorized")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    port = free_port()
    (room / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {room}/host\nAuthorizedKeysFile {room}/authorized\nUsePAM no\n"
        f"StrictModes no\nPasswordAuthentication no\nPidFile none\nPermitRootLogin yes\nMaxStartups 100\n"
    )
    (room / "ssh_config").write_text(
        f"Host *\nIdentityFile {room}/user\nIdentitiesOnly yes\nStrictHostKeyChecking no\nBatchMode yes\n"
        f"UserKnownHostsFile {room}/known\nLogLevel ERROR\n"
    )
    sshd = shutil.which("sshd", path="/usr/sbin:" + os.environ.get("PATH", "")) or "sshd"
    with subprocess.Popen([sshd, "-D", "-e", "-f", str(room / "sshd_config")], stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield port, room / "ssh_config"
        finally:
            server.terminate()


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int) -> None:
    """Return when somebody listens at a port of this machine."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as one:
            one.settimeout(1)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise RuntimeError("the SSH server did not start")


def sealed(target: Path, files: Mapping[str, str], *, profile: str = "public") -> Path:
    """A sealed site of these files."""
    with seal.workshop(target) as new:
        for name, text in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_text(text)
        seal.seal(new, target, version="1", profile=profile)
    return target


def linked(pages: int, generation: str) -> dict[str, str]:
    """A site of 2 x pages files: every page needs a script whose name holds the generation's digest."""
    files: dict[str, str] = {}
    for number in range(pages):
        script = f"assets/a{number}.{sha256(f'{generation} {number}'.encode()).hexdigest()[:12]}.js"
        files[script] = f"x='{generation} {number}'"
        files["index.html" if number == 0 else f"runs/{number}.html"] = (
            f'<script src="{"" if number == 0 else "../"}{script}"></script>'
        )
    return files


def dangling(files: Mapping[str, str]) -> list[str]:
    """What pages of a site need and is not there."""
    missing = []
    for name, text in files.items():
        if name.endswith(".html"):
            for link in re.findall(r'src="([^"]*)"', text):
                wanted = os.path.normpath(os.path.join(os.path.dirname(name), link))  # noqa: PTH118, PTH120
                if wanted not in files:
                    missing.append(f"{name} needs {wanted}")
    return missing


def tree(folder: Path) -> dict[str, str]:
    """path -> text of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }
