"""Text that people wrote into their runs, as HTML: Markdown without HTML, cleaned once more, never the site's own Markdown."""

from __future__ import annotations

import functools

import nh3
from markdown_it import MarkdownIt

CAP = 64 * 1024
BRACKETS = 4_000
_TAGS = frozenset(
    "p br hr h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s del a table thead tbody tr th td sup sub".split()
)


def prose(markdown: str) -> str:
    """The HTML of a note's Markdown: no images, no HTML of its own, links only to the web; cut after 64 KiB."""
    cut = markdown.encode("utf-8", "replace")[:CAP].decode("utf-8", "ignore")
    if cut.count("[") > BRACKETS:  # looking for links takes time that grows with their square
        cut = cut.replace("[", "\\[")
    html = _markdown().render(cut)
    clean: str = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return clean + ("<p>The rest is cut here.</p>" if len(markdown.encode("utf-8", "replace")) > CAP else "")


@functools.cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    reader.disable("image")
    reader.add_render_rule("heading_open", lambda _self, tokens, at, *_: f"<{_lower(tokens[at].tag)}>")
    reader.add_render_rule("heading_close", lambda _self, tokens, at, *_: f"</{_lower(tokens[at].tag)}>")
    return reader


def _lower(tag: str) -> str:
    """The page has one first heading, and sections of its own: a note's headings stand below them."""
    return f"h{min(6, int(tag[1]) + 2)}"
