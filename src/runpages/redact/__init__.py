"""Takes secrets and home folders out of a run before anything is stored, and looks for secrets in finished files.

A secret is known by its shape (a vendor's published token format) or by the name it stands under, never by its
entropy alone: commits, hashes, ids and checkpoint names stay readable. What is taken out leaves `[secret RULE]`;
a home folder becomes `~`. A pass is any `(Run, Counter) -> Run`; `redact_run` is the one that always runs, and
profiles that hide more are further passes behind it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from runpages.errors import Note
from runpages.model import Artifact, Run, Scalar, Series, Study
from runpages.redact.names import ASSIGNED_LITERALS, assigned, secret_key, secret_value
from runpages.redact.tokens import RULES, Finding, Rule, published_example, rules_for, scan_bytes, scan_text

__all__ = ["Finding", "Pass", "redact_note", "redact_run", "redact_text", "scan_bytes", "scan_text"]

Pass = Callable[[Run, "Counter[str]"], Run]

_MOUNTS = r"(?:/(?:mnt|nfs|data|cluster|gpfs|lustre|export|net|srv|var|vol\d*|storage|work|scratch|usr|[a-z]))*"
_HOME = re.compile(
    r"(?:(?P<scheme>\b(?:file|sftp|scp|(?:git\+)?ssh)://[^/\s]*)|(?<![\w.~-])(?<!:/))"
    + _MOUNTS
    + r"/(?:home|Users)/[^/\\\s\"'`<>|:;,()\[\]{}=&?#*]+(?<![.!])"
    r"|(?<![A-Za-z])(?:\\\\\?\\)?[A-Za-z]:(?:\\{1,4}|/)Users(?:\\{1,4}|/)"
    r"(?:[^\\/:*?\"<>|\r\n]{1,40}(?=[\\/])|[^\\/:*?\"<>|\s,;)]+)"
)


def redact_text(text: str, counts: Counter[str]) -> str:
    """The text with every secret replaced and home folders as `~`; `counts` grows by rule ("home-path" among them)."""
    return _Scope(counts, tuple(rules_for(text))).text(text)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is looked for in the texts of one run: the rules that can match anywhere in it, found once for all."""

    counts: Counter[str]
    rules: tuple[Rule, ...]

    def text(self, text: str) -> str:
        for rule in self.rules:
            if any(literal in text for literal in rule.literals):
                text = _replace(rule, text, self.counts)
        lower = text.lower()
        if any(literal in lower for literal in ASSIGNED_LITERALS):
            text = _replace_assigned(text, self.counts)
        if "/home/" in text or "users" in lower:
            text, found = _HOME.subn(lambda match: (match["scheme"] or "") + "~", text)
            if found:
                self.counts["home-path"] += found
        return text

    def aside(self) -> _Scope:
        """The same search, its findings not counted: for texts that were counted elsewhere."""
        return replace(self, counts=Counter())


def _replace(rule: Rule, text: str, counts: Counter[str]) -> str:
    def placeholder(match: re.Match[str]) -> str:
        if published_example(match.group()):
            return match.group()
        counts[rule.name] += 1
        kept = match["keep"] if keeps else ""
        return f"{kept}[secret {rule.name}]"

    keeps = "keep" in rule.pattern.groupindex
    return rule.pattern.sub(placeholder, text)


def _replace_assigned(text: str, counts: Counter[str]) -> str:
    """Replace values that follow a telling name: `API_KEY=...`, `"password": "..."`, `--token ...`, `Bearer ...`."""
    parts: list[str] = []
    done = 0
    for kind, start, end in assigned(text):
        counts[kind] += 1
        parts += [text[done:start], f"[secret {kind}]"]
        done = end
    return "".join([*parts, text[done:]]) if parts else text


def redact_run(run: Run, counts: Counter[str]) -> Run:
    """The run without secrets and home folders, the very same object when nothing looks like one; `counts` grows.

    Looked at: every text of the run, its names and keys included. Artifact.path stays, it is a place on this
    machine that no page shows.
    """
    scope = _scope(run, counts)
    if scope is None:
        return run
    return replace(
        run,
        **_redacted(run, _TEXTS, scope),
        id=_identity(run.id, scope),
        parent=_identity(run.parent, scope.aside()),
        params=_mapping(run.params, scope),
        results=_mapping(run.results, scope),
        tags=_mapping(run.tags, scope),
        environment=_mapping(run.environment, scope),
        links={scope.text(key): scope.text(value) for key, value in run.links.items()},
        series=tuple(_series(one, scope) for one in run.series),
        artifacts=tuple(_artifact(one, scope) for one in run.artifacts),
        code=replace(run.code, **_redacted(run.code, _CODE_TEXTS, scope)),
        study=_study(run.study, scope),
    )


