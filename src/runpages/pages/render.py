"""Templates in, HTML out. Everything a run says is escaped."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import Any

import jinja2
from markupsafe import Markup, escape

from runpages.pages.compiled import Compiled
from runpages.views import text


@functools.cache
def environment() -> jinja2.Environment:
    """The one template environment: the theme's `views` folder, escaping on, unknown names an error."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("runpages_theme", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled("views"),
    )
    for name in ("number", "full", "count", "plural", "plus_minus", "duration", "date", "iso", "shortened"):
        env.filters[name] = getattr(text, name)
    env.filters["middle"] = middle
    env.filters["size"] = env.filters["filesize"] = text.filesize
    return env


def middle(name: str, most: int = 48) -> Markup:
    """A long name with its middle out of sight: both ends tell runs apart, and what is copied or searched is whole."""
    if len(name) <= most:
        return escape(name)
    half = most // 2
    return Markup('{}<span class="rp-mid">{}</span>{}').format(name[:half], name[half:-half], name[-half:])


@functools.cache
def template_hash(name: str) -> str:
    """A hash over a view's template, its parts `NAME_*` and the pieces that views share: what else its HTML depends on."""
    loader, env = environment().loader, environment()
    assert loader is not None
    parts = sorted(
        one for one in loader.list_templates() if re.fullmatch(rf"views/(?:macros|{name}(?:_\w+)?)\.html", one)
    )
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(loader.get_source(env, part)[0].encode())
    return digest.hexdigest()


def render(template: str, **data: Any) -> str:
    """The template `views/NAME` filled with data. Lone surrogates of broken names come out as replacement characters."""
    html = environment().get_template(f"views/{template}.html").render(**data)
    return html.encode("utf-8", "replace").decode("utf-8")
