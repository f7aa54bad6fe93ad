"""A labelled set: 300 planted secrets of 45 named kinds and of none, in the fields of runs, and clean fields of real runs."""

from __future__ import annotations

import random
import string
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runpages.model import Artifact, Code, Run
from runpages.readers import installed
from runpages.redact import redact_run
from runpages.testing import read_all

ALNUM, HEX, UPPER = string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + "234567"
# kind -> what stands before the drawn part (cut, so that this file holds no token), its alphabet and length
NAMED: dict[str, tuple[str, str, int]] = {
    "aws": ("AKI|A", UPPER, 16), "aws-session": ("ASI|A", UPPER, 16), "github-classic": ("gh|p_", ALNUM, 36), "github-app": ("gh|s_", ALNUM, 36),
    "github-fine": ("github|_pat_", ALNUM, 82), "gitlab": ("glp|at-", ALNUM, 20), "gitlab-deploy": ("gld|t-", ALNUM, 20),
    "huggingface": ("h|f_", ALNUM, 34), "anthropic": ("sk-a|nt-api03-", ALNUM, 93), "openai": ("sk|-", ALNUM, 48),
    "openai-project": ("sk-pr|oj-", ALNUM, 60), "openrouter": ("sk-o|r-v1-", HEX, 64), "wandb": ("wandb|_v1_", ALNUM, 60),
    "slack-bot": ("xo|xb-", "0123456789", 24), "slack-app": ("xap|p-1-", ALNUM, 40), "slack-webhook": ("https://hooks.sl|ack.com/services/T0/B0/", ALNUM, 24),
    "google": ("AI|za", ALNUM, 35), "google-oauth": ("ya|29.", ALNUM, 60), "google-client": ("GOC|SPX-", ALNUM, 28), "stripe": ("sk_l|ive_", ALNUM, 24),
    "npm": ("np|m_", ALNUM, 36), "pypi": ("pypi|-AgEIcHlwaS5vcmc", ALNUM, 90), "sendgrid": ("S|G.aaaaaaaaaaaaaaaaaaaaaa.", ALNUM, 43), "twilio": ("S|K", HEX, 32),
    "telegram": ("123456789:A|A", ALNUM, 33), "databricks": ("da|pi", HEX, 32), "digitalocean": ("dop|_v1_", HEX, 64), "docker": ("dckr|_pat_", ALNUM, 27),
    "replicate": ("r|8_", ALNUM, 37), "groq": ("gs|k_", ALNUM, 52), "perplexity": ("ppl|x-", ALNUM, 48), "xai": ("xa|i-", ALNUM, 80),
    "nvidia": ("nva|pi-", ALNUM, 64), "kaggle": ("KGA|T_", HEX, 32), "pinecone": ("pcs|k_", ALNUM, 60), "linear": ("lin|_api_", ALNUM, 40),
    "figma": ("fig|d_", ALNUM, 44), "shopify": ("shp|at_", HEX, 32), "vault": ("hv|s.", ALNUM, 24), "newrelic": ("NRA|K-", UPPER, 27),
    "grafana": ("gls|a_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_", HEX, 8), "jwt": ("ey|JhbGciOiJI.ey|JzdWIiOiIx.", ALNUM, 43),
    "neptune": ("eyJ|hcGlf", ALNUM, 80), "url-password": ("https://ana:", ALNUM, 16), "private-key": ("-----BEGIN PRI|VATE KEY-----\n", ALNUM, 200),
}  # fmt: skip
SUSPICIOUS = (
    "db_password wandb_api_key client_secret accessToken AUTH_TOKEN mysql.passwd service-credentials aws_secret_access_key "
    "hf_token private_key".split()
)
FIELDS = (
    "param",
    "param-text",
    "tag",
    "result",
    "notes",
    "log",
    "command",
    "patch",
    "environment",
    "link",
    "artifact",
    "name",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A secret, its kind ("" for none known), and the run that it stands in."""

    secret: str
    kind: str
    field: str
    run: Run


def planted() -> list[Planted]:
    """270 of named kinds, 30 of unknown shape under a telling name; the same each time."""
    rng = random.Random(8)  # noqa: S311 - the same set each time
    made = []
    for number, kind in enumerate(kind for kind in NAMED for _ in range(6)):
        before, alphabet, size = NAMED[kind]
        drawn = "".join(rng.choice(alphabet) for _ in range(size))
        after = {"url-password": "@db.example/x", "private-key": "\n-----END PRI|VATE KEY-----".replace("|", "")}.get(
            kind, ""
        )
        where = FIELDS[number % len(FIELDS)]
        made.append(Planted(drawn, kind, where, _PLACES[where](before.replace("|", "") + drawn + after)))
    for number in range(30):
        drawn = "".join(rng.choice(ALNUM) for _ in range(rng.randint(8, 40)))
        made.append(Planted(drawn, "", "telling", _telling(SUSPICIOUS[number % 10], drawn, number // 10)))
    return made


def _run(**more: object) -> Run:
    return Run("id", str(more.pop("name", "name")), "plain", ".", **more)  # type: ignore[arg-type]


_PLACES: dict[str, Callable[[str], Run]] = {
    "param": lambda s: _run(params={"x": s}),
    "param-text": lambda s: _run(params={"cfg": f"['--lr', '0.1', '{s}']"}),
    "tag": lambda s: _run(tags={"note": s}),
    "result": lambda s: _run(results={"said": f"see {s} there"}),
    "notes": lambda s: _run(notes=f"used `{s}` today"),
    "log": lambda s: _run(log=f"step 1\nconnecting with {s}\nstep 2"),
    "command": lambda s: _run(code=Code(command=f"python train.py --key={s} --lr 0.1")),
    "patch": lambda s: _run(code=Code(patch=f"+++ b/.env\n+X={s}\n")),
    "environment": lambda s: _run(environment={"X": s}),
    "link": lambda s: _run(links={"page": f"https://x.example/?q={s}"}),
    "artifact": lambda s: _run(artifacts=(Artifact("a", "text", "", data=f"a {s}".encode()),)),
    "name": lambda s: _run(name=f"run {s}"),
}


def _telling(key: str, secret: str, how: int) -> Run:
    if how == 0:
        return _run(params={key: secret})
    if how == 1:
        return _run(log=f"export {key.upper().replace('.', '_')}={secret}\nnext")
    return _run(code=Code(command=f"python a.py --{key} {secret}"))


def found(one: Planted) -> bool:
    """Whether the secret is gone from every text of its run."""
    return one.secret not in repr(redact_run(one.run, Counter()))


def clean_fields(samples: Path) -> Iterator[tuple[str, str]]:
    """(name, value) of texts in the runs of real trackers: none of them is a secret."""
    runs, _ = read_all(dict(installed().readers), samples)
    for run in runs:
        for mapping in (run.params, run.tags, run.results, run.environment):
            yield from ((str(key), str(value)) for key, value in mapping.items())
        yield from (("log", line) for line in run.log.splitlines())
        yield from (("patch", line) for line in run.code.patch.splitlines())
        yield from (("notes", line) for line in run.notes.splitlines())
        yield from (("text", getattr(run, name)) for name in ("id", "name", "group", "source", "user", "host"))
        yield from (("metric", series.label) for series in run.series)
        for artifact in run.artifacts:
            yield "artifact", f"{artifact.name} {artifact.digest} {artifact.path}"


def false_alarm(name: str, value: str) -> bool:
    """Whether a clean field is taken for a secret."""
    counts: Counter[str] = Counter()
    redact_run(_run(params={name: value}), counts)
    return any(rule != "home-path" for rule in counts)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares found and false alarms."""

    named: int
    named_found: int
    unknown: int
    unknown_found: int
    clean: int
    false_alarms: int


def figures(samples: Path) -> Figures:
    """The figures of the set as the code is now."""
    every = planted()
    named, unknown = [one for one in every if one.kind], [one for one in every if not one.kind]
    clean = list(clean_fields(samples))
    return Figures(
        len(named), sum(map(found, named)), len(unknown), sum(map(found, unknown)), len(clean), sum(false_alarm(*one) for one in clean)
    )  # fmt: skip
