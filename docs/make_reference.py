"""Writes docs/reference out of the code: `python docs/make_reference.py`. A test compares; what is stale fails it."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

import runpages
from runpages.cli import main as command
from runpages.config import Config
from runpages.readers import installed

HERE = Path(__file__).parent / "reference"


def cli() -> str:
    """The command line's own help, command by command."""
    parts = ["# The command line\n", "`python -m runpages` is the same program.\n", _help(command, "runpages")]
    for name, one in sorted(command.commands.items()):
        parts.append(f"## {name}\n\n{_help(one, f'runpages {name}')}")
    return "\n".join(parts)


def _help(one: click.Command, name: str) -> str:
    with click.Context(one, info_name=name, max_content_width=100, terminal_width=100) as context:
        return f"```text\n{one.get_help(context)}\n```\n"


def options() -> str:
    """Every option of a report with its default."""
    lines = [
        "# Options\n",
        "In `mkdocs.yml` below `plugins: - runpages:`; many are also flags of `runpages build`.\n",
        f"{inspect.cleandoc(Config.__doc__ or '')}\n",
        "| option | type | default |\n|---|---|---|",
    ]
    lines += [
        f"| `{one.name}` | {_code(one.type)} | {_code(repr(_default(one)))} |" for one in dataclasses.fields(Config)
    ]
    return "\n".join(lines) + "\n"


def _default(one: dataclasses.Field[object]) -> object:
    return one.default if one.default_factory is dataclasses.MISSING else one.default_factory()


def _code(text: object) -> str:
    return f"`{str(text).replace('|', chr(92) + '|')}`"


def python() -> str:
    """Every public name with its signature and its docstring."""
    parts = ["# Python\n", f"{inspect.cleandoc(runpages.__doc__ or '')}\n"]
    for name in runpages.__all__:
        value = getattr(runpages, name)
        if not callable(value) or not getattr(value, "__doc__", None) or not hasattr(value, "__module__"):
            parts.append(f"## {name}\n\n`{_plain(value)}`\n")
            continue
        parts.append(f"## {name}\n\n```python\n{_signature(name, value)}\n```\n\n{_paragraphs(value.__doc__)}\n")
        parts += [f"- `{method}`: {_first(doc)}" for method, doc in _methods(value)]
        parts.append("")
    return "\n".join(parts)


def _plain(value: object) -> str:
    return re.sub(r"\btyping\.", "", str(value))


def _signature(name: str, value: object) -> str:
    try:
        text = str(inspect.signature(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        text = ""
    text = re.sub(r"(: |-> |\[)'([^']*)'", r"\1\2", text)  # annotations are texts, defaults stay in quotes
    text = re.sub(r"<factory>|<[\w.]+ object at 0x[0-9a-f]+>|PosixPath\('\.'\)", "...", text)
    return f"{'class ' if inspect.isclass(value) else ''}{name}{text}"


def _paragraphs(doc: str) -> str:
    return inspect.cleandoc(doc)


def _methods(value: object) -> Iterator[tuple[str, str]]:
    if not inspect.isclass(value):
        return
    for name, one in vars(value).items():
        doc = getattr(one, "__doc__", None)
        if (
            not name.startswith("_")
            and doc
            and (inspect.isfunction(one) or hasattr(one, "func") or isinstance(one, property))
        ):
            yield name, doc


def _first(doc: str) -> str:
    return " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())


def readers() -> str:
    """What can be read, from which versions."""
    lines = ["# Readers\n", "| reader | reads |\n|---|---|"]
    lines += [f"| [{one.title}](../formats/{name}.md) | {one.reads} |" for name, one in installed().readers.items()]
    return "\n".join(lines) + "\n"


PAGES = {"cli.md": cli, "options.md": options, "python.md": python, "readers.md": readers}


def main() -> None:
    """Write every page, into docs/reference or the folder that is named."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else HERE
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
