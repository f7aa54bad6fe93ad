"""DagsHub's logger: metrics.csv and params.yml, in folders and in the commits of a git repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from runpages.codecs import dagshub_log, git_history, yamltext
from runpages.codecs.flatten import Scalar, TooMuch, flatten
from runpages.codecs.git_history import History
from runpages.codecs.git_objects import Commit, Repository
from runpages.codecs.git_pack import GitError
from runpages.codecs.text import read_capped
from runpages.errors import Notes
from runpages.model import Code, Run, Source, Status
from runpages.readers import Folder

PARAMS = ("params.yml", "params.yaml")
METRICS = "metrics.csv"
STATUS: dict[str, Status] = {"success": "finished", "finished": "finished", "failed": "failed", "interrupted": "killed"}
MAX_PARAMS = 8 << 20
GIT_FILES = (
    ".git/HEAD",
    ".git/packed-refs",
    ".git/refs",
    ".git/objects/pack",
    "HEAD",
    "packed-refs",
    "refs",
    "objects/pack",
)


class DagshubReader:
    """Runs of DAGsHubLogger. A pair of files is a run; in a repository each commit that changes the pair is one, too."""

    name = "dagshub"
    title = "DagsHub Logger"
    reads = "dagshub 0.7 (DAGsHubLogger), in folders and in git history"
    rank = 5

    def find(self, folder: Folder) -> Iterable[Source]:
        """Files that begin with the logger's header, and repositories whose newest commit holds such a metrics.csv."""
        logs = [name for name in folder.files if name.endswith(".csv") and _is_log(folder, name)]
        git = git_history.directory(folder.path)
        tracked = _tracked(git) if git is not None else []
        if not logs and not tracked:
            return
        params = [name for name in PARAMS if name in folder.files]
        if git == folder.path:
            owns = [folder.path / name for name in folder.folders]
        else:
            owns = [folder.path / below for name in tracked if (below := posixpath.dirname(name))]
        owns = [path for path in owns if path.is_dir()]
        names = [name for name in GIT_FILES if git is not None and (folder.path / name).exists()]
        source = folder.source(self.name, *logs, *params, *names, owns=owns)
        yield replace(source, files=(*source.files, *(path for path in owns if git != folder.path)))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The runs of a folder: its commits newest first, then the files on disk that differ from the newest commit."""
        git = git_history.directory(source.root)
        tip: dict[str, str] = {}
        history = None
        if git is not None:
            try:
                history = History(Repository(git), notes)
                yield from _commits(source, history)
                head = history.repository.head()[1]
                tip = history.files(history.repository.commit(head)) if head else {}
            except GitError as error:
                notes.warn("git-object", str(error), where=git.name, kept="the commits before it and the files on disk")
        if git != source.root:
            yield from _on_disk(source, history, tip, notes)


def _is_log(folder: Folder, name: str) -> bool:
    """The header, or the empty file that a run leaves which was killed before the first block reached the disk."""
    killed = name == METRICS and folder.files[name] == 0 and any(one in folder.files for one in PARAMS)
    return killed or folder.peek(name, 64).startswith(dagshub_log.HEADER)


def _tracked(git: Path) -> list[str]:
    """The logs in the newest commit of HEAD, as paths in the repository."""
    try:
        repository = Repository(git)
        head = repository.head()[1]
        files = History(repository, Notes()).files(repository.commit(head)) if head else {}
        logs = [name for name in files if posixpath.basename(name) == METRICS][:1000]
        return [name for name in logs if repository.blob(files[name]).startswith(dagshub_log.HEADER)]
    except GitError:
        return []


def _pairs(files: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Each metrics.csv and its params file, by path, as the ids of their contents."""
    found = {}
    for name in files:
        if posixpath.basename(name) == METRICS:
            beside = [posixpath.join(posixpath.dirname(name), one) for one in PARAMS]
            found[name] = files[name], next((files[one] for one in beside if one in files), "")
    return found


def _commits(source: Source, history: History) -> Iterator[Run]:
    """A run for each pair of files that a commit changed; the names of commits that changed none go to the last that did."""
    pairs: dict[str, dict[str, tuple[str, str]]] = {}

    def of(commit: Commit) -> dict[str, tuple[str, str]]:
        if commit.tree not in pairs:
            try:
                pairs[commit.tree] = _pairs(history.files(commit))
            except GitError as error:
                history.notes.warn("git-object", str(error), where=commit.id[:12], kept="the other commits")
                pairs[commit.tree] = {}
        return pairs[commit.tree]

    names: dict[tuple[str, str], list[str]] = {}
    for commit in history.walk():
        parents = [parent for id_ in commit.parents if (parent := history.commit(id_)) is not None]
        for path, pair in of(commit).items():
            called = names.pop((commit.id, path), [])
            called += [*history.branches.get(commit.id, []), *history.tags.get(commit.id, [])]
            same = next((parent.id for parent in parents if of(parent).get(path) == pair), "")
            if same:
                names.setdefault((same, path), []).extend(called)
            else:
                yield from _from_commit(source, history, commit, (path, *pair), called)


