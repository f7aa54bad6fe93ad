"""The gate's result for machines: JSON (and back), JUnit, OpenMetrics, workflow annotations."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, get_args

from runpages.errors import ConfigError
from runpages.gate.decide import Overall, Result, Row, Verdict
from runpages.views import text

ANNOTATIONS = 8  # hosts show ten a step and drop the rest without a word
MOST_ROWS = 20_000
_BAD_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NUMBERS = frozenset("mean base change low high relative p adjusted better visible".split())
_COUNTS = frozenset(("n", "m", "lost"))


def to_json(result: Result) -> str:
    """The result as a JSON object, numbers beyond numbers as words."""
    plain = {"format": 1, "exit_code": 0 if result.passed else 3, **asdict(result)}
    return json.dumps(_plain(plain), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def from_json(content: bytes, where: str) -> Result:
    """A result that may come from anyone: types and sizes are checked, texts are cut. Raises ConfigError."""
    try:
        plain = json.loads(content)
        if plain["format"] != 1 or len(plain["rows"]) > MOST_ROWS:
            raise ValueError("of a newer format, or too large")
        rows = tuple(_row(one) for one in plain["rows"])
        texts: dict[str, Any] = {name: _words(plain[name]) for name in ("baseline", "baseline_commit", "commit")}
        lists: dict[str, Any] = {
            name: tuple(_words(one) for one in plain[name][:500]) for name in ("refused", "gone", "new")
        }
        return Result(
            verdict=_one_of(plain["verdict"], get_args(Overall)),
            passed=plain["passed"] is True,
            rows=rows,
            alpha=float(plain["alpha"]),
            reports=int(plain["reports"]),
            **texts,
            **lists,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ConfigError(
            "check-broken", f"this is no result of `runpages check`: {str(error)[:100]}", where=where,
            hint="write it with runpages check --json FILE",
        ) from error  # fmt: skip


def _row(plain: Mapping[str, Any]) -> Row:
    values: dict[str, Any] = {name: float(plain[name]) for name in _NUMBERS}
    values |= {name: int(plain[name]) for name in _COUNTS}
    values |= {name: tuple(float(one) for one in plain[name][:1000]) for name in ("values", "base_values")}
    values["verdict"] = _one_of(plain["verdict"], get_args(Verdict))
    values["direction"] = _one_of(plain["direction"], ("max", "min", ""))
    values["informational"] = plain["informational"] is True
    values["seeds"] = None if plain["seeds"] is None else int(plain["seeds"])
    values |= {one.name: _words(plain[one.name]) for one in fields(Row) if one.name not in values}
    return Row(**values)


def _words(value: object) -> str:
    return str(value)[:500]


def _one_of(value: Any, options: tuple[Any, ...]) -> Any:
    if value not in options:
        raise ValueError(f"{str(value)[:40]!r} is no verdict")
    return value


def junit(result: Result) -> bytes:
    """The result as JUnit XML: a test per gated metric, skipped where nobody can tell, failed where it is not a pass."""
    rows = [row for row in result.rows if not row.informational]
    suite = ElementTree.Element("testsuite", name="runpages check")
    for row in rows:
        case = ElementTree.SubElement(
            suite, "testcase", classname=_xml(f"runpages.{row.metric}"), name=_xml(_title(row))
        )
        if row.verdict in ("regressed", "missing"):
            ElementTree.SubElement(case, "failure", type=row.verdict, message=_xml(sentence(row)))
        elif row.verdict == "cannot tell":
            ElementTree.SubElement(case, "skipped", message=_xml(sentence(row)))
        ElementTree.SubElement(case, "system-out").text = _xml(sentence(row))
    for what in problems(result):
        case = ElementTree.SubElement(suite, "testcase", classname="runpages.configuration", name=_xml(what[:120]))
        ElementTree.SubElement(case, "failure", type="refused", message=_xml(what))
    failures = len(suite.findall(".//failure"))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall(".//skipped"))))
    content: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _xml(words: str) -> str:
    return _BAD_XML.sub("�", words)


def openmetrics(result: Result) -> str:
    """Both sides' means as OpenMetrics text, as merge request widgets read it."""
    lines = []
    for name, field, told in (
        ("runpages_mean", "mean", "Mean over the runs of this report."),
        ("runpages_baseline_mean", "base", "Mean over the runs of the baseline."),
        ("runpages_change", "change", "This report less the baseline."),
    ):
        lines += [f"# TYPE {name} gauge", f"# HELP {name} {told}"]
        for row in result.rows:
            labels = f'metric="{_label(row.metric)}",configuration="{_label(row.name)}"'
            lines.append(f"{name}{{{labels}}} {_openmetrics(getattr(row, field))}")
    lines += ["# TYPE runpages_passed gauge", "# HELP runpages_passed 1 when the gate passed."]
    return "\n".join([*lines, f"runpages_passed {int(result.passed)}", "# EOF"]) + "\n"


