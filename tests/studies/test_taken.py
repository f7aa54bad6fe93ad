"""Charts that leave the page: a PDF that LaTeX takes and that says the same as the picture, from every page that draws."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.conftest import TREE

pytestmark = pytest.mark.browser
JS = TREE / "themes" / "runpages_theme" / "js"
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100">
<rect width="200" height="100" fill="white"/>
<defs><linearGradient id="g" x1="0" x2="1"><stop offset="0" stop-color="#ff0000"/><stop offset="1" stop-color="#0000ff"/></linearGradient></defs>
<g transform="translate(10,20)" fill="none" stroke="#0072B2" stroke-width="2"><path d="M0,0L30,10h5v-5A4,4,0,1,1,40,9q3 4 6 0Z"/></g>
<g fill="#1b2129"><path d="M0,0h10v10h-10Z" transform="translate(100,20) rotate(45)" opacity="0.5"/></g>
<path d="M120,60h60v10h-60Z" fill="url(#g)"/>
<g font-family="Helvetica" font-size="11px"><text x="100" y="50" text-anchor="middle">val/loss (50 %) − é</text>
<text x="190" y="90" text-anchor="end" font-weight="bold">損失 по-русски</text></g></svg>"""


@pytest.fixture
def writer(browser: Browser) -> Iterator[Page]:
    """A page that can write PDFs and nothing else."""
    page = browser.new_page()
    page.set_content("<!doctype html><title>x</title>")
    page.evaluate("() => (window.runpages = {})")
    for name in ("pdf-path", "pdf"):
        page.add_script_tag(path=JS / f"{name}.js")
    yield page
    page.close()


def written(page: Page, svg: str) -> bytes:
    return bytes(page.evaluate("text => Array.from(runpages.pdf(text))", svg))


def compiled(folder: Path, *pictures: bytes) -> str:
    """What pdflatex says of a document with these pictures; fails when it does not compile."""
    body = []
    for number, content in enumerate(pictures):
        (folder / f"p{number}.pdf").write_bytes(content)
        body.append(rf"\includegraphics[width=.6\linewidth]{{p{number}.pdf}}")
    text = (
        "\\documentclass{article}\\usepackage{graphicx}\\begin{document}\n" + "\n\n".join(body) + "\n\\end{document}\n"
    )
    (folder / "doc.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def content_of(pdf: bytes) -> str:
    found = re.search(rb"/Length (\d+) >>\nstream\n", pdf)
    assert found
    return pdf[found.end() : found.end() + int(found[1])].decode("latin-1")


def words(pdf: bytes) -> set[str]:
    """The texts of a page, as its core fonts hold them."""
    return {bytes.fromhex(code).decode("cp1252") for code in re.findall(r"<([0-9a-f]+)> Tj", content_of(pdf))}


def test_latex_includes_the_picture(writer: Page, tmp_path: Path) -> None:
    pdf = written(writer, PICTURE)
    said = compiled(tmp_path, pdf)
    assert "Warning: PDF inclusion" not in said
    assert b"/BaseFont /Helvetica " in pdf
    assert b"/MediaBox [0 0 150 75]" in pdf


def test_every_offset_in_the_file_is_right(writer: Page) -> None:
    pdf = written(writer, PICTURE)
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[start:].startswith(b"xref\n0 ")
    places = [int(line[:10]) for line in pdf[start:].split(b"\n") if line.endswith(b" n ")]
    for number, place in enumerate(places, 1):
        assert pdf[place:].startswith(b"%d 0 obj" % number)


def test_words_stay_words_where_the_font_has_them_and_become_pictures_elsewhere(writer: Page) -> None:
    pdf = written(writer, PICTURE)
    assert words(pdf) == {"val/loss (50 %) – é"}
    assert pdf.count(b"/Subtype /Image") == 2  # its colour and its mask
    assert "/I0 Do" in content_of(pdf)


def test_lines_arcs_and_gradients_stay_drawings(writer: Page) -> None:
    text = content_of(written(writer, PICTURE))
    assert "1 0 0 1 10 20 cm" in text
    assert "0 0 m\n" not in text
    assert re.search(r"^0 0 m 30 10 l 35 10 l 35 5 l .* c .* h$", text, re.MULTILINE)
    assert "0 0.447 0.698 RG 2 w" in text
    colours = re.findall(r"^([\d. ]+) rg [\d. -]+ re f$", text, re.MULTILINE)
    assert len(colours) == 100
    assert colours[0].startswith("0.995")
    assert colours[-1].endswith("0.995")


@pytest.mark.parametrize(
    "d", ["M0,0A10,10,0,0,1,20,0", "M0 0a10 10 0 0120 0", "M0,0a10,5 30 1 0 7,3", "M3,4A0,0 0 0 1 9,9"]
)
def test_an_arc_ends_where_it_says(d: str, writer: Page) -> None:
    told = writer.evaluate("d => runpages.pdfPath(d)", d)
    length = writer.evaluate(
        """([d, again]) => {
          const path = (text) => { const p = document.createElementNS("http://www.w3.org/2000/svg", "path"); p.setAttribute("d", text); return p; };
          const [a, b] = [path(d), path(again)];
          const far = Array.from({ length: 50 }, (_, k) => {
            const [p, q] = [a.getPointAtLength((k / 49) * a.getTotalLength()), b.getPointAtLength((k / 49) * b.getTotalLength())];
            return Math.hypot(p.x - q.x, p.y - q.y);
          });
          return Math.max(...far);
        }""",
        [d, re.sub(r"([-\d. ]+) (m|c|l)", lambda found: found[2].upper() + found[1], told)],
    )
    assert length < 0.02


@pytest.mark.parametrize("which", ["figure[data-figure=history]", "figure.rp-parallel", "figure[data-figure=heat]"])
def test_charts_of_a_study_leave_as_pdf_with_their_titles(
    which: str, demo: Path, visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit(demo / "studies" / "digits-search.html")
    figure = page.locator(which)
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-drawn", re.compile("."))
    figure.hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="PDF", exact=True).click()
    pdf = Path(waiting.value.path()).read_bytes()
    compiled(tmp_path, pdf)
    title = "digits search" if "parallel" in which else figure.locator(".rp-chart-title").inner_text()
    assert title in words(pdf)


def test_a_chart_of_curves_leaves_as_pdf(demo: Path, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit(demo / "compare.html")
    figure = page.locator("figure.rp-chart[data-curve]").first
    expect(figure).to_have_attribute("data-drawn", re.compile("."))
    figure.hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="PDF", exact=True).click()
    pdf = Path(waiting.value.path()).read_bytes()
    compiled(tmp_path, pdf)
    assert figure.get_attribute("data-metric") in words(pdf)


@pytest.mark.parametrize("kind", ["scatter", "violin", "parallel"])
def test_a_chart_of_compare_leaves_in_every_form(
    kind: str, demo: Path, visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit(demo / "compare.html", f"#kind={kind}")
    figure = page.locator(f"#rp-kind-figure[data-drawn={kind}]")
    figure.hover()
    taken = {}
    for name in ("PDF", "SVG", "PNG", "CSV"):
        with page.expect_download() as waiting:
            figure.get_by_role("button", name=name, exact=True).click()
        taken[name] = Path(waiting.value.path()).read_bytes()
    compiled(tmp_path, taken["PDF"])
    assert taken["SVG"].startswith(b"<svg")
    assert taken["PNG"].startswith(b"\x89PNG")
    assert taken["CSV"].count(b"\r\n") >= 3
