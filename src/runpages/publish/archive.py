"""Publishes as a zip: to mail, to attach, to keep. The same site gives the same bytes."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

from runpages.errors import Note, TargetError
from runpages.publish.plan import Options, Report, Site, not_ours, subfolder
from runpages.seal import MARKER

# Many mail servers refuse more; the coding of attachments adds a third on top.
MAIL_LIMIT = 20 * 1024 * 1024


def publish_archive(site: Site, target: Path, options: Options) -> Report:
    """The report of writing the site as a zip whose one top folder is named as the zip (or `options.to`).

    TargetError when the place cannot be written or holds a file that is not a site of ours.
    """
    if target.exists() and not options.force and not _is_ours(target):
        raise not_ours(str(target.parent), target.name)
    top = subfolder(options) or target.stem
    part = target.with_name(f".{target.name}.runpages-part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(part, site, top)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise TargetError(
            "target-unwritable",
            f"the zip cannot be written: {error.strerror}",
            where=str(target),
            hint="name another place",
        ) from error
    size = target.stat().st_size
    notes = []
    if size > MAIL_LIMIT:
        what = f"the zip has {size / 1024 / 1024:.0f} MiB; many mail servers refuse more than 20"
        notes.append(Note("archive-large", what, where=str(target), hint="send a link instead", level="info"))
    return Report(str(target), tuple(site.files), size=size, notes=tuple(notes))


def _write(part: Path, site: Site, top: str) -> None:
    """Sorted names, one date, one mode: nothing of when or where the zip was made."""
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
        for name in site.files:
            info = zipfile.ZipInfo(f"{top}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            bundle.writestr(info, (site.folder / name).read_bytes())


def _is_ours(target: Path) -> bool:
    try:
        with zipfile.ZipFile(target) as bundle:
            return any(name.rpartition("/")[2] == MARKER for name in bundle.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
