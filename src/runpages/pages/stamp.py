"""Run pages are stamped: one shell that MkDocs rendered, cut at its placeholders, filled for every run."""

from __future__ import annotations

import html
from dataclasses import dataclass

from runpages.errors import RunpagesError

TITLE, BODY, CONTENTS = "RUNPAGES-TITLE", "RUNPAGES-BODY", "RUNPAGES-CONTENTS"


@dataclass(frozen=True)
class Shell:
    """A page of the theme with holes: title, contents list and body."""

    text: str

    def __post_init__(self) -> None:
        if BODY not in self.text:
            raise RunpagesError(
                "shell-broken",
                "the theme's page has no place for a run",
                hint="set `theme: {name: runpages_theme}` in mkdocs.yml",
            )

    def stamp(self, title: str, body: str, contents: str = "") -> str:
        """The whole page of one run. `body` and `contents` are HTML, `title` is text."""
        before, after = self._halves
        safe = html.escape(title)
        return f"{before.replace(TITLE, safe).replace(CONTENTS, contents)}{body}{after.replace(TITLE, safe)}"

    @property
    def _halves(self) -> tuple[str, str]:
        before, _, after = self.text.partition(f"<p>{BODY}</p>" if f"<p>{BODY}</p>" in self.text else BODY)
        return before, after
