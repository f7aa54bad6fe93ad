"""The house keeps its own rules: who imports whom, how large things are, what is documented."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TREE = Path(__file__).parent.parent
SRC = TREE / "src" / "runpages"
FILES = sorted(SRC.rglob("*.py"))

# room -> rooms of ours it may import; everyone may import errors, model and the package's version
MAY: dict[str, set[str]] = {
    "errors": set(),
    "model": set(),
    "codecs": {"codecs"},
    "readers": {"codecs", "readers"},
    "find": {"readers"},
    "redact": set(),
    "store": {"redact"},
    "media": {"codecs", "thumbnail"},
    "thumbnail": set(),
    "executors": set(),
    "together": {"readers"},
    "audit": set(),
    "choose": set(),
    "veil": {"choose", "config", "gather", "redact", "store"},
    "limits": set(),
    "gather": {"limits", "find", "readers", "redact", "store", "executors", "together"},
    "config": set(),
    "survey": {"find", "gather", "readers", "store", "config"},
    "frames": {"store"},
    "stats": {"frames", "config"},
    "charts": {"charts", "remember"},
    "studies": {"studies", "frames", "stats", "config"},
    "remember": set(),
    "query": set(),
    "views": {
        "frames",
        "stats",
        "charts",
        "studies",
        "views",
        "media",
        "config",
        "remember",
        "query",
        "history",
        "redact",
    },
    "pages": {"views", "pages", "media", "config", "history", "remember"},
    "embed": {"views", "pages", "build"},
    "seal": set(),
    "publish": {"publish", "seal", "redact"},
    "history": {"frames", "stats", "config", "publish"},  # publish knows how to reach a branch
    "gate": {"frames", "stats", "config", "history", "views"},  # of views the numbers' one way of being said
    "testing": {"find", "readers", "together"},
    "build": {
        "survey",
        "gather",
        "frames",
        "views",
        "charts",
        "pages",
        "config",
        "store",
        "media",
        "find",
        "readers",
        "stats",
        "studies",
        "export",
        "redact",
        "remember",
        "runpage",
        "studypage",
        "history",
        "historypage",
        "loggedpages",
        "strictness",
        "gate",
        "veil",
    },
    "strictness": {"config", "gather", "views"},
    "loggedpages": {"config", "frames", "media", "pages", "views"},
    "historypage": {"history", "views", "pages", "config"},
    "studypage": {"config", "frames", "views", "pages", "remember", "studies"},
    "runpage": {"codecs", "config", "frames", "views", "pages", "media", "redact", "remember", "store", "thumbnail"},
    "plugin": {"build", "embed", "config", "gather", "pages"},
    "export": {"frames", "stats", "config", "views", "query"},
    "lock": {"seal"},
    "cli": {
        "audit",
        "lock",
        "redact",
        "veil",
        "survey",
        "views",
        "build",
        "plugin",
        "publish",
        "gate",
        "history",
        "config",
        "export",
        "gather",
        "frames",
        "cli",
        "seal",
        "find",
        "readers",
    },
    "__main__": {"cli"},
    "api": {"build", "config", "export", "frames", "cli"},
    "__init__": {"api", "config", "frames", "readers", "redact", "seal", "testing"},  # the door; loaded when asked for
}
# library -> rooms that may import it
ONLY: dict[str, set[str]] = {
    "pandas": {"codecs", "frames", "stats", "views", "gate", "export"},
    "altair": {"charts"},
    "vl_convert": {"charts", "pages"},
    "mkdocs": {"plugin"},
    "material": set(),
    "jinja2": {"pages", "embed", "plugin"},
    "click": {"cli"},
    "rich": {"cli"},
    "nh3": {"pages"},
    "markdown_it": {"pages"},
    "fsspec": {"publish"},
    "pickle": set(),
    "PIL": {"thumbnail"},
    "pyarrow": {"codecs", "export"},
    "orjson": {"codecs"},
}
KNOWN_EVERYWHERE = {"errors", "model", "__init__"}


def room(path: Path) -> str:
    first = path.relative_to(SRC).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            if node.module == "runpages":
                for alias in node.names:
                    yield node.lineno, f"runpages.{alias.name}"
            else:
                yield node.lineno, node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_follow_the_plan(path: Path) -> None:
    here = room(path)
    for line, name in imports(path):
        top, _, rest = name.partition(".")
        if top == "runpages":
            other = rest.partition(".")[0] or "__init__"
            if other not in KNOWN_EVERYWHERE and other != "__version__":
                assert other in MAY[here] or other == here, f"{path.name}:{line}: {here} may not import {other}"
        elif top in ONLY:
            assert here in ONLY[top], f"{path.name}:{line}: {here} may not import {top}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= (300 if room(path) == "readers" else 400)
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 50, f"{path.name}:{node.lineno}: {node.name} has {length} lines"
            assert len(node.args.posonlyargs + node.args.args) <= 6, (
                f"{path.name}:{node.lineno}: {node.name} takes too many"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_public_names_are_documented(path: Path) -> None:
    module = ast.parse(path.read_text())
    assert ast.get_docstring(module), f"{path.name} has no docstring"
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}:{node.lineno}: {node.name} has no docstring"


def test_names_say_what_a_file_is_for() -> None:
    assert not [path for path in FILES if path.stem in {"utils", "helpers", "common", "misc"}]
    source = "\n".join(path.read_text() for path in FILES)
    assert not re.search(r"^class \w+(Manager|Handler|Mediator)\b", source, re.MULTILINE)


def test_every_reader_file_is_registered() -> None:
    points = tomllib.loads((TREE / "pyproject.toml").read_text())["project"]["entry-points"]["runpages.readers"]
    registered = {value.partition(":")[0].rpartition(".")[2] for value in points.values()}
    files = {path.stem for path in (SRC / "readers").glob("*.py")} - {"__init__", "example"}
    assert registered == files


def test_every_reader_has_a_page() -> None:
    names = {path.stem for path in (SRC / "readers").glob("*.py")} - {"__init__", "example"}
    assert not [name for name in sorted(names) if not (TREE / "docs" / "formats" / f"{name}.md").exists()]


def slugs_in_code() -> set[str]:
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if (
                    name in {"warn", "info", "Note", "note"}
                    or name.endswith("Error")
                    or name in {"BadInputs", "RedactionRefused"}
                ):
                    value = node.args[0].value
                    if isinstance(value, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", value):
                        found.add(value)
    return found


def test_every_message_is_explained() -> None:
    headings = set(re.findall(r"^## ([a-z0-9-]+)$", (TREE / "docs" / "messages.md").read_text(), re.MULTILINE))
    assert slugs_in_code() - headings == set(), "add a heading to docs/messages.md"
    assert headings - slugs_in_code() == set(), "docs/messages.md explains what no code says"


def test_nothing_that_draws_is_loaded_before_a_chart_is_made() -> None:
    program = (
        "import sys, runpages.cli.work, runpages.plugin; sys.exit(sorted({'altair', 'pandas'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"loaded at the start: {done.stderr} (charts take alt from runpages.charts.late)"
