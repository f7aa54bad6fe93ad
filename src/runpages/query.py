"""The filter language, as the page speaks it (js/filter.js, js/match.js): a sentence over columns in, a test of a run out.

`params.lr < 1e-3 and tags.stage != "debug" and not (status = failed or name ~ "^try")`. Both are held to the same
cases by tests/compare/filter_cases.json, the words of their errors included.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runpages.errors import ConfigError

Test = Callable[[int], bool]
REDUCERS = ("best", "last", "min", "max", "mean", "first")
_KINDS = ("param", "metric", "run", "tag", "result")
_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_TOKENS = (
    ("string", re.compile(r""""((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'""")),
    ("number", re.compile(_NUMBER + r"(?=$|[\s()<>=!~,&|])", re.IGNORECASE)),
    ("op", re.compile(r"<=|>=|==|!=|!~|[<>=~]")),
    ("mark", re.compile(r"[(),]")),
    ("join", re.compile(r"&&|\|\|")),
    ("word", re.compile(r"""[^\s()<>=!~,"'&|]+(?:(?<=:)"[^"]*")?""")),
)


class QueryError(ConfigError):
    """A sentence that cannot be understood; `at` is the place in it."""

    def __init__(self, slug: str, message: str, at: int) -> None:
        super().__init__(slug, message.rstrip("."), hint='write it like: lr < 1e-3 and tags.stage != "debug"')
        self.message, self.at = message, at


def _wrong(message: str, at: int) -> QueryError:
    return QueryError("filter-wrong", message, at)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the sentence; `key` is what a word is compared by."""

    type: str
    text: str
    at: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the data file `runs`."""

    id: str
    kind: str
    label: str
    type: str
    values: Any
    direction: str = ""

    def raw(self, reducer: str) -> Sequence[Any]:
        """(runs,) the values by a reducer; a column that is no metric has one value."""
        if self.kind != "metric":
            return self.values  # type: ignore[no-any-return]
        name = "last" if reducer == "best" and not self.direction else reducer
        return self.values.get(name, self.values["last"])  # type: ignore[no-any-return]


def columns_of(data: Mapping[str, Any]) -> list[Column]:
    """Every column of the data file `runs`, the run's own fields first."""
    runs = data["runs"]
    words = {"name": "run", **{name: name for name in ("status", "tracker", "group", "id", "note")}}
    own = [Column(f"run:{name}", "run", label, "text", runs[name]) for name, label in words.items() if name in runs]
    own += [Column(f"run:{name}", "run", name, "number", runs[name]) for name in ("started", "duration", "notes")]
    told = [Column(c["id"], c["kind"], c["label"], c["type"], c["values"], c["direction"]) for c in data["columns"]]
    return own + told


def where(data: Mapping[str, Any], text: str, reducer: str = "best") -> list[int]:
    """The numbers of the runs that a filter keeps. Raises QueryError, a ConfigError with the place in the sentence."""
    if not text.strip():
        return list(range(data["count"]))
    test = _Parser(text, columns_of(data), reducer).whole()
    return [number for number in range(data["count"]) if test(number)]


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token, at = _next(text, at)
        tokens.append(token)
    return tokens


def _next(text: str, at: int) -> tuple[Token, int]:
    for kind, pattern in _TOKENS:
        found = pattern.match(text, at)
        if not found:
            continue
        word = found.group()
        if kind == "string":
            inner = found[1] if found[1] is not None else found[2]
            return Token(kind, re.sub(r"\\([\"'\\])", r"\1", inner), at), found.end()
        if kind == "join":
            join = {"&&": "and", "||": "or"}[word]
            return Token("word", join, at, join), found.end()
        if kind == "word":
            return Token(kind, word.replace('"', ""), at, word.lower()), found.end()
        return Token(kind, word, at), found.end()
    if text[at] in "\"'":
        raise _wrong("The quotation mark is never closed.", at)
    raise _wrong(f"“{text[at]}” has no meaning here.", at)