def _redacted(value: Any, names: Iterable[str], scope: _Scope) -> dict[str, Any]:
    return {name: scope.text(getattr(value, name)) for name in names}


_TEXTS = ("name", "source", "group", "reason", "user", "host", "notes", "log")
_STUDY_TEXTS = ("name", "sampler", "pruner")
_CODE_TEXTS = ("repository", "commit", "branch", "patch", "entry_point", "command")


def _scope(run: Run, counts: Counter[str]) -> _Scope | None:
    """What to look for, out of one look over all texts joined; None when nothing can be found."""
    mappings = (run.params, run.results, run.tags, run.environment)
    text = "\n".join(_texts(run, mappings))
    rules = tuple(rules_for(text))
    telling = any(secret_key(key) for mapping in mappings for key in mapping)
    lower = text.lower()
    if rules or telling or "/home/" in text or "users" in lower:
        return _Scope(counts, rules)
    if any(literal in lower for literal in ASSIGNED_LITERALS) and next(assigned(text), None):
        return _Scope(counts, rules)
    return None


def _texts(run: Run, mappings: Iterable[Mapping[str, Scalar]]) -> Iterator[str]:
    yield from (run.id, run.parent)
    yield from (getattr(run, name) for name in _TEXTS)
    yield from (getattr(run.code, name) for name in _CODE_TEXTS)
    yield from (getattr(run.study, name) for name in _STUDY_TEXTS)
    yield from (one for drawn in run.study.space.values() for one in drawn.get("choices", ()) if type(one) is str)
    for mapping in (*mappings, run.links):
        yield from mapping
        yield from (value for value in mapping.values() if type(value) is str)
    for series in run.series:
        yield series.name
        yield from series.context.values()
    for one in run.artifacts:
        yield from (one.name, one.key, one.caption)
        if one.data is not None and _is_text(one):
            yield one.data.decode("utf-8", "surrogateescape")


def _identity(text: str, scope: _Scope) -> str:
    """An id stays one of its kind: two ids that differ only in the secret must not become equal."""
    clean = scope.text(text)
    return clean if clean == text else f"{clean}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _mapping(mapping: Mapping[str, Scalar], scope: _Scope) -> dict[str, Scalar]:
    clean: dict[str, Scalar] = {}
    for key, value in mapping.items():
        name = scope.text(key)
        clean[_identity(key, scope.aside()) if name in clean else name] = _value(key, value, scope)
    return clean


def _value(key: str, value: Scalar, scope: _Scope) -> Scalar:
    shaped = scope.text(value) if isinstance(value, str) else value
    kind = secret_key(key)
    if not kind or not secret_value(kind, shaped) or (isinstance(shaped, str) and "[secret " in shaped):
        return shaped
    scope.counts[kind] += 1
    return f"[secret {kind}]"


def _series(series: Series, scope: _Scope) -> Series:
    name = scope.text(series.name)
    context = {key: scope.text(value) for key, value in series.context.items()}
    same = name == series.name and context == series.context
    return series if same else replace(series, name=name, context=context)


def _study(study: Study, scope: _Scope) -> Study:
    """Its names as the run's own params and metrics are called now; choices under a telling name are values too."""
    space = {
        scope.aside().text(name): {
            key: [_value(name, one, scope.aside()) for one in drawn] if isinstance(drawn, list) else drawn
            for key, drawn in spread.items()
        }
        for name, spread in study.space.items()
    }
    directions = {scope.aside().text(name): which for name, which in study.directions.items()}
    return replace(study, **_redacted(study, _STUDY_TEXTS, scope), space=space, directions=directions)


def _is_text(artifact: Artifact) -> bool:
    return artifact.kind in ("text", "table", "figure", "html", "file") or artifact.media_type.startswith("text/")


def _artifact(artifact: Artifact, scope: _Scope) -> Artifact:
    data, size = artifact.data, artifact.size
    if data is not None and _is_text(artifact):
        text = data.decode("utf-8", "surrogateescape")
        data = scope.text(text).encode("utf-8", "surrogateescape")
        size = len(data) if size == len(artifact.data or b"") else size
    return replace(artifact, data=data, size=size, **_redacted(artifact, ("name", "key", "caption"), scope))


def redact_note(note: Note, counts: Counter[str]) -> Note:
    """A note without secrets and home folders: notes quote what they are about."""
    names = ("what", "where", "kept", "hint")
    return replace(note, **_redacted(note, names, _Scope(counts, RULES)))