def _from_commit(
    source: Source, history: History, commit: Commit, files: tuple[str, str, str], called: list[str]
) -> Iterator[Run]:
    path, metrics, params = files
    where = f"{commit.id[:12]}:{path}"
    try:
        data = history.repository.blob(metrics)
        written = history.repository.blob(params) if params else b""
    except GitError as error:
        history.notes.warn("git-object", str(error), where=where, kept="the other commits")
        return
    if data and not data.startswith(dagshub_log.HEADER):
        return
    inner = posixpath.dirname(path)
    name = called[0] if called else f"{commit.id[:7]} {commit.message.partition(chr(10))[0]}"
    id_, name = (f"{commit.id}:{inner}", f"{name} ({inner})") if inner else (commit.id, name)
    run = _run(Run(id_, name, "dagshub", source.key), data, written, history.notes, where)
    branch = next(iter(history.branches.get(commit.id, [])), "")
    tags: dict[str, Scalar] = {"git": ", ".join(called)} if called else {}
    code = Code(history.repository.remote, commit.id, branch)
    ended = run.ended if run.ended is not None else commit.committed
    yield replace(run, user=commit.author, notes=commit.message, code=code, tags=tags, ended=ended)


def _on_disk(source: Source, history: History | None, tip: Mapping[str, str], notes: Notes) -> Iterator[Run]:
    """The logs in the folder and in the folders it owns, without those that are as the newest commit has them."""
    for folder in (source.root, *source.owns):
        below = folder.relative_to(source.root).as_posix()
        prefix = "" if below == "." else f"{below}/"
        with suppress(OSError):
            for path in sorted(path for path in folder.glob("*.csv") if path.is_file() and not path.is_symlink()):
                data = _bytes(path, dagshub_log.MAX_BYTES, notes, f"{prefix}{path.name}")
                ours = data.startswith(dagshub_log.HEADER) or (path.name == METRICS and not data)
                params = next((folder / name for name in PARAMS if (folder / name).is_file()), None)
                if not ours or (not data and params is None):
                    continue
                written = _bytes(params, MAX_PARAMS, notes, f"{prefix}{params.name}") if params else b""
                if (
                    history is not None
                    and _committed(history, tip, f"{prefix}{path.name}", data)
                    and (params is None or _committed(history, tip, f"{prefix}{params.name}", written))
                ):
                    continue
                key = "/".join(
                    part for part in (source.key if source.key != "." else "", below if prefix else "") if part
                )
                key = key if path.name == METRICS else f"{key}/{path.stem}".strip("/")
                name = key.rpartition("/")[2] or "workspace"
                blank = Run(key or ".", name, "dagshub", source.key)
                yield _run(blank, data, written, notes, f"{prefix}{path.name}")


def _committed(history: History, tip: Mapping[str, str], name: str, data: bytes) -> bool:
    """Whether the newest commit has this content, line ends aside."""
    try:
        there = history.repository.blob(tip[name]) if name in tip else None
    except GitError:
        return False
    return there is not None and there.replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n")


def _bytes(path: Path, cap: int, notes: Notes, where: str) -> bytes:
    try:
        data, more = read_capped(path, cap)
    except OSError as error:
        notes.warn("dagshub-file", error.strerror or "cannot be read", where=where, kept="the rest of the run")
        return b""
    if more:
        notes.warn("dagshub-file", f"larger than {cap >> 20} MiB", where=where, kept="what comes before")
    return data


def _run(blank: Run, data: bytes, params: bytes, notes: Notes, where: str) -> Run:
    """The run with the two files' contents. The Lightning logger writes the trainer's last status as a parameter."""
    here = Notes()
    log = dagshub_log.load(data, here, where)
    flat: dict[str, Scalar] = {}
    try:
        value = yamltext.load(params) if params else {}
        flat = flatten(value) if isinstance(value, dict) and value else {}
    except (ValueError, TooMuch) as error:
        here.warn("dagshub-file", f"parameters: {error}", where=where, kept="the metrics")
    if not data:
        here.warn("dagshub-empty", "no metric reached the disk", where=where, kept="the parameters",
                  hint="the run was probably killed: the logger writes in blocks of 8 KiB")  # fmt: skip
    times = [one.times for one in log.series if one.times is not None]
    started = min((float(one.min()) for one in times), default=None)
    ended = max((float(one.max()) for one in times), default=None)
    notes.all.extend(replace(note, run=blank.id) for note in here.all)
    status = STATUS.get(str(flat.get("status")), "unknown")
    filled = replace(blank, params=flat, series=log.series, results=log.texts)
    return replace(filled, status=status, started=started, ended=ended)
