"""Addresses and places inside a text: e-mail, network addresses, machines of inner networks, absolute paths, buckets."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter

_EMAIL = re.compile(r"[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}\b")
_MAC = re.compile(
    r"(?<![0-9A-Za-z:-])(?:(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![0-9A-Za-z:-])"
)
_IPV4 = re.compile(r"(?<![\w.=-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.-])")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%\w+)?(?![\w:])")
_INNER = re.compile(
    r"(?<![\w.@-])(?:[A-Za-z0-9][\w-]*\.)+(?:internal|local|lan|corp|intra|intranet|cluster|localdomain|private|home\.arpa)\b"
    r"|(?<![\w.-])ip-\d{1,3}(?:-\d{1,3}){3}\b"
)
_URI = re.compile(
    r"\b(?:file|s3a?|gs|gcs|abfss?|wasbs?|az|hdfs|dbfs|ssh|sftp|scp|nfs|smb|oci|r2|oss|cos|git\+ssh)://?[^\s\"'<>|`,;)\]}]+"
)
_STOP = r"[^\s\"'<>|`:;,()\[\]{}*?&=]"
_WINDOWS = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]:[\\/]+{_STOP}+|(?<![\\\w])\\\\+[\w.$-]+\\+{_STOP}*")
_HOME = re.compile(rf"(?<![\w~])~(?:[\w.-]*)[\\/]{_STOP}*|(?<![\w~/.])~(?=[\s\"',;:)\]}}]|$)")
_POSIX = re.compile(rf"(?<![\w.:/~*)\]}}<\\%-])/(?:[\w.@+%$~-]+/)+(?:{_STOP})*")
_ROOTS = (
    "home Users mnt media data datasets scratch root tmp var opt usr etc srv nfs gpfs lustre storage work workspace project "
    "projects private Volumes export cluster net vol share shared proc dev run app mount ssd hdd local fsx efs content kaggle"
).split()
_ROOTED = re.compile(rf"(?<![\w.:/~*)\]}}<\\%-])/(?:{'|'.join(_ROOTS)})(?:/{_STOP}*|(?=[\s\"',;)\]]|$))")
_HARMLESS = ("127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1")  # noqa: S104 - every machine has them


def hide_places(text: str, counts: Counter[str]) -> str:
    """The text with every address and place replaced: `[email]`, `[ip]`, `[mac]`, `[host]`, `[path]`."""
    text = hide_addresses(text, counts)
    if "/" in text or "\\" in text or "~" in text:
        for pattern in (_URI, _WINDOWS, _HOME, _ROOTED, _POSIX):
            text = _sub(pattern, "path", text, counts)
    return text


def hide_in_name(text: str, counts: Counter[str]) -> str:
    """The same for a name of a metric or param, where `/train/loss` is no place on a disk but `/home/x` is."""
    text = hide_addresses(text, counts)
    if "/" in text or "\\" in text:
        for pattern in (_URI, _WINDOWS, _ROOTED):
            text = _sub(pattern, "path", text, counts)
    return text


def hide_addresses(text: str, counts: Counter[str]) -> str:
    """The text without e-mail and network addresses and names of inner machines."""
    if "@" in text:
        text = _sub(_EMAIL, "email", text, counts)
    if "." in text:
        text = _sub(_INNER, "host", text, counts)
        text = _addresses(_IPV4, text, counts)
    if text.count(":") > 1:
        text = _sub(_MAC, "mac", text, counts)
        text = _addresses(_IPV6, text, counts)
    return _sub(_MAC, "mac", text, counts) if "-" in text or "." in text else text


def _sub(pattern: re.Pattern[str], kind: str, text: str, counts: Counter[str]) -> str:
    text, found = pattern.subn(f"[{kind}]", text)
    if found:
        counts[kind] += found
    return text


def _addresses(pattern: re.Pattern[str], text: str, counts: Counter[str]) -> str:
    def hidden(match: re.Match[str]) -> str:
        if match[0] in _HARMLESS or (match[0].count("::") == 0 == match[0].count(".") and match[0].count(":") != 7):
            return match[0]
        try:
            ipaddress.ip_address(match[0].partition("%")[0])
        except ValueError:
            return match[0]
        counts["ip"] += 1
        return "[ip]"

    return pattern.sub(hidden, text)
