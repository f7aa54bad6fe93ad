"""What `check` and `summary` do, apart from how they are called."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml

from runpages.build import open_report
from runpages.config import Config, from_mapping
from runpages.errors import ConfigError, TargetError
from runpages.export import record
from runpages.gate import Result, Rules, Side, check, rules_from
from runpages.gate.baseline import is_site, resolve, site_side
from runpages.gate.markdown import comment as as_comment
from runpages.gate.markdown import summary
from runpages.gate.outputs import from_json, junit, openmetrics, problems, sentence, to_json, workflow_commands
from runpages.gate.records import records_of
from runpages.history.numbers import commit_of
from runpages.publish.comment import head_of, post_comment, thread_from

MOST = 20_000_000  # bytes of a result that is read
MARKS = {"improved": "▲", "regressed": "▼", "within noise": "≈", "cannot tell": "?", "missing": "✗", "refused": "✗"}


def checked(sources: Sequence[Path], given: Mapping[str, Any]) -> Result:
    """The gate's result for the sources against the baseline that was named, here or in the rules. Raises RunpagesError."""
    config, base = _config(sources)
    rules = _rules(config, base, given)
    one = _side(sources, config, base, given.get("commit") or config.commit)
    where = given.get("baseline") or rules.baseline
    one, baseline = resolve(where, one, rules, config, base)
    return check(one, baseline, rules, config)


def _config(sources: Sequence[Path]) -> tuple[Config, Path]:
    """The options of the mkdocs.yml here when it names our plugin; the command line's sources in place of its own."""
    from runpages.cli.work import _has_plugin
    from runpages.plugin import configured

    if _has_plugin(Path("mkdocs.yml")) and not sources:
        return configured(Path("mkdocs.yml"))
    raw: dict[str, Any] = {"sources": [str(path) for path in sources]}
    if Path("runpages.toml").is_file():
        raw = {**_file(Path("runpages.toml")), **({"sources": raw["sources"]} if sources else {})}
    return from_mapping(raw, "runpages.toml" if Path("runpages.toml").is_file() else "command line"), Path.cwd()


def _rules(config: Config, base: Path, given: Mapping[str, Any]) -> Rules:
    raw = dict(config.gate)
    where = "gate"
    if given.get("rules"):
        where = str(given["rules"])
        raw = _file(base / given["rules"])
        raw = raw["gate"] if isinstance(raw.get("gate"), dict) else raw
    if given.get("metrics"):
        kept = raw.get("metrics") if isinstance(raw.get("metrics"), dict) else {}
        raw["metrics"] = {name: (kept or {}).get(name, {}) for name in given["metrics"]}
    if given.get("axes"):
        raw["axes"] = list(given["axes"])
    if given.get("min_runs"):
        raw["minimum_runs"] = given["min_runs"]
    return rules_from(raw, where)


def _file(path: Path) -> dict[str, Any]:
    try:
        content = path.read_text(encoding="utf-8")
        plain = tomllib.loads(content) if path.suffix == ".toml" else yaml.safe_load(content)
        if not isinstance(plain, dict):
            raise ValueError("it holds no mapping")
        return plain
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        why = " ".join(str(error).split())[:200]
        raise ConfigError(
            "gate-file", f"the rules cannot be read: {why}", where=str(path), hint="a YAML or TOML file with `metrics`"
        ) from error


def _side(sources: Sequence[Path], config: Config, base: Path, commit: str) -> Side:
    if len(sources) == 1 and is_site(sources[0]):
        side = site_side(sources[0])
        return Side(side.runs, side.source, commit or side.commit)
    report = open_report(config, base)
    try:
        runs = records_of(record(member) for member in report.runs.members)
        return Side(runs, "these runs", commit or commit_of(report.runs))
    finally:
        report.close()


def read(path: Path) -> Result:
    """A result that may have been written by anyone. Raises ConfigError."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST + 1)
    except OSError as error:
        hint = "write it with runpages check --json FILE"
        raise ConfigError("check-broken", f"{error.strerror}", where=str(path), hint=hint) from error
    if len(content) > MOST:
        raise ConfigError("check-broken", "the result is larger than is read (20 MB)", where=str(path))
    return from_json(content, str(path))


def write(result: Result, files: Mapping[str, str | None]) -> None:
    """The result in every format that was asked for."""
    made = {"json": lambda: to_json(result).encode("utf-8", "backslashreplace"), "junit": lambda: junit(result)}
    made["openmetrics"] = lambda: openmetrics(result).encode()
    for name, target in files.items():
        if target == "-":
            import sys

            sys.stdout.buffer.write(made[name]())
        elif target:
            _write(Path(target), made[name]())


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise TargetError(
            "result-unwritable",
            f"{error.strerror}",
            where=str(path),
            hint="name a file in a folder that can be written",
        ) from error


def append(path: Path, words: str) -> None:
    """Add the Markdown to a file: a job's summary may hold other steps' words."""
    before = path.read_bytes() if path.is_file() else b""
    _write(path, before + words.encode("utf-8", "replace"))


def markdown(result: Result, given: Mapping[str, Any]) -> str:
    """The Markdown for a job's summary."""
    return summary(result, url=given["url"], title=given["title"])


def comment(result: Result, given: Mapping[str, Any], environment: Mapping[str, str]) -> Literal["edited", "posted"]:
    """Write the verdict to the request of this job. Raises TargetError."""
    thread = thread_from(environment, given["pull_request"])
    if given["expect_head"] and head_of(thread) != given["expect_head"]:
        raise TargetError(
            "comment-stale", "the request is at another commit", where=f"request {thread.number}", kept="no comment was written",
            hint="its newer job will comment; a number out of a fork's artifact may be wrong as well",
        )  # fmt: skip
    return post_comment(thread, as_comment(result, url=given["url"], title=given["title"]), given["mark"])


def commands(result: Result) -> list[str]:
    """The result as workflow commands of a job."""
    return workflow_commands(result)


def lines(result: Result) -> Iterator[str]:
    """The result for a terminal: a line per row, the gated first, then what was refused, then the verdict."""
    for row in result.rows:
        yield f"  {MARKS[row.verdict]} {_plain(sentence(row))}{' (for information)' if row.informational else ''}"
    for what in problems(result):
        yield f"  ✗ {_plain(what)}"
    against = f" against {_plain(result.baseline)}" if result.baseline else ""
    yield f"  {result.verdict}{against}: {'passed' if result.passed else 'failed'}"


def _plain(words: str) -> str:
    from runpages.views.run_text import plain_line

    return plain_line(words).encode("utf-8", "replace").decode()
