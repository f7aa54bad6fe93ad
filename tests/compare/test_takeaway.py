"""What is taken along is exactly what is seen: rows, order, columns, ± cells; LaTeX that compiles."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.compare.conftest import SEEDS, accuracy
from tests.compare.reading import head, names, rows, took

from runpages.views import latex

Opened = Callable[..., Page]
SEEN = "#q=run.group%3Dgrid&group=seed&cols=param:method,metric:val/acc,metric:val/loss&sort=metric:val/acc:asc"
HARD = "50% & {x} _a_ #1 $2 \\b ~c^d <e> |f| é ñ č ø ß ł ± − – × α β 中 🙂 “q” Ω İ"


@pytest.mark.browser
def test_every_format_has_the_rows_and_columns_that_are_seen(compare: Opened) -> None:
    page = compare(SEEN)
    seen = rows(page)
    table = list(csv.reader(io.StringIO(took(page, "csv"))))
    assert table[0] == ["group", "n", "method", "val/acc (best)", "val/loss (best)"]
    assert [row[0] for row in table[1:]] == names(page)
    assert len(head(page)) == len(table[0])
    mean = np.mean([max(accuracy("gamma", "cifar", seed)) for seed in SEEDS])
    said = re.fullmatch(r"(\S+) ± (\S+) \(n=4\)", table[1][3])
    assert said
    assert float(said[1]) == pytest.approx(mean, rel=1e-12)
    lines = took(page, "markdown").splitlines()
    assert len(lines) == 2 + len(seen)
    assert seen[0][3] in lines[2]
    assert f"**{seen[-1][3]}**" in lines[-1]
    body = took(page, "latex")
    assert seen[0][3].replace("±", "$\\pm$") in body
    assert "\\textbf{" in body
    objects = json.loads(took(page, "json"))
    assert [one["group"] for one in objects] == names(page)
    assert objects[0]["val/acc (best)"] == {"mean": pytest.approx(mean), "n": 4, "std": pytest.approx(float(said[2]))}


@pytest.mark.browser
def test_open_groups_and_differences_are_taken_along(compare: Opened) -> None:
    page = compare(SEEN)
    page.locator("#rp-runs [data-open]").first.click()
    page.hover("#rp-runs tbody tr >> nth=-1")
    page.locator("#rp-runs .rp-set").last.click()
    table = list(csv.reader(io.StringIO(took(page, "csv"))))
    assert len(table) == 1 + 6 + 4
    assert table[0][3:5] == ["val/acc (best)", "val/acc (best) change"]
    assert float(table[1][4]) < -0.1
    assert table[-1][4] == ""
    assert table[2][0].strip().startswith("gamma")


@pytest.mark.browser
def test_a_menu_copies_and_saves(compare: Opened, tmp_path: Path) -> None:
    page = compare(SEEN)
    page.click("#rp-export > summary")
    with page.expect_download() as download:
        page.click('[data-file="runs.tex"]')
    download.value.save_as(tmp_path / "t.tex")
    assert "\\toprule" in (tmp_path / "t.tex").read_text()
    page.click("#rp-export > summary")
    page.click("text=Copy as Markdown")
    expect(page.locator("#rp-said")).to_contain_text(re.compile("Copied|did not allow"))


@pytest.mark.browser
def test_a_cell_that_looks_like_a_formula_stays_a_text(compare: Opened) -> None:
    page = compare()
    text = page.evaluate(
        "runpages.takeaway.csv({header: ['a'], rows: [[{exact: '=1+1'}], [{exact: '-1.5'}], [{exact: '-x'}]]})"
    )
    assert text == "a\r\n'=1+1\r\n-1.5\r\n'-x\r\n"


@pytest.mark.browser
def test_the_page_writes_latex_by_the_rules_of_the_command_line(compare: Opened) -> None:
    page = compare()
    assert page.evaluate("runpages.latex.escaped", HARD) == latex.escaped(HARD)


def test_hard_texts_are_plain_ascii_for_latex() -> None:
    text = latex.escaped(HARD)
    assert text.isascii()
    assert "50\\% \\& \\{x\\} \\_a\\_ \\#1 \\$2 \\textbackslash{}b" in text
    assert "\\'{e} \\~{n} \\v{c} \\o{} \\ss{} \\l{} $\\pm$" in text
    assert "\\texttt{U+4E2D}" in text


def test_pdflatex_takes_the_tables(tmp_path: Path, samples: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "runpages",
        "export",
        str(samples / "plain"),
        "--format",
        "latex",
        "--columns",
        "name,status,lr",
    ]
    exported = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    hard = latex.tabular([latex.escaped(HARD), "b"], [[latex.escaped(HARD), "$1 \\pm 2$"]], [False, True])
    text = (
        f"\\documentclass{{article}}\\usepackage{{booktabs}}\\begin{{document}}\n{exported}\n{hard}\\end{{document}}\n"
    )
    (tmp_path / "t.tex").write_text(text)
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "t.pdf").stat().st_size > 1000
