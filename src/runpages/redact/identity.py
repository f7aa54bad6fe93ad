"""Who and where the runs speak of: people, machines, teams and repositories, found in their fields, and a word for each.

The words are numbered in the order in which the runs began, so a rebuild gives the same ones and later runs add to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from runpages.model import Head, Run, Scalar

Sort = Literal["user", "host", "team", "repository", "command"]
# the last words of a name under which a tracker or a config keeps one
_SAYS: dict[str, Sort] = dict.fromkeys(
    "user username users author authors owner creator login logname submitter email mail contact maintainer".split(),
    "user",
)
_SAYS |= dict.fromkeys(
    "host hostname hosts nodename nodelist machine fqdn computer hostip masteraddr ip ipaddr mac macaddress".split(),
    "host",
)
_SAYS |= dict.fromkeys(
    "team entity org organization organisation workspace institution affiliation lab company tenant".split(), "team"
)
_SAYS |= dict.fromkeys("repository repo remote".split(), "repository")
_SAYS |= dict.fromkeys("argv command cmd commandline executable".split(), "command")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# accounts that many machines have, and words of this field that are also names: replaced as a field, not inside texts
COMMON = frozenset(
    "root admin administrator user users ubuntu debian ec2-user centos jovyan runner nobody localhost docker vagrant none null "
    "unknown anonymous test train trainer valid validation eval default local host node server worker master main model "
    "data base large small adam max min mean sum val loss step epoch batch seed lr mark grace will norm dev prod python "
    "cpu gpu cuda tpu vm linux windows darwin x86_64 amd64 i386 i686 aarch64 arm64 jupyter notebook colab kaggle azureuser "
    "git github gitlab bitbucket runpages mlflow wandb true false sample samples example demo".split()
)
_FORGE = re.compile(
    r"(?:https?://(?:[^@/\s]+@)?|(?:ssh://)?(?:[\w.-]+@)?)([\w.-]+)[/:](?:\d+/)?([\w.~-]+(?:/[\w.~-]+)+)"
)
_EVENT_FILE = re.compile(r"tfevents\.\d{9,}\.(.+?)(?:\.\d+\.\d+)?(?:\.v2)?$")
_MOST = 20_000  # names in one pattern


@dataclass(frozen=True, slots=True)
class Identity:
    """A name, what it names, and the word that stands for it."""

    name: str
    sort: Sort
    word: str


def says(key: str) -> Sort | None:
    """What a value under this key names: `mlflow.user` a user, `system.hostname` a host; None for all others."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words:
        return None
    return _SAYS.get(words[-1]) or _SAYS.get("".join(words[-2:]))


def event_host(name: str) -> str:
    """The machine in the name of a TensorBoard event file, "" for another name."""
    found = _EVENT_FILE.search(name)
    return found[1] if found else ""


def forge_parts(repository: str) -> tuple[str, str, str]:
    """(host, owner, name) of a repository's address; empty texts for what is none."""
    found = _FORGE.fullmatch(repository.strip().rstrip("/").removesuffix(".git"))
    if not found:
        return "", "", ""
    owner, _, name = found[2].rpartition("/")
    return found[1], owner, name


class Identities:
    """The names of a report's people and machines; with `teams`, of its teams and repositories too."""

    def __init__(self, heads: Sequence[Head], *, teams: bool = False, more: Iterable[str] = ()) -> None:
        self.known: dict[str, Identity] = {}
        self._counts: dict[str, int] = {}
        self._teams = teams
        for name in more:
            self._add("user", name)
        for run in sorted((head.run for head in heads), key=_began):
            for sort, name in _named(run):
                self._add(sort, name)
        self._pattern = _pattern([one for one in self.known if searched(one)])

    def _add(self, sort: Sort, name: str) -> None:
        name = name.strip()
        if not name or (sort in ("team", "repository") and not self._teams) or name.lower() in self.known:
            return
        if name.startswith(("[", "~")) or sort == "command":
            return
        self._counts[sort] = self._counts.get(sort, 0) + 1
        word = f"{sort}-{self._counts[sort]}"
        for one in _forms(name, sort):
            self.known.setdefault(one.lower(), Identity(one, sort, word))

    def word(self, name: str) -> str:
        """The word for a name, "" when it is not known."""
        known = self.known.get(name.strip().lower())
        return known.word if known else ""

    def replaced(self, text: str) -> str:
        """The text with every known name, as a word of its own, replaced by its word."""
        if self._pattern is None or not text:
            return text
        return self._pattern.sub(lambda match: self.known[match[0].lower()].word, text)

    def left(self, text: str) -> list[str]:
        """Known names that stand in a text."""
        return [] if self._pattern is None else sorted({match[0] for match in self._pattern.finditer(text)})


def searched(name: str) -> bool:
    """Whether a name is searched for inside texts: long enough, no word of everyday use and no number."""
    return len(name) >= 3 and name.lower() not in COMMON and not name.replace(".", "").isdigit()


def _began(run: Run) -> tuple[float, str]:
    return (float("inf") if run.started is None else run.started, run.id)


def _forms(name: str, sort: Sort) -> Iterator[str]:
    """The name itself, the account in an address, first and last names, a machine's name without its domain."""
    yield name
    bare = re.sub(r"\s*<[^<>]*>", "", name).strip()
    if bare:
        yield bare
    yield from re.findall(r"([\w.+-]+)@[\w.-]+", name)
    if sort == "user":
        yield from (part for part in re.split(r"[\s,;]+", bare) if len(part) >= 4 and searched(part))
    if sort == "host":
        for one in re.split(r"[\s,;]+", name):
            yield from (part for part in (one, one.partition(".")[0]) if len(part) >= 3)


def _named(run: Run) -> Iterator[tuple[Sort, str]]:
    yield from (("user", run.user), ("host", run.host))
    mappings: tuple[Mapping[str, Scalar], ...] = (run.params, run.tags, run.environment, run.results)
    for mapping in mappings:
        for key, value in mapping.items():
            sort = says(key) if isinstance(value, str) else None
            if sort and isinstance(value, str) and len(value) <= 200 and sort != "repository":
                yield sort, value
    for artifact in run.artifacts:
        yield "host", event_host(artifact.path)
    _, owner, name = forge_parts(run.code.repository)
    yield from (("team", owner), ("repository", name))


def _pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    longest = sorted(names, key=lambda name: (-len(name), name))[:_MOST]
    if not longest:
        return None
    return re.compile(rf"(?i)(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![A-Za-z0-9])")
