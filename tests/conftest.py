"""Fixtures every test may use: the samples, goldens, and where the tree is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
# a machine under load is not a fault of the code
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
TREE = HERE.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the code does now")


@pytest.fixture(scope="session")
def tree() -> Path:
    """The root of the checkout."""
    return TREE


@pytest.fixture(scope="session")
def samples() -> Path:
    """The real runs that come with the project."""
    return TREE / "sample_runs"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`golden(value)` or `golden(value, "name")`: equal to the JSON kept under tests/golden, or fail saying how to renew it."""
    update = request.config.getoption("--update-golden")
    below = Path(str(request.path)).relative_to(HERE).with_suffix("")

    def check(value: Any, name: str = "") -> None:
        stem = request.node.name.removeprefix("test_").replace("/", "-").replace("[", "-").rstrip("]")
        path = HERE / "golden" / below / f"{stem}{'-' + name if name else ''}.json"
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"
        if update and not os.environ.get("CI"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text != expected:
            actual = HERE / "actual" / path.relative_to(HERE / "golden")
            actual.parent.mkdir(parents=True, exist_ok=True)
            actual.write_text(text, encoding="utf-8")
            pytest.fail(
                f"{path.relative_to(TREE)} differs; new output in {actual.relative_to(TREE)}; renew with: pytest --update-golden"
            )

    return check
