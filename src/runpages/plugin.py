"""The MkDocs plugin, and a site without a configuration file: the one place that knows MkDocs."""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config.base import Config as AnyConfig
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from runpages.build import Report, ReportPage, open_report
from runpages.config import Config, from_mapping
from runpages.embed import fence, placed
from runpages.errors import RunpagesError
from runpages.gather import Progress
from runpages.pages.compiled import Compiled

THEME = "runpages_theme"
SHELL = "runs/runpages-shell"
DEAD = ("assets/javascripts/lunr/", "assets/javascripts/workers/")
log = logging.getLogger("mkdocs.plugins.runpages")


class Options(AnyConfig):  # type: ignore[no-untyped-call]
    """Empty for MkDocs: our own configuration checks the options, here as on the command line."""


class RunpagesPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """`plugins: [runpages: {sources: [runs]}]`: adds the report's pages, figures in fences, data and run pages."""

    def __init__(self) -> None:
        self.options = Config()
        self.base = Path()
        self.report: Report | None = None
        self._words: list[dict[str, str]] = []

    def load_config(self, options: dict[str, Any], config_file_path: str | None = None) -> tuple[list[Any], list[Any]]:
        """The options as MkDocs hands them over; anything wrong is an error of the configuration."""
        self.base = Path(config_file_path).resolve().parent if config_file_path else Path.cwd()
        self.config = Options(config_file_path=config_file_path)
        try:
            self.options = from_mapping(options, "mkdocs.yml: plugins: runpages")
        except RunpagesError as error:
            return [("runpages", error)], []
        return [], []

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the runs; set what a page that opens by double click needs."""
        if config.theme.name != THEME:
            raise PluginError(f"runpages needs its theme: set `theme: {{name: {THEME}}}` (found {config.theme.name})")
        config.use_directory_urls = False
        config.site_name = html.escape(html.unescape(config.site_name))  # the theme's own templates escape nothing
        try:
            report = self.report = self.report or open_report(self.options, self.base)
        except RunpagesError as error:
            raise PluginError(_sentence(error)) from error
        config.extra["runpages"] = report.footer
        config.extra.setdefault("homepage", "index.html")  # a link to the folder opens a listing from file://
        extension = "pymdownx.superfences"
        if extension not in config.markdown_extensions:
            config.markdown_extensions.append(extension)
        settings = config.mdx_configs.setdefault(extension, {})
        settings["custom_fences"] = [*settings.get("custom_fences", []), fence(report)]
        return config

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Add the report's pages unless the author wrote one of that name, and the shell of the run pages.

        Beside an author's own index.md the overview is report.md.
        """
        for file in [*files]:
            if _dead(file, config):
                files.remove(file)
        for page in self._report.pages():
            path = page.path if page.path != "index" or files.get_file_from_path("index.md") is None else "report"
            if files.get_file_from_path(f"{path}.md") is None:
                level = InclusionLevel.UNDEFINED if page.listed else InclusionLevel.NOT_IN_NAV
                files.append(File.generated(config, f"{path}.md", content=_front_matter(page), inclusion=level))
        if len(self._report.runs):
            shell = ReportPage(SHELL, "RUNPAGES-TITLE", "run", ("data/specs.js",))
            form = File.generated(
                config, f"{SHELL}.md", content=_front_matter(shell), inclusion=InclusionLevel.NOT_IN_NAV
            )
            files.append(form)
        return files

    def on_nav(self, nav: Navigation, config: MkDocsConfig, **_: Any) -> Navigation:
        """Without a navigation of the author's own, our pages stand in our order, not in that of the alphabet."""
        order = {f"{page.path}.md": place for place, page in enumerate(self._report.pages())}
        ours = [item for item in nav.items if isinstance(item, Page) and item.file.src_uri in order]
        if config.nav is None:
            ours.sort(key=lambda page: order[page.file.src_uri])
        mine = iter(ours)
        nav.items = [next(mine) if item in ours else item for item in nav.items]
        return nav

    def on_env(self, env: jinja2.Environment, **_: Any) -> jinja2.Environment:
        """Material's templates are compiled once per user, not once per build."""
        if env.bytecode_cache is None:
            env.bytecode_cache = Compiled(f"theme {sorted(env.extensions)}")
        return env

    def on_page_content(self, html: str, page: Page, **_: Any) -> str:
        """Our own HTML for our own pages; Python-Markdown would take minutes over a large table."""
        kind = str(page.meta.get("rp_page", ""))
        if kind == "run":
            return "<p>RUNPAGES-BODY</p>"
        view = str(page.meta.get("rp_view") or "")
        html = self._report.html(kind, view) if kind else placed(html, page.url)
        self._words.append({"title": str(page.title), "page": page.url, "text": self._report.words(html)})
        return html

    def on_post_build(self, config: MkDocsConfig) -> None:
        """Write data and run pages beside what MkDocs wrote, then close the site."""
        self._report.write(Path(config.site_dir), f"{SHELL}.html", self._words)
        self._report.close()

    @property
    def _report(self) -> Report:
        assert self.report is not None, "on_config comes first"
        return self.report


