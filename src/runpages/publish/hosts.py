"""What static hosts take: files, bytes a file, bytes in all; checked before anything is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runpages.errors import TargetError
from runpages.seal import read_manifest

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Host:
    """A host's limits, None where it names none; `source` says where they are written down."""

    title: str
    source: str
    files: int | None = None
    in_folder: int | None = None
    file_size: int | None = None
    total: int | None = None


HOSTS = {
    "github": Host(
        "GitHub Pages", "docs.github.com: GitHub Pages limits", file_size=100 * _MIB, total=1000 * 1000 * 1000
    ),
    "gitlab": Host("GitLab Pages", "docs.gitlab.com: GitLab.com settings", files=200_000, total=1000 * 1000 * 1000),
    "cloudflare": Host(
        "Cloudflare Pages", "developers.cloudflare.com: Pages limits (free plan)", files=20_000, file_size=25 * _MIB
    ),
    "netlify": Host("Netlify", "docs.netlify.com: site deploys overview", in_folder=54_000),
    "huggingface": Host(
        "Hugging Face Spaces",
        "huggingface.co/docs/hub: repository limitations; 10 MiB a file without Git LFS",
        files=100_000,
        in_folder=10_000,
        file_size=10 * _MIB,
    ),
}


def check_host(folder: Path, name: str) -> dict[str, Any]:
    """Files, largest file and bytes of the site, when the host takes it. TargetError names each limit it is over."""
    host = HOSTS.get(name.lower())
    if host is None:
        raise TargetError("host-unknown", f"no limits are known for {name!r}", hint=", ".join(HOSTS))
    files = read_manifest(folder).files
    sizes = {path: entry.size for path, entry in files.items()}
    largest = max(sizes, key=sizes.__getitem__, default="")
    total = sum(sizes.values())
    count = len(sizes) + 2
    over = []
    if host.files is not None and count > host.files:
        over.append(f"{count:,} files, {host.files:,} allowed")
    folders = Counter(path.rpartition("/")[0] for path in sizes)
    fullest, most = folders.most_common(1)[0] if folders else ("", 0)
    if host.in_folder is not None and most > host.in_folder:
        over.append(f"{most:,} files in the folder {fullest or '.'}, {host.in_folder:,} allowed")
    if host.file_size is not None and (large := [path for path, size in sizes.items() if size > host.file_size]):
        over.append(
            f"{len(large)} of the files larger than {_said(host.file_size)}, the largest {largest} ({_said(sizes[largest])})"
        )
    if host.total is not None and total > host.total:
        over.append(f"{_said(total)} in all, {_said(host.total)} allowed")
    if over:
        raise TargetError(
            "host-limit",
            f"{host.title} would refuse this site: {'; '.join(over)}",
            where=str(folder),
            kept="nothing was sent",
            hint="lower media_limit, leave runs out, or choose another host",
        )
    return {"host": host.title, "files": count, "bytes": total, "largest": largest, "source": host.source}


def _said(size: int) -> str:
    return f"{size / _MIB:,.1f} MiB"
