"""What each profile shows of a run: `private` all, `public` an allow-list, `anonymous` public without names.

A `Veil` is the further pass behind `redact_run`. What it hides is empty or gone, what it replaces says what stood there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from runpages.errors import Note
from runpages.model import Artifact, Code, Head, Run, Scalar, Series, Source, Study, series_label
from runpages.redact.identity import Identities, event_host, forge_parts, says
from runpages.redact.places import hide_in_name, hide_places

# what a tracker itself writes among the tags, and what of that anyone may see
SYSTEM = ("mlflow.", "wandb.", "sys/", "clearml.", "dvc.", "git.", "_", "system.", "env.", "environ.", "slurm", "SLURM")
SYSTEM_SHOWN = frozenset(
    ("mlflow.runName", "mlflow.source.type", "mlflow.note.content", "mlflow.parentRunId", "sys/tags")
)
# files that are logs, command lines, environments, patches or source under another name
_PRIVATE_FILES = (
    "*.log *.patch *.diff *.out *.err *metadata*.json *.py *.ipynb *.sh *.env .env* *stdout* *stderr* *output* "
    "*requirements*.txt conda*.y*ml *environment*.y*ml pip*.txt hydra.y*ml overrides.y*ml python_env.y*ml mlmodel "
    "launcher.y*ml *.toml *.cfg *.ini *.pem *.key *git*"
).split()
_SHOWN_KINDS = ("image", "audio", "video", "text", "table", "figure", "histogram", "curve", "html")
_FORGES = frozenset(("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "huggingface.co"))


@dataclass(frozen=True)
class Veil:
    """A profile at work on one report. `show` and `hide` are patterns of fields: `log`, `tags.team`, `environment.*`."""

    profile: str
    names: Identities
    show: Sequence[str] = ()
    hide: Sequence[str] = ()
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def fingerprint(self) -> str:
        """A hash over all that decides what is hidden: what was made under another one is made again."""
        words = sorted((name, one.word) for name, one in self.names.known.items())
        return hashlib.sha256(
            repr((self.profile, words, tuple(self.show), tuple(self.hide))).encode("utf-8", "replace")
        ).hexdigest()

    @property
    def anonymous(self) -> bool:
        """Whether names of people, teams and repositories get other words."""
        return self.profile == "anonymous"

    def text(self, text: str) -> str:
        """A text without addresses, places and known names."""
        return self.names.replaced(hide_places(text, self.counts)) if text else text

    def name(self, name: str) -> str:
        """A metric's, param's or file's name without addresses, places and known names."""
        return self.names.replaced(hide_in_name(name, self.counts)) if name else name

    def shown(self, where: str) -> bool:
        """Whether a field was named to be shown."""
        return any(fnmatchcase(where, pattern) for pattern in self.show)

    def hidden(self, where: str) -> bool:
        """Whether a field was named to be hidden."""
        return any(fnmatchcase(where, pattern) for pattern in self.hide)

    def run(self, run: Run) -> Run:
        """The run as the profile shows it."""
        texts: dict[str, Any] = {
            name: "" if self.hidden(name) else self.text(getattr(run, name)) for name in ("name", "reason", "notes")
        }
        texts["group"] = "" if self.hidden("group") else self.text(self._unowned(run))
        return replace(
            run,
            id=self.identity(run.id),
            parent=self.identity(run.parent),
            source=self.name(run.source),
            user=self._person(run.user),
            host=run.host if self.shown("host") else "",
            params=self._params("params", run.params),
            results=self._params("results", run.results),
            tags=self._tags(run.tags),
            environment={
                key: self._value(value) for key, value in run.environment.items() if self._named("environment", key)
            },
            links={self.name(key): value for key, value in run.links.items() if self._named("links", key)},
            log=self._optional("log", run.log),
            code=self._code(run.code),
            series=self._series(run.series),
            artifacts=tuple(self._artifact(one) for one in run.artifacts if self._showable(one)),
            study=self._study(run.study),
            **texts,
        )

    def head(self, head: Head) -> Head:
        """The head of a run as the profile shows it."""
        labels = {label: self.name(label) for label in head.stats if not self.hidden(f"metrics.{label}")}
        stats = {name: head.stats[label] for label, name in _distinct(labels).items()}
        steps = {name: head.step_names[label] for label, name in _distinct(labels).items() if label in head.step_names}
        return Head(self.run(head.run), stats, steps, head.root)

    def note(self, note: Note) -> Note:
        """A note as the profile shows it: notes quote what they are about."""
        texts: dict[str, Any] = {name: self.text(getattr(note, name)) for name in ("what", "where", "kept", "hint")}
        return replace(note, run=self.identity(note.run), **texts)

    def source(self, source: Source) -> Source:
        """Where a run was read from, as a page may say it."""
        files = tuple(self._place(path, source.root) for path in source.files)
        return replace(source, key=self.name(source.key), files=files)

    def identity(self, text: str) -> str:
        """An id stays one of its kind when a name in it is replaced."""
        clean = self.name(text)
        if clean == text:
            return text
        return f"{clean}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"

    def _unowned(self, run: Run) -> str:
        """The group; `OWNER/PROJECT` is of the run's own user, even where that is a word of everyday use."""
        owner, slash, project = run.group.partition("/")
        own = slash and owner == run.user and not self.shown("user")
        return f"{self.names.word(owner)}/{project}" if own else run.group

    def _place(self, path: Path, root: Path) -> Path:
        """A file below the root with every folder on the way renamed: trackers name folders after accounts and projects."""
        if not path.is_relative_to(root):
            return path.with_name(self._file(path.name))
        return root.joinpath(*(self._file(part) for part in path.relative_to(root).parts))

    def _file(self, name: str) -> str:
        host = event_host(name)
        return self.name(name.replace(host, "host") if host else name) or "file"

    def _person(self, user: str) -> str:
        if self.shown("user"):
            return user
        return self.names.word(user) if self.anonymous else ""

    def _optional(self, where: str, text: str) -> str:
        return self.text(text) if self.shown(where) and not self.hidden(where) else ""

    def _named(self, room: str, key: str) -> bool:
        named = self.shown(room) or self.shown(f"{room}.{key}")
        return named and not self.hidden(f"{room}.{key}")

    def _value(self, value: Scalar) -> Scalar:
        return self.text(value) if isinstance(value, str) else value

    def _params(self, room: str, mapping: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Params keep their names; a value under the name of a person, machine or command is replaced."""
        clean: dict[str, Scalar] = {}
        kept = {key: self.name(key) for key in mapping if not self.hidden(f"{room}.{key}")}
        for key, name in _distinct(kept).items():
            value, sort = mapping[key], says(key)
            if self.shown(f"{room}.{key}"):
                clean[name] = value
            elif isinstance(value, str) and sort and (sort in ("user", "host", "command") or self.anonymous):
                clean[name] = self.names.word(value) or f"[{sort}]" if value else value
            else:
                clean[name] = self._value(value)
        return clean

    def _tags(self, tags: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Tags that people gave; of a tracker's own only those on the list."""

        def open_(key: str) -> bool:
            system = key.startswith(SYSTEM) and key not in SYSTEM_SHOWN
            link = str(tags[key]).lstrip().startswith(("http://", "https://"))
            return not system and not link and says(key) is None

        kept = {key: value for key, value in tags.items() if self.shown(f"tags.{key}") or open_(key)}
        return self._params("tags", kept)

    def _code(self, code: Code) -> Code:
        repository = self._repository(code.repository)
        return Code(
            repository=repository,
            commit=code.commit if not self.anonymous and not self.hidden("code.commit") else "",
            branch="" if self.hidden("code.branch") else self.text(code.branch),
            dirty=code.dirty,
            patch=self._optional("code.patch", code.patch),
            entry_point="" if self.hidden("code.entry_point") else self.text(code.entry_point),
            command=self._optional("code.command", code.command),
        )

    def _repository(self, repository: str) -> str:
        """A public forge's address, without account or port; a folder or an inner host is not shown."""
        if not repository or self.hidden("code.repository"):
            return ""
        host, owner, name = forge_parts(repository)
        if self.anonymous:
            return self.names.word(name)
        address = f"https://{host}/{owner}/{name}"
        return address if host in _FORGES and self.text(address) == address else ""

    def _series(self, series: Sequence[Series]) -> tuple[Series, ...]:
        taken: set[str] = set()
        return tuple(self._one_series(one, taken) for one in series if not self.hidden(f"metrics.{one.label}"))

    def _one_series(self, series: Series, taken: set[str]) -> Series:
        name, context = self.name(series.name), {key: self.name(value) for key, value in series.context.items()}
        if self.name(series.label) != series_label(name, context):
            name, context = self.name(series.label), {}
        while series_label(name, context) in taken:
            name += "~"
        taken.add(series_label(name, context))
        same = name == series.name and context == dict(series.context)
        return series if same else replace(series, name=name, context=context)

    def _showable(self, artifact: Artifact) -> bool:
        name = artifact.name or artifact.path
        if self.hidden(f"artifacts.{name}"):
            return False
        if self.shown(f"artifacts.{name}") or self.shown("artifacts"):
            return True
        last = [Path(one).name.lower() for one in (name, artifact.path, artifact.member) if one]
        private = any(fnmatchcase(one, pattern) for one in last for pattern in _PRIVATE_FILES)
        return artifact.kind in _SHOWN_KINDS and not (private and artifact.kind in ("text", "html", "table"))

    def _artifact(self, artifact: Artifact) -> Artifact:
        data, size = artifact.data, artifact.size
        if data is not None and artifact.kind not in ("image", "audio", "video"):
            data = self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            size = len(data) if size == len(artifact.data or b"") else size
        texts: dict[str, Any] = {
            "name": self.name(artifact.name),
            "key": self.name(artifact.key),
            "caption": self.text(artifact.caption),
        }
        return replace(artifact, data=data, size=size, **texts)

    def _study(self, study: Study) -> Study:
        space: dict[str, dict[str, Any]] = {
            self.name(name): {
                key: [self._value(one) for one in drawn] if isinstance(drawn, list | tuple) else drawn
                for key, drawn in spread.items()
            }
            for name, spread in study.space.items()
            if not self.hidden(f"params.{name}")
        }
        directions = {self.name(label): which for label, which in study.directions.items()}
        texts: dict[str, Any] = {name: self.text(getattr(study, name)) for name in ("name", "sampler", "pruner")}
        return replace(study, space=space, directions=directions, **texts)


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    """The new names, made different where two became equal."""
    taken: set[str] = set()
    clean: dict[str, str] = {}
    for old, new in names.items():
        while new in taken:
            new += "~"
        taken.add(new)
        clean[old] = new
    return clean
