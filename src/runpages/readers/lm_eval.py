"""lm-evaluation-harness results: one run per results file, its scores with their standard errors (docs/formats/lm_eval.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from runpages.codecs import jsontext
from runpages.codecs.points import numeric
from runpages.codecs.runfiles import MAX_DOCUMENT, Files
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Source
from runpages.readers import Folder

_RESULTS = re.compile(r"results(?:_(?P<time>\d{4}-\d\d-\d\dT.*))?\.json")
_BEGINS = re.compile(rb'\s*\{\s*"results"\s*:\s*\{')
MAX_ROWS = 50_000  # samples of a task: paired tests need all of them
MAX_HEAD = 1 << 28
MAX_TEXT = 2_500_000  # characters of what was asked and answered; samples beyond keep their scores
ABOUT = ("alias", "name", "sample_len", "sample_count", "samples")  # of a task, but no score
HASHES = ("doc_hash", "prompt_hash", "target_hash")
TEXTS = ("prompt", "target", "answer")
ENVIRONMENT = ("lm_eval_version", "transformers_version", "pretty_env_info")


class LmEvalReader:
    """One run per results file; tables of the first samples of each task."""

    name = "lm_eval"
    title = "lm-evaluation-harness"
    reads = "results and samples of lm_eval 0.3 to 0.4.13"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder with results files, when the first of them begins like one."""
        names = [name for name in folder.files if _RESULTS.fullmatch(name)]
        if names and _BEGINS.match(folder.peek(names[0])):
            samples = [name for name in folder.files if name.startswith("samples_") and name.endswith(".jsonl")]
            yield folder.source(self.name, *names, *samples)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """A run per results file; NotMine when none holds results by task."""
        files = Files(source.root, notes)
        samples = [path.name for path in source.files if path.name.endswith(".jsonl")]
        ours = False
        for path in source.files:
            if not _RESULTS.fullmatch(path.name):
                continue
            said = files.document(path.name)
            if said is None or (isinstance(said, Mapping) and isinstance(said.get("results"), Mapping)):
                ours = True
            if isinstance(said, Mapping) and isinstance(said.get("results"), Mapping):
                yield _run(source, path.name, said, samples, files)
        if not ours:
            raise NotMine("no results by task")


def _run(source: Source, name: str, said: Mapping[str, Any], samples: list[str], files: Files) -> Run:
    stem = name.removesuffix(".json")
    config = said.get("config") if isinstance(said.get("config"), Mapping) else {}
    assert isinstance(config, Mapping)
    started, took = numeric(said.get("date")), _decimal(said.get("total_evaluation_time_seconds"))
    stamp = _RESULTS.fullmatch(name)
    mine = [one for one in samples if stamp and stamp["time"] and one.endswith(f"_{stamp['time']}.jsonl")]
    model = str(said.get("model_name") or config.get("model") or source.root.name)
    return Run(
        id=stem if source.key == "." else f"{source.key}/{stem}",
        name=model,
        tracker="lm_eval",
        source=source.key,
        group=model,
        status="finished",
        started=started,
        ended=started + took if started is not None and took is not None else None,
        params=files.flat(name, _params(said, config)),
        results=_scores(said),
        tags={"chat_template": True} if said.get("chat_template") else {},
        artifacts=tuple(one for file in mine for one in _samples(file, files)),
        code=Code(commit=str(said.get("git_hash") or "")),
        environment={key: str(said[key])[:2000] for key in ENVIRONMENT if said.get(key) not in (None, "N/A")},
    )