class _Parser:
    """or < and < not < comparison, by recursive descent."""

    def __init__(self, text: str, columns: Sequence[Column], reducer: str) -> None:
        self.text, self.columns, self.reducer = text, columns, reducer
        self.tokens, self.at = _tokens(text), 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> Token | None:
        token = self.peek()
        self.at += 1
        return token

    def found(self, key: str) -> bool:
        token = self.peek()
        if token is None or token.type == "string":
            return False
        return (token.key if token.type == "word" else token.text) == key

    def place(self) -> int:
        token = self.peek()
        return token.at if token else len(self.text)

    def expect(self, mark: str, why: str) -> None:
        if not self.found(mark):
            raise _wrong(why, self.place())
        self.take()

    def whole(self) -> Test:
        test = self.ors()
        self.nothing_more()
        return test

    def nothing_more(self) -> None:
        token = self.peek()
        if token:
            raise _wrong(f"“{token.text}” comes unexpected: join conditions with “and” or “or”.", token.at)

    def ors(self) -> Test:
        tests = [self.ands()]
        while self.found("or"):
            self.take()
            tests.append(self.ands())
        return tests[0] if len(tests) == 1 else lambda i: any(test(i) for test in tests)

    def ands(self) -> Test:
        tests = [self.turned()]
        while self.found("and"):
            self.take()
            tests.append(self.turned())
        return tests[0] if len(tests) == 1 else lambda i: all(test(i) for test in tests)

    def turned(self) -> Test:
        if not self.found("not"):
            return self.primary()
        self.take()
        test = self.turned()
        return lambda i: not test(i)

    def primary(self) -> Test:
        if not self.found("("):
            return self.comparison()
        place = self.place()
        self.take()
        test = self.ors()
        if self.peek() and not self.found(")"):
            self.nothing_more()
        if not self.found(")"):
            raise _wrong("The parenthesis is never closed.", place)
        self.take()
        return test

    def comparison(self) -> Test:
        column, reducer = self.operand()
        token = self.peek()
        after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        if self.found("in") or (self.found("not") and after is not None and after.key == "in"):
            return self.listed(column, reducer)
        if token is None or token.type != "op":
            return _present(column, reducer)
        self.take()
        value = self.peek()
        if value is None or value.type in ("mark", "op"):
            why = f"What should {column.label} be compared with? Write a value after “{token.text}”."
            raise _wrong(why, self.place())
        self.take()
        return _comparison(column, reducer, token.text, value)

    def listed(self, column: Column, reducer: str) -> Test:
        turned = self.found("not")
        self.at += 2 if turned else 1
        self.expect("(", "After “in” comes a list: (a, b, c).")
        tests: list[Test] = []
        while not self.found(")"):
            value = self.take()
            if value is None:
                raise _wrong("The list is never closed.", self.place())
            if value.type != "mark":
                tests.append(_comparison(column, reducer, "=", value))
        self.take()
        return lambda i: any(test(i) for test in tests) != turned

    def operand(self) -> tuple[Column, str]:
        token = self.take()
        if token is None:
            raise _wrong("A condition is missing at the end.", len(self.text))
        if token.type not in ("word", "string"):
            raise _wrong(f"“{token.text}” stands where a name should be.", token.at)
        if token.key in REDUCERS and self.found("("):
            self.take()
            column, _ = self.operand()
            self.expect(")", f"The parenthesis after {token.text} is never closed.")
            return column, token.key
        found = _find(token.text, self.columns)
        if found is None:
            raise _wrong(f"Nothing here is called “{token.text}”.{_nearest(token.text, self.columns)}", token.at)
        return found, self.reducer


