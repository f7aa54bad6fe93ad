"""DVC: DVCLive folders, workspaces with a dvc.yaml, and experiments and commits straight from git's objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from runpages.codecs import dvc_project, git_history
from runpages.codecs.dvc_folder import EXPERIMENT, content_of, disk_tree, is_live, knows_dvc, live_folders, plots_above
from runpages.codecs.dvc_project import Absent, Project, Tree, Unreadable
from runpages.codecs.dvc_snapshot import Evaluation, Snapshot
from runpages.codecs.git_history import History
from runpages.codecs.git_objects import Commit, Repository
from runpages.codecs.git_pack import GitError
from runpages.codecs.text import read_capped
from runpages.errors import Note, Notes
from runpages.model import Code, Run, Source
from runpages.readers import Folder

QUEUED = re.compile(r"dvc-exp:[0-9a-f]*:([0-9a-f]{40}):([^:\n]*)")
GIT_FILES = ("HEAD", "packed-refs", "refs", "logs/refs/exps", "objects/pack", "shallow", "config")
MAX_LOG = 256 << 10


class DvcReader:
    """Runs of DVC and DVCLive. A run is a DVCLive folder, an experiment, a commit that changed numbers, or the work tree."""

    name = "dvc"
    title = "DVC and DVCLive"
    reads = "dvc 3.67 (dvc.yaml, experiments, git history), dvclive 3.49"
    rank = 0

    def find(self, folder: Folder) -> Iterable[Source]:
        """A repository or workspace of DVC, or a DVCLive folder."""
        git = git_history.directory(folder.path)
        text = folder.peek("dvc.yaml", 1 << 16) if "dvc.yaml" in folder.files else b""
        work = ".dvc" in folder.folders and (folder.path / ".dvc" / "config").is_file()
        work = work or (bool(text) and ("dvc.lock" in folder.files or b"stages:" in text))
        if git is not None and (work or knows_dvc(git)):
            inside = "" if git == folder.path else ".git/"
            names = [f"{inside}{name}" for name in GIT_FILES]
            owns = list(folder.folders) if not inside else live_folders(folder.path, folder.folders, text)
        elif work:
            names, owns = [], live_folders(folder.path, folder.folders, text)
        elif "plots" in folder.folders and is_live(folder.path):
            above = [f"{'../' * up}dvc.yaml" for up in range(1, 1 + _parts(folder.key))]
            yield folder.source(self.name, "metrics.json", "params.yaml", "plots", *above, owns=[folder.path / "plots"])
            return
        else:
            return
        listed = [
            name for name in folder.files if name.endswith((".yaml", ".yml", ".json", ".toml", ".lock", ".csv", ".tsv"))
        ]
        paths = [folder.path / name for name in owns]
        yield folder.source(
            self.name,
            *names,
            *listed,
            *(name for name in owns if git != folder.path),
            ".dvc/config",
            "dvc.yaml",
            owns=paths,
        )

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The runs of a source; commits newest first, then experiments, then the queue, then the work tree."""
        root = source.root
        git = git_history.directory(root)
        history = None
        if git is not None:
            try:
                history = History(Repository(git), notes)
            except GitError as error:
                notes.warn("git-object", str(error), where=".git", kept="the files of the work tree")
        states = _States(source, history, notes)
        if history is not None:
            yield from states.commits()
            yield from states.experiments()
            yield from states.queue()
        if git != root:
            yield from states.folder()


def _parts(key: str) -> int:
    return 0 if key == "." else min(3, key.count("/") + 1)


@dataclass(slots=True)
class _Made:
    """A commit's project and the words that say whether two commits hold the same run."""

    project: Project
    words: dict[str, str]
    notes: list[Note] = field(default_factory=list)


