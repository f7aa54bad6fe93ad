"""Publishes to a machine reached by SSH: each time a release of its own, then one rename makes it the one that is served.

PATH/releases/TIME holds a release, PATH/current is the link that a web server serves. Files that did not change are
shared with the former release on the disk and do not travel.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from runpages.errors import TargetError
from runpages.publish import front
from runpages.publish.plan import Options, Report, Site, not_ours, subfolder
from runpages.seal import MANIFEST

RELEASES = 3  # the former ones are kept for pages that are still open, and to go back to
_SIGN = ".runpages-releases"
_NAME = r"[0-9]{8}T[0-9]{12}Z"
# nothing runs before the last line has come: half a script is no script
_PREPARE = """
main() {{
set -eu
mkdir -p {base}; cd {base}
if [ ! -e {sign} ] && [ -n "$(ls -A)" ] && [ {force} = no ]; then echo "foreign $(ls -A | head -n 1)"; exit 0; fi
mkdir -p releases; : > {sign}
echo "former $(readlink current 2>/dev/null || true)"
cat current/{manifest} 2>/dev/null || true
}}
main
"""
_SWITCH = """
main() {{
set -eu
cd {base}
mv releases/.{name}.part releases/{name}
rm -f .current.new; ln -s releases/{name} .current.new; mv -T .current.new current
ls -1 releases | grep -E '^{pattern}$' | sort | head -n -{keep} | while read -r old; do rm -rf "releases/$old"; done
rm -rf releases/.*.part
}}
main
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to: `host` as ssh takes it, a port or "", a path there."""

    host: str
    port: str
    path: str

    @property
    def shell(self) -> list[str]:
        """The ssh command without the host; RSYNC_RSH replaces it, as it does for rsync."""
        given = shlex.split(os.environ.get("RSYNC_RSH", "")) or ["ssh", "-oBatchMode=yes"]
        return [*given, *(["-p", self.port] if self.port else [])]


def machine(target: str) -> Machine:
    """The parts of `rsync+ssh://[USER@]HOST[:PORT]/PATH`. TargetError when one is missing or odd."""
    parts = urlsplit(target)
    host = f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname or ""
    path = unquote(parts.path).rstrip("/")
    try:
        port = str(parts.port or "")
    except ValueError:
        port = "?"
    if not re.fullmatch(r"[\w.][\w.@:-]*", host) or port == "?" or not path or "\0" in path:
        raise TargetError(
            "target-path", f"{target!r} is no machine and folder", hint="rsync+ssh://me@host/var/www/report"
        )
    return Machine(host, port, path)


def publish_rsync(site: Site, target: str, options: Options) -> Report:
    """The report of making a new release and switching to it. TargetError when the other side refuses."""
    place = machine(target)
    to = subfolder(options)
    base = f"{place.path}/{to}" if to else place.path
    former = _prepare(place, base, site, options)
    if former is None:
        return Report(f"{target}", (), unchanged=len(site.manifest.files), size=site.size)
    name = front.now().strftime("%Y%m%dT%H%M%S%fZ")
    sent = _send(place, f"{base}/releases/.{name}.part", f"../{former}" if former else "", site)
    keep = max(2, options.keep or RELEASES)
    _remote(place, _SWITCH.format(base=shlex.quote(base), name=name, pattern=_NAME, keep=keep))
    return Report(target, tuple(sent), unchanged=len(site.files) - len(sent), size=site.size)


def _prepare(place: Machine, base: str, site: Site, options: Options) -> str | None:
    """The name of the release that is served, "" when there is none, None when it is this very site."""
    force = "yes" if options.force else "no"
    said = _remote(place, _PREPARE.format(base=shlex.quote(base), sign=_SIGN, force=force, manifest=MANIFEST))
    first, _, manifest = said.partition(b"\n")
    word, _, name = first.decode("utf-8", "replace").partition(" ")
    if word == "foreign":
        raise not_ours(f"{place.host}:{base}", name)
    if manifest == (site.folder / MANIFEST).read_bytes():
        return None
    found = re.fullmatch(rf"releases/({_NAME})", name)
    return found[1] if found else ""


def _send(place: Machine, folder: str, before: str, site: Site) -> list[str]:
    """The files that travelled into a new folder there."""
    shell = " ".join(shlex.quote(part) for part in place.shell)
    command = [
        "rsync",
        "-rp",
        "--timeout=300",
        "--checksum",
        "--chmod=D755,F644",
        "--from0",
        "--files-from=-",
        "--out-format=%i %n",
    ]
    command += ["-e", shell, *([f"--link-dest={before}"] if before else [])]
    feed = b"".join(os.fsencode(name) + b"\0" for name in site.files)
    there = f"{place.host}:{folder}/"
    said = _ran([*command, "--protect-args", "--", f"{site.folder.resolve()}/", there], feed)
    lines = said.decode("utf-8", "replace").splitlines()
    return sorted(line.partition(" ")[2] for line in lines if line.startswith("<f"))


def _remote(place: Machine, script: str) -> bytes:
    return _ran([*place.shell, place.host, "sh -s"], script.encode())


def _ran(command: list[str], feed: bytes) -> bytes:
    try:
        done = subprocess.run(command, input=feed, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise TargetError(
            "rsync-missing", f"{command[0]} is not installed", hint="apt-get install rsync openssh-client"
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-400:]
        raise TargetError(
            "rsync-failed",
            f"{command[0]} ended with {done.returncode}: {said or 'no message'}",
            kept="the former release is still served",
            hint="try `ssh HOST` by hand; rsync must be installed on both sides",
        )
    return done.stdout