def _find(name: str, columns: Sequence[Column]) -> Column | None:
    """`params.lr`, `param:lr`, `lr`: the kind may be named, else parameters come first."""
    wanted = name.lower()
    split = re.match(r"^([a-z]+)[.:](.+)$", wanted)
    kind = split[1].removesuffix("s") if split else ""
    if split and kind in _KINDS:
        for column in reversed(columns):
            if column.kind == kind and split[2] in _called(column):
                return column
    for kind in _KINDS:
        for column in reversed(columns):
            if column.kind == kind and wanted in _called(column):
                return column
    return None


def _called(column: Column) -> tuple[str, ...]:
    return ("run", "name") if column.id == "run:name" else (column.label.lower(),)


def _nearest(name: str, columns: Sequence[Column]) -> str:
    bare = re.sub(r"^[a-z]+[.:]", "", name).lower()
    labels = {column.label.lower(): column.label for column in reversed(columns)}
    holds = [short for short in labels if len(bare) > 2 and bare in short]
    close = difflib.get_close_matches(bare, labels, 1, 0.7)
    best = close[0] if close else holds[-1] if holds else ""
    return f" Did you mean {labels[best]}?" if best else ""


def _missing(value: object) -> bool:
    return value is None or value == ""


def _present(column: Column, reducer: str) -> Test:
    values = column.raw(reducer)
    if column.type == "bool":
        return lambda i: values[i] is True
    return lambda i: not _missing(values[i])


def _comparison(column: Column, reducer: str, operator: str, token: Token) -> Test:
    if operator in ("~", "!~"):
        return _matching(column, reducer, operator, token)
    if operator in ("=", "=="):
        return _equal(column, reducer, token)
    if operator == "!=":
        same = _equal(column, reducer, token)
        return lambda i: not same(i)
    ask: Callable[[Any, Any], bool] = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }[operator]
    values = column.raw(reducer)
    if column.type == "text":
        key = natural(token.text)
        return lambda i: not _missing(values[i]) and ask(natural(_said(values[i])), key)
    wanted = _number(column, token)
    return lambda i: ask(_float(values[i]), wanted)


def _matching(column: Column, reducer: str, operator: str, token: Token) -> Test:
    try:
        pattern = re.compile(token.text, re.IGNORECASE)
    except re.error as error:
        raise _wrong(f"The regular expression “{token.text}” does not work: {error.msg}.", token.at) from None
    values, wanted = column.raw(reducer), operator == "~"
    return lambda i: not wanted if _missing(values[i]) else bool(pattern.search(_said(values[i]))) == wanted


def _equal(column: Column, reducer: str, token: Token) -> Test:
    values = column.raw(reducer)
    if token.type == "word" and token.key in ("none", "missing"):
        return lambda i: _missing(values[i])
    if column.type == "text":
        return lambda i: not _missing(values[i]) and _said(values[i]) == token.text
    wanted = _number(column, token)
    if math.isnan(wanted):
        return lambda i: bool(values[i] == "nan")
    return lambda i: _float(values[i]) == wanted


def _said(value: object) -> str:
    """A value as a browser says it: true, 3 for 3.0."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def _float(value: object) -> float:
    if isinstance(value, bool | int | float):
        return float(value)
    return {"inf": math.inf, "-inf": -math.inf}.get(str(value), math.nan)


def _number(column: Column, token: Token) -> float:
    text = token.text.lower().replace("−", "-")
    words = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "true": 1.0, "false": 0.0}
    if text in words:
        return words[text]
    unit = re.fullmatch(r"(\d+\.?\d*|\.\d+)(ms|s|min|h|d)", text)
    if column.id == "run:duration" and unit:
        return float(unit[1]) * _UNITS[unit[2]]
    if column.id == "run:started" and re.match(r"\d{4}-\d\d", text):
        moment = _moment(text + "-01" if len(text) == 7 else text)
        if moment is not None:
            return moment
    if not re.fullmatch(_NUMBER, text):
        raise _wrong(f"{column.label} holds numbers, and “{token.text}” is not one.", token.at)
    return float(text)


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A text to sort by: numbers in it as numbers, letters without case and accents."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", bare))
