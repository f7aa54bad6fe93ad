"""What a reader sees in the table: rows, columns, cells, as texts."""

from __future__ import annotations

import math
from typing import Any

from playwright.sync_api import Page

ROWS = """() => [...document.querySelectorAll("#rp-runs tbody tr[data-at]")].map((row) =>
  [...row.cells].map((cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("i, .rp-sr, .rp-bar-of, .rp-set, .rp-open").forEach((one) => one.remove());
    return copy.textContent.replace(/\\s+/g, " ").trim();
  }))"""
HEAD = """() => [...document.querySelectorAll("#rp-runs thead th")].map((cell) => cell.dataset.column || "")"""


def rows(page: Page) -> list[list[str]]:
    """Every row of the live table as the texts of its cells."""
    return list(page.evaluate(ROWS))


def names(page: Page) -> list[str]:
    """The first cell of every row."""
    return [row[0] for row in rows(page)]


def head(page: Page) -> list[str]:
    """The ids of the shown columns; "" for n."""
    return list(page.evaluate(HEAD))


def column(page: Page, name: str) -> list[str]:
    """A column's cells, top to bottom."""
    at = head(page).index(name)
    return [row[at] for row in rows(page)]


def numbers(page: Page, name: str) -> list[float]:
    """A column's cells as numbers; nan for what is none."""
    return [_number(text) for text in column(page, name)]


def _number(text: str) -> float:
    try:
        return float(text.split(" ")[0].replace("−", "-"))
    except ValueError:
        return math.nan


def fill(page: Page, what: str, text: str) -> None:
    """Write into the filter or the search."""
    page.fill("#rp-filter" if what == "filter" else "#rp-find", text)


def took(page: Page, kind: str) -> str:
    """What the Export menu copies."""
    script = (
        "(kind) => { const c = runpages.compare; return runpages.takeaway[kind](runpages.takeaway(c.items, c.view)); }"
    )
    return str(page.evaluate(script, kind))


def address(page: Page) -> dict[str, str]:
    """The state in the address."""
    found: dict[str, Any] = page.evaluate("() => Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")
    return found
