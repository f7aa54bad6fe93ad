"""A report full of payloads, and a page that notes when one of them is live."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request
from tests.hostile.cases import plain_run
from tests.hostile.payloads import PAYLOADS

# elements and attributes that none of our own pages has, so that one of them is a payload come alive
LIVE = """() => {
  const found = [];
  for (const one of document.querySelectorAll("*")) {
    for (const attribute of one.attributes) {
      if (/^on/i.test(attribute.name)) found.push(one.tagName + " " + attribute.name);
      if (/^(href|src|action|data|formaction)$/i.test(attribute.name) && /^\\s*(javascript|vbscript|data:text)/i.test(attribute.value.replace(/[\\t\\n]/g, "")))
        found.push(one.tagName + " " + attribute.name + "=" + attribute.value);
      if (one.tagName !== "A" && /evil\\.example/.test(attribute.value) && /^(src|href|srcset|poster|action|data)$/i.test(attribute.name)) found.push(attribute.value);
    }
    if (/^(marquee|embed|object|math|base|xmp)$/i.test(one.tagName)) found.push(one.tagName);
  }
  return found;
}"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which every payload is a run's name, group, id, param key and value, tag, metric, note, log, caption."""
    room = tmp_path_factory.mktemp("payloads")
    for number, payload in enumerate(PAYLOADS):
        name = payload.replace("\n", " ").replace("\t", " ").replace("\r", " ")
        cell = '"' + name.replace('"', '""') + '"'
        record = {
            "name": payload,
            "group": payload,
            "tags": {payload: payload},
            "status": payload,
            "reason": payload,
            "user": payload,
        }
        record |= {"command": payload, "branch": payload, "repository": payload, "commit": payload}
        files = {
            "run.log": payload.encode(),
            "local.patch": f"+{payload}".encode(),
            "said.txt": payload.encode(),
            "seen.html": payload.encode(),
        }
        plain_run(
            room / "runs" / f"{number:02}", record=record, params={payload: payload, "shared": payload},
            metrics=f"step,{cell},loss\n0,1,1\n1,2,{number}\n2,3,0.1\n", notes=payload, files=files,
        )  # fmt: skip
    command = [sys.executable, "-m", "runpages", "build", "runs", "-q", "--title", PAYLOADS[0]]
    subprocess.run(command, cwd=room, check=True)
    return room / "site"


@pytest.fixture(scope="module")
def watched_page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page that notes every dialog, violation of its policy, error and request beyond the disk."""
    said: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 3000})
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.log('VIOLATION ' + e.violatedDirective + ' ' + e.blockedURI))"
    )
    page = context.new_page()

    def dismissed(dialog: Dialog) -> None:
        said.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def asked(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            said.append(request.url)

    page.on("dialog", dismissed)

    def told(message: ConsoleMessage) -> None:
        # the browser says that it kept a run's own HTML from running in its sandboxed frame
        if not ("/media/" in message.text and "sandboxed" in message.text):
            said.append(message.text)

    page.on("console", told)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", asked)
    yield page, said
    context.close()


def looked_at(page: Page, said: list[str], where: str) -> None:
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(LIVE) == [], where
    assert said == [], where