class _States:
    """Every state of one source that may be a run."""

    def __init__(self, source: Source, history: History | None, notes: Notes) -> None:
        self.source, self.root, self.notes = source, source.root, notes
        self.history: History = history  # type: ignore[assignment]
        self.seen: set[str] = set()
        self._made: dict[str, list[_Made]] = {}

    def tree(self, commit: Commit) -> Tree:
        """A commit's files. Raises GitError."""
        files = self.history.files(commit)

        def content(name: str) -> bytes:
            try:
                return self.history.repository.blob(files[name])
            except (GitError, KeyError) as error:
                raise Unreadable(str(error)) from None

        return Tree(files, content)

    def made(self, commit: Commit) -> list[_Made]:
        """The projects of a commit, remembered by tree; none when the tree is damaged."""
        if commit.tree not in self._made:
            try:
                tree = self.tree(commit)
            except GitError as error:
                self.notes.warn("git-object", str(error), where=commit.id[:12], kept="the other commits")
                self._made[commit.tree] = []
                return []
            roots, found = dvc_project.roots(tree), []
            for root in roots:
                here = Notes()
                project = dvc_project.load(tree, root, here, tuple(roots))
                found.append(_Made(project, project.files(tree), here.all))
            self._made[commit.tree] = found
        return self._made[commit.tree]

    def commits(self) -> Iterator[Run]:
        """A run for each commit whose params, metrics or plots differ from all its parents'."""
        names: dict[str, list[str]] = {}
        for commit in self.history.walk():
            called = names.pop(commit.id, [])
            parents = [parent for id_ in commit.parents if (parent := self.history.commit(id_)) is not None]
            for made in self.made(commit):
                before = {parent.id: self._words(parent, made.project.root) for parent in parents}
                same = next((id_ for id_, words in before.items() if words == made.words), "")
                if same:
                    names.setdefault(same, []).extend([*called, *self._called(commit)])
                elif made.project.broken:
                    self.notes.all.extend(replace(note, where=f"{commit.id[:12]}:{note.where}") for note in made.notes)
                elif made.words:
                    yield from self._commit_run(commit, made, [*called, *self._called(commit)])

    def _words(self, commit: Commit, root: str) -> dict[str, str] | None:
        return next((made.words for made in self.made(commit) if made.project.root == root), None)

    def _called(self, commit: Commit) -> list[str]:
        return [*self.history.branches.get(commit.id, []), *self.history.tags.get(commit.id, [])]

    def _commit_run(self, commit: Commit, made: _Made, called: list[str]) -> Iterator[Run]:
        subject = commit.message.partition("\n")[0].strip()
        run, notes = self._run(commit, made, called[0] if called else f"{commit.id[:7]} {subject}".strip())
        if run.results or run.series:
            self.notes.all.extend(notes)
            yield replace(run, notes=commit.message, tags={"git": ", ".join(called)} if called else {})

    def _run(self, commit: Commit, made: _Made, name: str, *, whole: bool = True) -> tuple[Run, list[Note]]:
        """A finished run out of a commit and what was noted; with `whole` False its parameters only."""
        root, here, tree = made.project.root, Notes(), self.tree(commit)
        self.seen.add(commit.id)
        dvc_project.read_locks(tree, made.project, here)
        evaluation = Evaluation(tree, made.project, here, self._cached, True)
        found = evaluation.all(name) if whole else evaluation.params()
        id_ = f"{commit.id}:{root}" if root else commit.id
        branch = next(iter(self.history.branches.get(commit.id, [])), "")
        code = Code(self.history.repository.remote, commit.id, branch, None, "", "", "\n".join(made.project.commands))
        run = _fill(Run(id_, f"{name} ({root})" if root else name, "dvc", self.source.key), found)
        run = replace(run, status="finished", ended=commit.committed or None, user=commit.author, code=code)
        return run, [replace(note, run=id_) for note in (*made.notes, *here.all)]

    def experiments(self) -> Iterator[Run]:
        """The experiments under refs/exps, grouped by the commit they started from."""
        for ref, id_ in self.history.repository.refs().items():
            match = EXPERIMENT.fullmatch(ref)
            commit = self.history.commit(id_) if match and id_ not in self.seen else None
            if match is None or commit is None:
                continue
            baseline = match[1] + match[2]
            for made in self.made(commit):
                run, notes = self._run(commit, made, match[3])
                self.notes.all.extend(notes)
                said = "" if commit.message.startswith("dvc: commit experiment ") else commit.message
                yield replace(run, group=self._group(baseline), notes=said, tags={"baseline": baseline})

    def _group(self, baseline: str) -> str:
        name = self.history.name(baseline)
        return f"{name} ({baseline[:7]})" if name else baseline[:7]

    def queue(self) -> Iterator[Run]:
        """Experiments that wait or failed. Their trees hold the metrics of other runs, so only the parameters are read."""
        repository, refs = self.history.repository, self.history.repository.refs()
        for ref, status in (("refs/exps/celery/stash", "queued"), ("refs/exps/celery/failed", "failed")):
            tip = [refs[ref]] if ref in refs else []
            for id_ in dict.fromkeys([*repository.reflog(ref), *tip] if tip else []):
                commit = self.history.commit(id_)
                match = QUEUED.search(commit.message) if commit and id_ not in self.seen else None
                if commit is None or match is None:
                    continue
                for made in self.made(commit):
                    run, notes = self._run(commit, made, match[2] or id_[:7], whole=False)
                    self.notes.all.extend(notes)
                    log = self._console(id_)
                    reason = "queued, not started" if status == "queued" else "failed in the queue"
                    run = replace(run, status="failed" if status == "failed" else "unknown", reason=reason, ended=None)
                    yield replace(run, group=self._group(match[1]), tags={"baseline": match[1]}, log=log, artifacts=())

    def _console(self, id_: str) -> str:
        """What an experiment of the queue printed, where the queue ran."""
        path = self.root / ".dvc" / "tmp" / "exps" / "run" / id_ / f"{id_}.out"
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                return read_capped(path, MAX_LOG)[0].decode("utf-8", "replace")
        return ""

    def _cached(self, md5: str) -> tuple[str, bytes]:
        """An output in DVC's cache, where it has its usual place."""
        if re.fullmatch(r"[0-9a-f]{32}", md5):
            for top in (".dvc/cache/files/md5", ".dvc/cache"):
                path = f"{top}/{md5[:2]}/{md5[2:]}"
                if (self.root / path).is_file() and not (self.root / path).is_symlink():
                    return path, content_of(self.root)(path)
        raise Absent("is neither in git nor in the cache")

    def folder(self) -> Iterator[Run]:
        """The work tree, or the DVCLive folder, unless it holds what the newest commit does."""
        if not (self.root / ".dvc" / "config").is_file() and not (self.root / "dvc.yaml").is_file():
            yield from self._live()
            return
        tree = disk_tree(self.root, self.notes)
        roots = tuple(root for root in dvc_project.roots(tree) if root) if (self.root / ".dvc").is_dir() else ()
        project = dvc_project.load(tree, "", self.notes, roots)
        dvc_project.read_locks(tree, project, self.notes)
        found = Evaluation(tree, project, self.notes, self._cached, False).all("workspace")
        branch, head = self.history.repository.head() if self.history else ("", "")
        commit = self.history.commit(head) if head else None
        if not (found.results or found.series) or (commit and self._same(commit, found)):
            return
        name = "workspace" if commit else self.root.name if self.source.key != "." else "workspace"
        run = _fill(Run(self.source.key, name, "dvc", self.source.key), found)
        remote = self.history.repository.remote if self.history else ""
        branch = self.history.repository.head()[0] if self.history else ""
        code = Code(
            remote, commit.id if commit else "", branch, True if commit else None, "", "", "\n".join(project.commands)
        )
        yield replace(
            run, code=code, status="finished" if project.stages and (self.root / "dvc.lock").is_file() else "unknown"
        )

    def _same(self, commit: Commit, found: Snapshot) -> bool:
        """Whether the newest commit says the same: line ends and the like make no new run."""
        made = next((one for one in self.made(commit) if not one.project.root), None)
        if made is None:
            return False
        tree = self.tree(commit)
        dvc_project.read_locks(tree, made.project, Notes())
        there = Evaluation(tree, made.project, Notes(), self._cached, True).all("")
        points = [{key: one.values.tobytes() for key, one in state.series.items()} for state in (there, found)]
        return points[0] == points[1] and repr((there.params, there.results)) == repr((found.params, found.results))

    def _live(self) -> Iterator[Run]:
        tree = disk_tree(self.root, self.notes, own=("metrics.json", "params.yaml", "plots"))
        project = dvc_project.load(tree, "", self.notes)
        project.plots += plots_above(self.root, _parts(self.source.key))
        found = Evaluation(tree, project, self.notes, self._cached, False).all("")
        run = _fill(Run(self.source.key, self.root.name, "dvc", self.source.key), found)
        yield replace(run, name=self.root.name if self.source.key != "." else "dvclive")


def _fill(run: Run, found: Snapshot) -> Run:
    started, ended = found.span()
    series = tuple(found.series[name] for name in sorted(found.series))
    filled = replace(run, params=found.params, results=found.results, series=series, artifacts=tuple(found.artifacts))
    return replace(filled, started=started, ended=ended)
