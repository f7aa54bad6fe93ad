"""What a DVC project names: params, metrics, plots, outputs and commands out of dvc.yaml and dvc.lock, templates resolved."""

from __future__ import annotations

import itertools
import posixpath
import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from runpages.codecs import jsontext, yamltext
from runpages.codecs.dvc_plots import Plot
from runpages.errors import Notes

MAX_STAGES = 1_000
PARAMS = "params.yaml"
PLACEHOLDER = re.compile(r"\$\{\s*([^{}]{1,200}?)\s*\}")
LIVE = re.compile(r"(?:(.*)/)?plots/metrics/.+\.tsv")


class Unreadable(Exception):
    """A file of a tree that is absent, damaged or too large."""


class Absent(Unreadable):
    """An output that was never made, or that neither git nor the cache holds."""


@dataclass(frozen=True)
class Tree:
    """Files of a commit or of a folder: POSIX path to a word that changes with the content, and how to get the bytes.

    `read` raises Unreadable and nothing else.
    """

    names: Mapping[str, str]
    read: Callable[[str], bytes]

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.names)

    def below(self, path: str) -> list[str]:
        """The file itself, or every file below the folder, sorted."""
        if path in self.names or not path:
            return [path] if path else self._sorted
        first = bisect_left(self._sorted, f"{path}/")
        return self._sorted[first : bisect_left(self._sorted, f"{path}0")]  # "0" comes after "/"


@dataclass(frozen=True, slots=True)
class Out:
    """An output or a dependency: its path, what dvc.lock knows of it (`stages`), and what `artifacts:` says about it."""

    path: str
    md5: str = ""
    size: int | None = None
    name: str = ""
    kind: str = ""
    desc: str = ""
    stages: str = ""


@dataclass(slots=True)
class Project:
    """All that the dvc.yaml files of a project name, as paths in the tree. `params`: file to keys, None for all of them."""

    root: str
    params: dict[str, list[str] | None] = field(default_factory=dict)
    metrics: list[str] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    outs: dict[str, Out] = field(default_factory=dict)
    deps: dict[str, Out] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    lives: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    stages: int = 0
    broken: bool = False

    def files(self, tree: Tree) -> dict[str, str]:
        """Every data file that makes a run of this project, with its changing word: equal means the same run."""
        plots = [file for plot in self.plots for file, _ in plot.sources]
        wanted = [*self.params, *self.metrics, *plots, *self.lives, *self.logs]
        if any(name not in tree.names for name in self.metrics):  # kept in the cache: the lock says when they change
            wanted += self.locks
        return {name: tree.names[name] for path in dict.fromkeys(wanted) for name in tree.below(path)}


def roots(tree: Tree) -> list[str]:
    """Folders of the projects in a tree: those with `.dvc/config`, else the top if something of DVC is in it."""
    found = [name.removesuffix(".dvc/config").rstrip("/") for name in tree.names if f"/{name}".endswith("/.dvc/config")]
    if not found and any(posixpath.basename(name) == "dvc.yaml" or LIVE.fullmatch(name) for name in tree.names):
        return [""]
    return sorted(found)


def load(tree: Tree, root: str, notes: Notes, others: tuple[str, ...] = ()) -> Project:
    """The project at `root`; a dvc.yaml that does not parse is noted and only its own names are lost."""
    project = Project(root)
    mine = [
        name
        for name in tree.names
        if _below(name, root) and not any(_below(name, o) for o in others if o != root and _below(o, root))
    ]
    for name in sorted(mine, key=lambda name: (name.count("/"), name)):
        if posixpath.basename(name) == "dvc.yaml":
            _Pipeline(tree, project, posixpath.dirname(name), notes).read(name)
        elif posixpath.basename(name) == "dvc.lock":
            project.locks.append(name)
    top = _join(root, PARAMS)
    if top in tree.names:
        project.params.pop(top, None)
        project.params = {top: None, **project.params}
    for live in sorted({match[1] or "" for name in mine if (match := LIVE.fullmatch(name))}):
        _live(tree, project, live)
    log = _join(root, "metrics.csv")  # DagsHub's logger writes it at the top of the project
    if log in tree.names and log not in project.metrics:
        project.logs.append(log)
        project.params |= {_join(root, name): None for name in ("params.yml",) if _join(root, name) in tree.names}
    return project


def _below(name: str, root: str) -> bool:
    return not root or name == root or name.startswith(f"{root}/")


