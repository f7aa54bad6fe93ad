"""Names that say "secret", the values under them, and assignments to such names inside a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from runpages.model import Scalar

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_STRONG = {
    "password": "password",
    "passwords": "password",
    "passwd": "password",
    "passphrase": "password",
    "pwd": "password",
    "secret": "secret",
    "secrets": "secret",
    "credential": "credential",
    "credentials": "credential",
    "authorization": "authorization",
    "bearer": "authorization",
    "cookie": "cookie",
    "apikey": "api-key",
    "apikeys": "api-key",
    "accesskey": "access-key",
    "secretkey": "secret",
    "privatekey": "private-key",
    "authtoken": "token",
    "accesstoken": "token",
}
_KEYED = dict.fromkeys(("api", "access", "private", "secret", "signing", "encryption", "account", "auth"), "key")
_KEYED |= dict.fromkeys(("ssh", "service", "master", "subscription", "deploy", "shared"), "key")
_TOKENED = frozenset(("auth", "access", "refresh", "bearer", "api", "id"))
# `pad_token`, `time_to_first_token`, `cls_token`: words of language models, not of logins
_TEXT_TOKENS = frozenset(
    "pad eos bos unk sep cls mask image img video audio special stop start end per next first last prev new max min num n "
    "class sink register query text speech prefix suffix middle fim eot im distill distillation time word sub oov blank "
    "null empty separator boi eoi trigger placeholder prompt task lang language forced decoder system think tool dist by "
    "each single patch position begin begins memory latent seed additional extra target source src tgt mem".split()
)
# `password_length`, `secret_name`: about a secret, not the secret
_ABOUT = frozenset(
    "length len type types count policy size name names file files path paths dir min max required enabled dim dims index "
    "loss rate weight weights ratio accuracy acc expires expiry ttl url uri endpoint class level env arn provider".split()
)
_TRIVIAL = frozenset(
    "true false none null nil yes no on off str string int bytes bool any optional secretstr required default undefined "
    "basic bearer digest env prompt keyring netrc unset empty missing not".split()
)
_UNSET = re.compile(r"[*•xX.\-_]*|<[^<>]*>|\[[^\[\]]*\]|\$\w+|\$?\{.*\}|%\w+%|\.\.\.")
_ASSIGNED = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|pwd|secret|credential|authorization|bearer|token|cookie|(?:api|access|private|"
    r"signing|encryption|account|auth)[_-]?key)[\w-]{0,40}"
    r"(?:(?P<close>\\?[\"']?\]?)[ \t]{0,4}(?:=>|:=|[:=](?!=))[ \t]{0,4}|[ \t]{1,4}(?P<flag>))"
    r"(?:(?:Bearer|Basic|Token)[ \t]+)?(?P<open>\\?[\"'])?"
    r"(?P<value>(?!\[secret )(?(open)[^\"'\\\r\n]+|(?:\$\{[^}\s]*\}|[^\s\"',;<>&)\]}\\]+)))"
)
ASSIGNED_LITERALS = (
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "credential",
    "authorization",
    "bearer",
    "token",
    "cookie",
    "key",
)
_BEARER = re.compile(r"(?i)\bbearer[ \t]+(?=[^\s]*[0-9])(?P<value>[\w.~+/=-]{16,})")
_NAME_BEFORE = re.compile(r"[\w.-]{0,60}$")
_PLAIN_NAME = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_]+)*")
_CODE = re.compile(
    r"[A-Za-z_]\w*(?:\.\w+)*[(\[]|(?:os|self|args|opts?|cfg|conf|config|settings|env|secrets|hparams)\.[a-z]"
)


@lru_cache(maxsize=65536)
def secret_key(name: str) -> str:
    """What kind of secret a value under this name is ("password", "token", ...), or "" when the name is harmless."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in _ABOUT:
        return ""
    for word in words:
        if word in _STRONG and not (word == "pwd" and len(words) == 1):
            return _STRONG[word]
    for before, word in pairwise(words):
        if word in ("key", "keys") and before in _KEYED:
            return f"{before}-key"
        if word in ("token", "tokens") and before in _TOKENED:
            return "token"
    if words[-1] == "token" and (len(words) == 1 or words[-2] not in _TEXT_TOKENS):
        return "token"
    return "auth" if words[-1] == "auth" else ""


def secret_value(kind: str, value: Scalar) -> bool:
    """Whether this value, standing under a name of this kind, is to be taken out."""
    if value is None or isinstance(value, bool) or value == "":
        return False
    if not isinstance(value, str):
        return kind == "password"
    if value.lower() in _TRIVIAL or _UNSET.fullmatch(value):
        return False
    if kind == "credential":
        return not re.match(r"[~./\\]|[A-Za-z]:[\\/]", value)
    if kind in ("token", "auth"):
        return len(value) >= 6 and not re.search(r"\s", value.strip()) and _looks_drawn(value)
    return True


def _looks_drawn(value: str) -> bool:
    """A word or a number is no token; letters with digits, both cases, or great length are."""
    if re.fullmatch(r"[-+]?[0-9.]+(?:e[-+]?\d+)?", value):
        return len(value) >= 16
    mixed = any(c.isdigit() for c in value) or (value != value.lower() and value != value.upper())
    return mixed or len(value) >= 16


def assigned(text: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of each value that follows a telling name: `API_KEY=...`, `"password": "..."`, `--token ...`."""
    at = 0
    while match := _ASSIGNED.search(text, at):
        at = match.start("value")
        before = _NAME_BEFORE.search(text, max(0, match.start() - 60), match.start())
        name_start = before.start() if before else match.start()
        name = re.match(r"[\w.-]*", text[name_start : match.start("value")])
        kind = secret_key(name.group().strip("-.")) if name else ""
        if kind and _assignment(match, text[name_start : match.start()], kind):
            yield kind, match.start("value"), match.end("value")
            at = match.end("value")
        elif drawn := _BEARER.match(text, match.start()):
            yield "authorization", drawn.start("value"), drawn.end("value")
            at = drawn.end("value")


def _is_code(value: str, kind: str) -> bool:
    """`os.environ["X"]`, `args.token`, `get_secret()`, `password=password`: what stands in source code, not a value."""
    if _CODE.match(value) or value.lower().strip("_") == kind:
        return True
    return kind != "password" and len(value) < 24 and bool(_PLAIN_NAME.fullmatch(value))


def _assignment(match: re.Match[str], before: str, kind: str) -> bool:
    value = match["value"]
    if match["flag"] is not None and not before.startswith("-"):
        return False  # a space assigns on a command line only: `--password x`, not "the token is"
    if match["open"] is None and _is_code(value, kind):
        return False
    return secret_value(kind, value)
