"""Sacred's FileStorageObserver and TinyDbObserver (docs/formats/sacred.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runpages.codecs import records, runfolder
from runpages.codecs.jsonpickled import Tagged
from runpages.codecs.records import at, fields, rows, when, words
from runpages.codecs.runfiles import Files
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

RUN, CONFIG, METRICS, INFO, OUT = "run.json", "config.json", "metrics.json", "info.json", "cout.txt"
TINY, BYTES = "metadata.json", "hashfs"
STATUSES: Mapping[str, Status] = {"COMPLETED": "finished", "FAILED": "failed", "RUNNING": "running",
                                  "QUEUED": "unknown", "": "unknown"}  # fmt: skip


class SacredReader:
    """One run per run folder, or per document of a TinyDB store."""

    name = "sacred"
    title = "Sacred"
    reads = "folders of sacred 0.7 and 0.8: FileStorageObserver (also synced from S3 or GCS) and TinyDbObserver"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself: run.json beside config.json, or a TinyDB store."""
        if TINY in folder.files and BYTES in folder.folders:
            yield folder.source(self.name, TINY, owns=[folder.path / BYTES])
        elif RUN in folder.files and CONFIG in folder.files:
            keys = records.keys_in(folder.peek(RUN))
            sorted_so = {"artifacts", "command"} <= keys or {"command", "experiment"} <= keys
            if sorted_so or (OUT in folder.files and not keys):
                yield folder.source(self.name, *folder.files, owns=[folder.path / name for name in folder.folders])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run of the folder, or every run of the store; unreadable files of a run count as absent."""
        files = Files(source.root, notes)
        names = {path.name for path in source.files}
        if names == {TINY}:
            store = fields(files.document(TINY), "runs")
            if not store:
                raise NotMine("no table of runs in metadata.json")
            for document in store.values():
                if isinstance(document, Mapping):
                    yield _tiny(document, source, notes)
            return
        here = {name: Tagged().plain(files.document(name)) for name in (RUN, CONFIG, METRICS, INFO) if name in names}
        yield _run(
            here.get(RUN), fields(here, CONFIG), fields(here, INFO), source, notes,
            id=source.key, name=source.key.rpartition("/")[2] if source.key != "." else source.root.name,
            series=_metrics(fields(here, METRICS)), log=files.text(OUT, tail=True) if OUT in names else "",
            artifacts=files.left({RUN, CONFIG, METRICS, INFO, OUT}, every=True),
        )  # fmt: skip


def _tiny(document: Mapping[str, Any], source: Source, notes: Notes) -> Run:
    """A run of a TinyDB store. This observer keeps no metrics; its values carry their type in front of them."""
    clean = _bare(document)
    run_id = words(clean, "_id")
    listed = [one for one in at(clean, "artifacts") or [] if isinstance(one, list) and len(one) > 2]
    artifacts = [_stored(str(one[0]), str(one[2])) for one in listed]
    return _run(clean, fields(clean, "config"), fields(clean, "info"), source, notes,
                id=run_id, name=run_id[:8], artifacts=tuple(artifacts), log=words(clean, "captured_out"))  # fmt: skip


def _stored(name: str, digest: str) -> Artifact:
    """A file of the store under the digest of its content."""
    hexed = digest if digest.isalnum() else "none"
    return Artifact(name, runfolder.kind_of(name), f"{BYTES}/{hexed[:2]}/{hexed[2:4]}/{hexed[4:6]}/{hexed[6:]}")


def _bare(value: Any) -> Any:
    """TinyDB's values without `{TinyDate}:` and the like in front."""
    if isinstance(value, Mapping):
        return {key: _bare(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if isinstance(value, str) and value.startswith("{Tiny") and "}:" in value:
        return value.partition("}:")[2].strip('"')
    return value


def _run(
    record: Any, config: Mapping[str, Any], info: Mapping[str, Any], source: Source, notes: Notes, **given: Any
) -> Run:
    curves, single = _logged(info)
    results = records.flat(single, notes, INFO)
    result = at(record, "result")
    if result is not None:
        results |= records.flat(result if isinstance(result, Mapping) else {"result": result}, notes, RUN)
    status, reason = _status(record)
    experiment = fields(record, "experiment")
    trace = at(record, "fail_trace")
    fatal = "".join(map(str, trace)) if isinstance(trace, list) else ""
    given["log"] = (given["log"] + "\n" + fatal).strip("\n") if fatal else given["log"]
    return Run(
        tracker="sacred", source=source.key, group=words(experiment, "name"), status=status, reason=reason,
        started=when(at(record, "start_time")),
        ended=when(at(record, "stop_time")) or (None if status == "running" else when(at(record, "heartbeat"))),
        host=words(record, "host", "hostname"), params=records.flat(config, notes, CONFIG),
        series=records.distinct([*given.pop("series", ()), *curves]), results=results, tags=_tags(record),
        notes=words(record, "meta", "comment") or words(record, "meta", "options", "--comment"),
        code=_code(experiment, words(record, "command")), environment=_environment(record), **given,
    )  # fmt: skip


def _status(record: Any) -> tuple[Status, str]:
    """Sacred's word; a SIGKILL leaves RUNNING for ever, and only other runs could tell that it is over."""
    word = words(record, "status")
    trace = at(record, "fail_trace")
    last = str(trace[-1]).strip() if isinstance(trace, list) and trace else ""
    if word == "RUNNING":
        return "unknown", "the last that was written says RUNNING; a killed run leaves the same"
    return STATUSES.get(word, "killed"), last or ("" if word in STATUSES and word != "QUEUED" else word)


def _metrics(table: Mapping[str, Any]) -> Iterator[Series | None]:
    """metrics.json: three parallel lists per name; cut or uneven ones end with the shortest."""
    for name, one in table.items():
        steps, values, times = (at(one, key) if isinstance(at(one, key), list) else [] for key in ("steps", "values", "timestamps"))  # fmt: skip
        times += [None] * (len(values) - len(times))
        yield records.measured(name, zip(steps, values, times, strict=False))


def _logged(info: Mapping[str, Any]) -> tuple[list[Series | None], dict[str, Any]]:
    """Series that programs keep in info.json: a list NAME of values, with steps in NAME_T where there is one; the rest."""
    curves: list[Series | None] = []
    rest: dict[str, Any] = {}
    for name, value in info.items():
        steps = info.get(f"{name}_T")
        if name.endswith("_T") and isinstance(info.get(name[:-2]), list):
            continue
        if isinstance(value, list) and len(value) > 1 and all(records.number(one) is not None for one in value):
            counted = steps if isinstance(steps, list) and len(steps) == len(value) else [None] * len(value)
            curves.append(records.measured(name, zip(counted, value, [None] * len(value), strict=True)))
        else:
            rest[name] = value
    return curves, rest


def _tags(record: Any) -> dict[str, Scalar]:
    """What was chosen for this run alone, by name; the changed values themselves are among the params."""
    changed = sorted(map(str, fields(record, "meta", "config_updates")))
    configs = at(record, "meta", "named_configs")
    tags: dict[str, Scalar] = {str(name): True for name in configs} if isinstance(configs, list) else {}
    return tags | ({"changed": ", ".join(changed)} if changed else {})


def _code(experiment: Mapping[str, Any], command: str) -> Code:
    repository: Mapping[str, Any] = next(iter(rows(experiment, "repositories")), {})
    dirty = repository.get("dirty")
    return Code(words(repository, "url"), words(repository, "commit"), dirty=dirty if isinstance(dirty, bool) else None,
                entry_point=words(experiment, "mainfile"), command=command)  # fmt: skip


def _environment(record: Any) -> dict[str, Scalar]:
    """Versions and machine. `host.ENV` stays out: what the user listed there may be a secret."""
    wanted = {"python": "python_version", "cpu": "cpu"}
    said: dict[str, Scalar] = {
        key: words(record, "host", name) for key, name in wanted.items() if words(record, "host", name)
    }
    system = at(record, "host", "os")
    said |= {"os": " ".join(map(str, system))} if isinstance(system, list) else {}
    listed = at(record, "experiment", "dependencies")
    pinned = [str(one).partition("==") for one in listed] if isinstance(listed, list) else []
    return said | {f"package.{name}": version for name, _, version in pinned if version}
