"""Sides of a gate, run folders, and a host that is only on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from runpages.gate import Record, Side


def side(
    values: Mapping[str, Sequence[float]], *, params: dict[str, object] | None = None, name: str = "baseline"
) -> Side:
    """A side whose runs differ in their seed: per metric a value for each run; None leaves one out."""
    count = max(len(some) for some in values.values())
    runs = []
    for seed in range(count):
        metrics = {
            label: dict.fromkeys(("last", "min", "max", "mean"), float(some[seed]))
            for label, some in values.items()
            if seed < len(some)
        }
        runs.append(
            Record(
                f"{name}{seed}",
                f"run{seed}",
                "",
                "plain",
                "finished",
                {"lr": 0.1, "seed": seed, **(params or {})},
                metrics,
            )
        )
    return Side(tuple(runs), name)


def normal(mean: float, count: int, *, noise: float = 0.005, seed: int = 0) -> list[float]:
    """`count` seeds around a mean, the same each time."""
    return [float(value) for value in np.random.default_rng(seed).normal(mean, noise, count)]


def write_runs(folder: Path, mean: float, *, seeds: int = 6, seed: int = 0, **params: object) -> Path:
    """Run folders as any program would write them: params.json and metrics.csv, one folder a seed."""
    for number, value in enumerate(normal(mean, seeds, seed=seed)):
        run = folder / f"seed{number}"
        run.mkdir(parents=True)
        (run / "params.json").write_text(json.dumps({"lr": 0.1, "seed": number, **params}))
        rows = [f"{step},{value - 0.1 / (step + 1) + 0.01}" for step in range(10)]
        (run / "metrics.csv").write_text("\n".join(["step,val/accuracy", *rows]) + "\n")
    return folder


class Host:
    """A forge's API on loopback: comments of one request, 100 a page at most, as GitHub and GitLab hand them out."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.head = "f00d"
        self.refuse = 0
        host = self

        class Answers(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                host.answer(self)

            do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """What the forge says."""
        parts = urlsplit(request.path)
        method = request.command
        self.calls.append((method, parts.path))
        self.tokens.add(request.headers.get("Authorization") or request.headers.get("PRIVATE-TOKEN") or "")
        content = json.loads(request.rfile.read(int(request.headers.get("Content-Length") or 0)) or b"{}")
        status, said = 200, self._said(method, parts.path, parse_qs(parts.query), content)
        if self.refuse and method != "GET":
            status, said = self.refuse, {"message": "Resource not accessible by integration"}
        body = json.dumps(said).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _said(self, method: str, path: str, query: dict[str, list[str]], content: dict[str, Any]) -> Any:
        if method == "GET" and path.endswith(("/comments", "/notes")):
            size, page = min(100, int(query["per_page"][0])), int(query["page"][0])
            return self.comments[(page - 1) * size : page * size]
        if method == "GET":
            return {"head": {"sha": self.head}, "sha": self.head}
        if self.refuse:
            return {}
        if method == "POST":
            self.comments.append({"id": 10_000 + len(self.comments), "user": {"type": "Bot"}, **content})
            return self.comments[-1]
        comment = next(one for one in self.comments if str(one["id"]) == path.rpartition("/")[2])
        comment.update(content)
        return comment


@pytest.fixture
def host() -> Iterator[Host]:
    """A forge on loopback."""
    started = Host()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to work in, without a CI's or a user's settings around."""
    import os

    for name in list(os.environ):
        if name.startswith(("GIT_", "GITHUB_", "CI_", "GITLAB_", "RUNPAGES_TOKEN")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.chdir(tmp_path)
    return tmp_path
