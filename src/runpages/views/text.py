"""Numbers, durations, sizes and dates as people read them. The browser follows the same rules (js/format.js)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

NONE = "–"
_FOUR = Context(prec=4, rounding=ROUND_HALF_UP)


def number(value: object) -> str:
    """Whole numbers in full, others to 4 significant digits, below 1e-4 and from 1e6 on scientific; words as they are."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return (
            _minus(str(value)) if abs(value) < 10**15 else number(float(value)) if abs(value) < 10**300 else str(value)
        )
    if isinstance(value, float):
        return _minus(_float(value))
    return str(value)


def _float(value: float) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    rounded = float(_FOUR.create_decimal(Decimal(value)))
    if abs(value) < 1e-4 or abs(rounded) >= 1e6:
        return _scientific(rounded)
    return _trim(f"{Decimal(repr(rounded)):f}")


def _scientific(rounded: float) -> str:
    head, _, tail = f"{rounded:.3e}".partition("e")
    exponent = int(tail)
    return f"{_trim(head)}e{exponent:+d}" if exponent >= 0 else f"{_trim(head)}e{exponent}"


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minus(text: str) -> str:
    return text.replace("-", "−")


def full(value: object) -> str:
    """Every digit of a number, for hovering and copying."""
    return repr(value) if isinstance(value, float) else number(value)


def count(value: int) -> str:
    """A whole number with thousands marks."""
    return f"{value:,}"


def plural(amount: int, one: str, many: str = "") -> str:
    """`1 run`, `27 runs`."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def plus_minus(mean: float, spread: float) -> str:
    """Mean ± spread to the digits the spread can bear: `0.972 ± 0.003`."""
    size = abs(mean)
    if not (math.isfinite(spread) and spread > 0 and math.isfinite(mean)):
        return number(mean) if math.isnan(spread) else f"{number(mean)} ± {number(spread)}"
    if spread < 1e-6 or size >= 1e6 or (size < 1e-4 and spread < 1e-4):
        return f"{number(mean)} ± {number(spread)}"
    first = int(f"{spread:.1e}"[0])
    places = max(0, (1 if first == 1 else 0) - math.floor(math.log10(spread)))
    return f"{_minus(f'{mean:.{places}f}')} ± {spread:.{places}f}"


def duration(seconds: float | None) -> str:
    """`420 ms`, `45 s`, `3 min 20 s`, `2 h 13 min`, `3 d 4 h`."""
    if seconds is None or math.isnan(seconds):
        return NONE
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.5:
        return f"{round(seconds)} s"
    for limit, big, big_name, small, small_name in (
        (3599.5, 60, "min", 1, "s"),
        (86370.0, 3600, "h", 60, "min"),
        (math.inf, 86400, "d", 3600, "h"),
    ):
        if seconds < limit:
            whole, rest = divmod(round(seconds / small), big // small)
            return f"{whole} {big_name}" + (f" {rest} {small_name}" if rest else "")
    raise AssertionError("the last limit is infinite")


def filesize(size: int | None) -> str:
    """`820 B`, `3.4 MB`: powers of 1000."""
    if size is None:
        return NONE
    amount, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:
        amount /= 1000
        del units[0]
    return f"{_trim(f'{amount:.1f}') if units[0] != 'B' and amount < 9.95 else round(amount)} {units[0]}"


def date(seconds: float | None) -> str:
    """`2026-07-14 09:32 UTC`."""
    moment = _moment(seconds)
    return NONE if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")


def iso(seconds: float | None) -> str:
    """`2026-07-14T09:32:11.250Z`, "" for none: for machines."""
    moment = _moment(seconds)
    return "" if moment is None else re.sub(r"\.?0*\+00:00$", "Z", moment.isoformat(timespec="milliseconds"))


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None or not math.isfinite(seconds):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def shortened(text: str, most: int = 80) -> str:
    """A text that fits a cell: its middle left out when it is longer than `most`."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}…{text[len(text) - most // 2 + 1 :]}"


def decimals(shown: str) -> int:
    """Digits after the point of a formatted number, 0 for scientific ones, words and whole numbers."""
    found = re.fullmatch(r"−?\d+\.(\d+)", shown)
    return len(found[1]) if found else 0


def pad(shown: str, wanted: int) -> str:
    """The invisible rest that lines a number up on the decimal point of a column with `wanted` decimals."""
    if not wanted or not re.fullmatch(r"−?\d+(\.\d+)?", shown):
        return ""
    has = decimals(shown)
    return ("" if has else ".") + "0" * max(0, wanted - has)


def listed(items: list[str], most: int = 6) -> str:
    """`a`, `a and b`, `a, b and c`; of more than `most` the first few and how many others."""
    if len(items) > most:
        items = [*items[: most - 1], f"{len(items) - most + 1} others"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