def _join(*parts: str) -> str:
    """A path of the tree; one that leaves the tree keeps its dots and so names nothing."""
    joined = posixpath.normpath(posixpath.join("", *parts)) if any(parts) else ""
    return "" if joined == "." else joined


def _live(tree: Tree, project: Project, live: str) -> None:
    """A DVCLive folder's own files, where no dvc.yaml names them."""
    for name, wanted in ((_join(live, PARAMS), project.params), (_join(live, "metrics.json"), None)):
        if name in tree.names and wanted is not None:
            wanted.setdefault(name, None)
        elif name in tree.names and name not in project.metrics:
            project.metrics.append(name)
    project.lives.append(_join(live, "plots"))


def read_data(tree: Tree, name: str, notes: Notes) -> Any:
    """A params or metrics file as plain values. Raises Unreadable, also when it does not parse."""
    data = tree.read(name)
    try:
        suffix = posixpath.splitext(name)[1].lower()
        if suffix == ".json":
            return jsontext.load(data, notes, name)
        if suffix == ".toml":
            return tomllib.loads(data.decode())
        if suffix == ".py":
            raise Unreadable("parameters in a Python file are not read")
        return yamltext.load(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"does not parse: {error}"[:300]) from None


class _Pipeline:
    """One dvc.yaml in its folder."""

    def __init__(self, tree: Tree, project: Project, folder: str, notes: Notes) -> None:
        self.tree, self.project, self.folder, self.notes = tree, project, folder, notes
        self.context: dict[str, Any] = {}

    def read(self, name: str) -> None:
        """Add what the file names to the project."""
        try:
            value = read_data(self.tree, name, self.notes)
        except Unreadable as error:
            self.project.broken = True
            self.notes.warn("dvc-yaml", str(error), where=name, kept="files it would have named are not looked for")
            return
        if not isinstance(value, dict):
            return
        self._variables(["params.yaml", *_list(value.get("vars"))])
        for _, stage in itertools.islice(_pairs(value.get("stages")), MAX_STAGES):
            self._stages(stage)
        self._params(value.get("params"), self.folder, files=True)
        self._metrics(value.get("metrics"), self.folder)
        self._plots(value.get("plots"), self.folder)
        self._artifacts(value.get("artifacts"))

    def _variables(self, wanted: list[Any]) -> None:
        for one in wanted:
            if isinstance(one, dict):
                self.context |= one
                continue
            try:
                value = read_data(self.tree, _join(self.folder, str(one).partition(":")[0]), self.notes)
            except Unreadable:
                continue
            self.context |= value if isinstance(value, dict) else {}

    def _stages(self, stage: Any) -> None:
        """A stage, or each of those that `foreach` or `matrix` make of it."""
        if not isinstance(stage, dict):
            return
        for extra, body in itertools.islice(self._expanded(stage), MAX_STAGES):
            if not isinstance(body, dict):
                continue
            body = resolve({key: one for key, one in body.items() if key != "matrix"}, {**self.context, **extra})
            folder = _join(self.folder, str(body.get("wdir") or ""))
            self.project.stages += 1
            self._params(body.get("params"), folder, files=False)
            self._metrics(body.get("metrics"), folder)
            self._plots(body.get("plots"), folder)

    def _expanded(self, stage: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
        if "foreach" in stage:
            items = resolve(stage["foreach"], self.context)
            for key, item in items.items() if isinstance(items, dict) else enumerate(_list(items)):
                yield {"item": item, "key": key}, stage.get("do")
        elif isinstance(stage.get("matrix"), dict):
            axes = {key: _list(resolve(values, self.context)) for key, values in stage["matrix"].items()}
            for chosen in itertools.product(*axes.values()):
                yield {"item": dict(zip(axes, chosen, strict=True))}, stage
        else:
            yield {}, stage

    def _params(self, wanted: Any, folder: str, *, files: bool) -> None:
        known = self.project.params
        for file, keys in _pairs(resolve(wanted, self.context)):
            if not files and keys is _ALONE:
                file, keys = PARAMS, [file]
            path = _join(folder, file)
            names = [str(key) for key in _list(keys)] if keys not in (None, _ALONE) else None
            if names is None or known.get(path, []) is None:
                known[path] = None
            else:
                known[path] = [*(known.get(path) or []), *names]

    def _metrics(self, wanted: Any, folder: str) -> None:
        for path, _ in _pairs(resolve(wanted, self.context)):
            found = self.tree.below(_join(folder, path)) or [_join(folder, path)]
            self.project.metrics += [name for name in found if name not in self.project.metrics]

    def _plots(self, wanted: Any, folder: str) -> None:
        for name, properties in _pairs(resolve(wanted, self.context)):
            for one in _list(properties) if isinstance(properties, list) else [properties]:
                self.project.plots.append(_plot(name, one if isinstance(one, dict) else {}, folder))

    def _artifacts(self, wanted: Any) -> None:
        for name, one in _pairs(resolve(wanted, self.context)):
            if isinstance(one, dict) and one.get("path"):
                path = _join(self.folder, str(one["path"]))
                known = self.project.outs.get(path, Out(path))
                kind, desc = str(one.get("type") or ""), str(one.get("desc") or "")
                self.project.outs[path] = replace(known, name=name, kind=kind, desc=desc)


def _plot(name: str, one: Mapping[str, Any], folder: str) -> Plot:
    y, x = one.get("y"), one.get("x")
    path = _join(folder, name)
    if isinstance(y, dict):
        sources = tuple((_join(folder, str(file)), _words(columns)) for file, columns in y.items())
    else:
        sources = ((path, _words(y)),)
    if isinstance(x, dict):
        x = next(iter(x.values()), "")
    words = {key: str(one.get(key) or "") for key in ("template", "title", "x_label", "y_label")}
    title = words.pop("title") or (name if isinstance(y, dict) else "")
    return Plot(name, sources, (_words(x) or ("",))[0], title=title, header=one.get("header") is not False, **words)


def read_locks(tree: Tree, project: Project, notes: Notes) -> None:
    """Add the commands and outputs that the dvc.lock files of a project hold; a second call adds nothing."""
    names, project.locks = project.locks, []
    for name in names:
        _lock(tree, project, name, notes)


def _lock(tree: Tree, project: Project, name: str, notes: Notes) -> None:
    try:
        value = read_data(tree, name, notes)
    except Unreadable as error:
        notes.warn("dvc-lock", str(error), where=name, kept="the run without its commands and outputs")
        return
    folder = posixpath.dirname(name)
    for stage_name, stage in _pairs(value.get("stages") if isinstance(value, dict) else None):
        if not isinstance(stage, dict):
            continue
        commands = _list(stage.get("cmd"))
        project.commands += [str(command) for command in commands]
        for listed, known in (("outs", project.outs), ("deps", project.deps)):
            for one in _list(stage.get(listed)):
                if isinstance(one, dict) and one.get("path"):
                    path = _join(folder, str(one["path"]))
                    known[path] = _locked(known.get(path, Out(path)), one, stage_name)


def _locked(known: Out, said: Mapping[str, Any], stage: str) -> Out:
    """What was known of a file, and what a stage of dvc.lock says of it."""
    hashed = said.get("md5") or said.get("etag") or said.get("checksum")
    size = said.get("size")
    return replace(
        known,
        md5=str(hashed or ""),
        size=size if isinstance(size, int) else None,
        stages=f"{known.stages}, {stage}" if known.stages else stage,
    )


_ALONE = object()


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and what is said of them, out of a map, or a list of names and maps; a name alone comes with a marker."""
    for one in value.items() if isinstance(value, dict) else _list(value):
        if isinstance(one, dict):
            yield from ((str(key), item) for key, item in one.items())
        elif isinstance(one, tuple):
            yield str(one[0]), one[1]
        else:
            yield str(one), _ALONE


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None or value is _ALONE else [value]


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(value) if not isinstance(one, dict | list))


def resolve(value: Any, context: Mapping[str, Any], depth: int = 0) -> Any:
    """The value with each `${a.b}` replaced by what the context holds there; what it does not hold stays as it is."""
    if depth > 60:
        return value
    if isinstance(value, dict):
        return {str(resolve(key, context, 50)): resolve(one, context, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [resolve(one, context, depth + 1) for one in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = PLACEHOLDER.fullmatch(value)
    if whole:
        found = lookup(context, whole[1])
        return value if found is None else found
    return PLACEHOLDER.sub(lambda match: _text(lookup(context, match[1]), match[0]), value)


def lookup(context: Any, path: str) -> Any:
    """What stands at `a.b[0].c`, else None."""
    for part in re.findall(r"[^.\[\]]+", path):
        if isinstance(context, list) and part.isdigit() and len(part) < 9 and int(part) < len(context):
            context = context[int(part)]
        elif isinstance(context, Mapping):
            context = context.get(part)
        else:
            return None
    return context


def _text(value: Any, otherwise: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else otherwise
