"""Our scripts and styles without comments and spaces: what a reader loads first."""

from __future__ import annotations

from pathlib import Path

import rcssmin
import rjsmin


def shrink(site: Path) -> None:
    """Write every file of `js` and `css` below the site again, as short as it can be said."""
    for folder, shortened in (("js", rjsmin.jsmin), ("css", rcssmin.cssmin)):
        for path in sorted((site / folder).glob(f"*.{folder}")):
            path.write_text(str(shortened(path.read_text(encoding="utf-8"))) + "\n", encoding="utf-8")