def _decimal(value: Any) -> float | None:
    """A number written as text, as the harness does."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _scores(said: Mapping[str, Any]) -> dict[str, Scalar]:
    """TASK/METRIC, with {filter=NAME} where there is a filter; standard errors beside their score, unknown ones left out."""
    found: dict[str, Scalar] = {}
    for task, scores in said["results"].items():
        for key, value in scores.items() if isinstance(scores, Mapping) else ():
            metric, _, chosen = str(key).partition(",")
            number = numeric(value)
            if metric.strip() in ABOUT or number is None:
                continue
            found[f"{task}/{metric}" + (f"{{filter={chosen}}}" if chosen not in ("", "none") else "")] = number
    return found


def _params(said: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration; per task its version, shots, and how many samples were looked at."""
    params = {key: value for key, value in config.items() if value is not None and value not in ([], {}, "")}
    if isinstance(arguments := params.get("model_args"), str):
        pairs = [part.partition("=") for part in arguments.split(",") if "=" in part]
        params["model_args"] = {key.strip(): value for key, _, value in pairs} or arguments
    for ours, theirs in (("version", "versions"), ("n_shot", "n-shot"), ("samples", "n-samples")):
        value = said.get(theirs)
        if isinstance(value, Mapping):
            params[ours] = {
                task: one.get("effective") if isinstance(one, Mapping) else one for task, one in value.items()
            }
    return params


def _samples(name: str, files: Files) -> Iterator[Artifact]:
    """The first samples of a task as a table, and the file itself."""
    path = files.root / name
    task = re.sub(r"^samples_|_\d{4}-\d\d-\d\dT[^_]*\.jsonl$", "", name)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            lines = iter(lambda: file.readline(MAX_DOCUMENT), b"")
            head = b"".join(line for _, line in zip(range(MAX_ROWS), lines, strict=False) if file.tell() < MAX_HEAD)
    except OSError as error:
        files.notes.warn("file-unreadable", error.strerror or "cannot be read", where=name, kept="the scores")
        return
    rows = jsontext.load_lines(head, files.notes, name).rows
    if rows:
        told = _within([_sample(row) for row in rows])
        columns = list(dict.fromkeys(key for row in told for key in row))
        content = {"columns": columns, "data": [[row.get(key) for key in columns] for row in told]}
        yield Artifact(
            f"samples of {task}",
            "table",
            "",
            data=json.dumps(content, ensure_ascii=False).encode(),
            media_type="application/json",
        )
    yield Artifact(name, "file", name, size=size)


def _within(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The samples, their texts left out once MAX_TEXT characters are used up."""
    used = 0
    for sample in samples:
        used += sum(len(sample[name] or "") for name in TEXTS)
        if used > MAX_TEXT:
            sample.update(dict.fromkeys(TEXTS))
    return samples


def _sample(row: Mapping[str, Any]) -> dict[str, Any]:
    """What one looks at in a sample: the prompt, what was wanted, what was answered, the scores; and what it is known by."""
    arguments = row.get("arguments")
    asked = [one for one in arguments.values() if isinstance(one, Mapping)] if isinstance(arguments, Mapping) else []
    metrics = row.get("metrics") if isinstance(row.get("metrics"), list) else None
    known = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", *HASHES}
    scores = metrics if metrics is not None else [key for key in row if key not in known]
    answer, target = _chosen(row.get("filtered_resps"), row.get("target"), [one.get("arg_1") for one in asked])
    return {
        "doc_id": row.get("doc_id"),
        "filter": row.get("filter"),
        "prompt": _text(asked[0].get("arg_0") if asked else row.get("doc")),
        "target": _text(target),
        "answer": _text(answer),
        **{str(key): row.get(str(key)) for key in scores},
        **({"doc_hash": str(row["doc_hash"])[:16]} if row.get("doc_hash") else {}),
    }


def _chosen(answers: Any, target: Any, choices: list[Any]) -> tuple[Any, Any]:
    """Answer and target as words: of choices with their log-likelihoods the likeliest, and the one that was wanted."""
    if not isinstance(answers, list) or len(answers) < 2 or len(answers) != len(choices):
        return answers[0] if isinstance(answers, list) and len(answers) == 1 else answers, target
    likely = [_decimal(one[0]) if isinstance(one, list) and one else None for one in answers]
    if not all(isinstance(choice, str) for choice in choices) or None in likely:
        return answers, target
    best = choices[max(range(len(likely)), key=lambda place: likely[place] or 0.0)]
    place = int(target) if isinstance(target, int) or (isinstance(target, str) and target.isdecimal()) else -1
    return best.strip(), choices[place].strip() if 0 <= place < len(choices) else target


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))[-2000:]