def _dead(file: File, config: MkDocsConfig) -> bool:
    """A file of Material's that no page of ours asks for: its search, for which we have our own, and maps of its sources."""
    if file.src_dir == config.docs_dir or not file.src_uri.startswith("assets/"):
        return False
    return file.src_uri.startswith(DEAD) or file.src_uri.endswith(".map")


def _front_matter(page: ReportPage) -> str:
    scripts = "".join(f"\n  - {path}" for path in page.scripts)
    title = json.dumps(page.title, ensure_ascii=False).encode("utf-8", "replace").decode()
    named = f"title: {title}\nrp_page: {page.kind}\nrp_view: {json.dumps(page.view)}\n"
    return f"---\n{named}rp_scripts:{scripts or ' []'}\nsearch:\n  exclude: true\n---\n"


def _sentence(error: RunpagesError) -> str:
    note = error.note
    return " ".join(part for part in (f"{note.what}.", f"({note.where})" if note.where else "", note.hint) if part)


def build_site(config: Config, base: Path, docs: Path, site: Path, progress: Progress | None = None) -> dict[str, Any]:
    """A site without a configuration file, written to the folder `site`; `docs` is an empty folder to work in.

    Returns the report's summary. Raises RunpagesError.
    """
    settings = MkDocsConfig()
    settings.load_dict(
        {
            "site_name": html.escape(config.title or "Experiment report"),  # `&amp;` in a title is five characters
            "docs_dir": str(docs),
            "site_dir": str(site),
            "theme": {"name": THEME},
            "plugins": ["runpages"],
            "use_directory_urls": False,
        }
    )
    errors, _ = settings.validate()
    assert not errors, errors
    plugin = settings.plugins["runpages"]
    assert isinstance(plugin, RunpagesPlugin)
    plugin.report = open_report(config, base, progress)
    return _run(settings, plugin.report)


def build_configured(
    file: Path, site: Path, progress: Progress | None = None, over: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The site of a mkdocs.yml, written to the folder `site`; returns the report's summary. Raises RunpagesError.

    What `over` holds was said on the command line and counts more than the file.
    """
    from mkdocs.config import load_config

    settings = load_config(str(file), site_dir=str(site))
    plugin = settings.plugins.get("runpages")
    assert isinstance(plugin, RunpagesPlugin)
    plugin.options = replace(plugin.options, **(over or {}))
    plugin.report = open_report(plugin.options, plugin.base, progress)
    return _run(settings, plugin.report)


def configured(file: Path) -> tuple[Config, Path]:
    """The report's options in a mkdocs.yml, and the folder its sources are relative to. Raises RunpagesError."""
    from mkdocs.config import load_config

    plugin = load_config(str(file)).plugins.get("runpages")
    assert isinstance(plugin, RunpagesPlugin)
    return plugin.options, plugin.base


def _run(settings: MkDocsConfig, report: Report) -> dict[str, Any]:
    """Let MkDocs build; the runs were read before, so that what is wrong with them is said in our words."""
    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    mkdocs_build(settings)
    veil = report.veil if report.veil is not None and report.veil.anonymous else None
    return {**report.summary(), "veil": veil, "cache": report.cache}