def _label(words: str) -> str:
    kept = re.sub(r"[\x00-\x1f\x7f]", " ", words)
    return kept.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace").decode()


def _openmetrics(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def workflow_commands(result: Result) -> list[str]:
    """Workflow commands for what is not a plain pass: at most 8 lines, the last of which counts the others."""
    told = [("error", "Not comparable", what) for what in problems(result)]
    for level, verdicts in (("error", ("regressed", "missing")), ("warning", ("cannot tell",))):
        rows = [row for row in result.rows if not row.informational and row.verdict in verdicts]
        told += [(level, f"{row.metric}: {row.verdict}", sentence(row)) for row in rows]
    lines = [f"::{level} title={_property(title)}::{_data(what)}" for level, title, what in told]
    if len(lines) > ANNOTATIONS:
        left = len(lines) - ANNOTATIONS + 1
        lines = [*lines[: ANNOTATIONS - 1], f"::{told[-1][0]} title=runpages check::and {left} more"]
    return lines


def _data(words: str) -> str:
    words = words.encode("utf-8", "replace").decode()[:1000]
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def problems(result: Result) -> Iterator[str]:
    """What keeps the two sides from being compared, in sentences."""
    for what in result.refused:
        yield f"the configuration differs: {what}"
    for what in result.gone:
        yield f"a configuration of the baseline is missing: {what or 'the only one'}"
    if not result.rows and not result.refused and not result.gone:
        yield "there is nothing to compare"


def _title(row: Row) -> str:
    return f"{row.metric} ({row.name})" if row.name else row.metric


def sentence(row: Row) -> str:
    """A row in words: `val/accuracy: regressed, 0.972 → 0.951 (−2.2 %), 6 and 18 runs, p 0.002`."""
    parts = [f"{_title(row)}: {row.verdict}"]
    if math.isfinite(row.mean) and math.isfinite(row.base):
        parts.append(f"{text.number(row.base)} → {text.number(row.mean)} ({percent(row.relative)})")
    parts.append(f"{row.m} and {text.plural(row.n, 'run')}")
    if row.method not in ("no values", "no spread known"):
        parts.append(f"p {text.number(row.adjusted)} by {row.method}")
    if row.note:
        parts.append(row.note)
    if row.verdict == "cannot tell" and row.seeds:
        parts.append(
            f"it would take {'at least ' if row.method == 'no spread known' else 'about '}{row.seeds} seeds a side"
        )
    return ", ".join(parts)


def percent(share: float) -> str:
    """`+1.3 %`, `−2.2 %`; "–" when the baseline is 0."""
    if not math.isfinite(share):
        return text.NONE
    shown = text.number(float(f"{100 * share:.2g}")) if abs(share) < 1 else text.number(float(round(100 * share)))
    return f"{'+' if share > 0 else ''}{shown} %"
