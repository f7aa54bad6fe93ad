"""Tokens of known shape: the table of published formats, and the search for them in finished files."""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_BEFORE = r"(?<![A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Rule:
    """One published token format. No text without one of `literals` can match, so only those are searched.

    What the group `keep` matched stands before the token and stays.
    """

    name: str
    literals: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret at `text[start:end]`; `line` counts from 1 in the text that was searched."""

    rule: str
    start: int
    end: int
    line: int


def _rule(name: str, literals: str, pattern: str) -> Rule:
    return Rule(name, tuple(literals.split()), re.compile(pattern))


def _token(name: str, literals: str, pattern: str) -> Rule:
    return _rule(name, literals, f"{_BEFORE}(?:{pattern})")


_PEM = (
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[^-]{0,20000}-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*)"
)
# Order matters where one shape holds another: an address with a password may hold a token.
RULES: tuple[Rule, ...] = (
    _rule("private-key", "PRIVATE", _PEM),
    _rule("private-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    _rule("slack-webhook", "hooks.slack.com", r"https://hooks\.slack\.com/[a-z]+/[A-Za-z0-9/_+-]{20,}"),
    _rule("discord-webhook", "/api/webhooks/", r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{30,}"),
    _rule(
        "url-password", "://", r"(?P<keep>://)[^\s/:@\"'<>\[\]`?#]*:(?!(?:password|pass|\*+)@)[^\s/\"'<>\[\]`]+(?=@)"
    ),
    _rule("url-token", "://", r"(?P<keep>://)(?=[^@/\s]*[0-9])[A-Za-z0-9_.~-]{20,}(?=@)"),
    _rule("aws-signature", "X-Amz-", r"(?P<keep>X-Amz-(?:Signature|Security-Token)=)[\w%+/=-]{20,}"),
    _rule("google-signature", "X-Goog-Signature=", r"(?P<keep>X-Goog-Signature=)[0-9a-f]{64,}"),
    _rule("azure-key", "AccountKey= SharedAccessKey=", r"(?P<keep>(?:Account|Access)Key=)[\w+/=-]{40,}"),
    _rule("azure-signature", "sig=", r"(?P<keep>[?&;]sig=)[\w%+/=-]{40,}"),
    _rule("aws-key", "AKIA ASIA ABIA ACCA", rf"{_BEFORE}A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{{16}}"),
    _token("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,}"),
    _token("github-token", "github_pat_", r"github_pat_\w{22,}"),
    _token(
        "gitlab-token", "glpat- gldt- glrt- glptt- glft- glsoat- glcbt-", r"gl(?:pat|dt|rt|ptt|ft|soat|cbt)-[\w.-]{20,}"
    ),
    _token("gitlab-token", "glagent- gloas- glimt- GR1348941", r"gl(?:agent|oas|imt)-[\w.-]{20,}|GR1348941[\w-]{20}"),
    _token("huggingface-token", "hf_ api_org_", r"(?:hf_|api_org_)[A-Za-z0-9]{30,}"),
    _token("anthropic-key", "sk-ant-", r"sk-ant-[\w-]{20,}"),
    _token("openrouter-key", "sk-or-", r"sk-or-v\d-[0-9a-f]{40,}"),
    _token("openai-key", "sk-", r"sk-(?:(?:proj|svcacct|admin|None)-[\w-]{40,}|[A-Za-z0-9]{32,})"),
    _token("wandb-key", "wandb_v1_", r"wandb_v1_\w{40,}"),
    _token("neptune-token", "eyJhcGlf", r"eyJhcGlf[\w+/=-]{40,}"),
    _token("jwt", "eyJ", r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    _token("slack-token", "xox xapp-", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{20,}"),
    _token("google-key", "AIza", r"AIza[\w-]{35}"),
    _token("google-token", "ya29. GOCSPX-", r"ya29\.[\w-]{20,}|GOCSPX-[\w-]{24,}"),
    _token("stripe-key", "_live_ _test_ whsec_", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{32,}"),
    _token("npm-token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _token("pypi-token", "pypi-AgE", r"pypi-AgE[\w-]{50,}"),
    _token("sendgrid-key", "SG.", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    _token("twilio-key", "SK", r"SK[0-9a-f]{32}"),
    _token("telegram-token", ":AA", r"\d{8,10}:AA[\w-]{33}"),
    _token("databricks-token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _token("digitalocean-token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _token("docker-token", "dckr_pat_", r"dckr_pat_[\w-]{20,}"),
    _token("replicate-token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    _token("groq-key", "gsk_", r"gsk_[A-Za-z0-9]{40,}"),
    _token("perplexity-key", "pplx-", r"pplx-[A-Za-z0-9]{40,}"),
    _token("xai-key", "xai-", r"xai-[A-Za-z0-9]{60,}"),
    _token("nvidia-key", "nvapi-", r"nvapi-[\w-]{60,}"),
    _token("langsmith-key", "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    _token("kaggle-token", "KGAT_", r"KGAT_[0-9a-f]{32}"),
    _token("pinecone-key", "pcsk_", r"pcsk_\w{50,}"),
    _token("supabase-key", "sbp_ sb_secret_", r"sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}"),
    _token("linear-key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _token("notion-token", "ntn_ secret_", r"ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}"),
    _token("figma-token", "figd_", r"figd_[\w-]{40,}"),
    _token("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _token("atlassian-token", "ATATT3 ATBB", r"ATATT3[\w=-]{100,}|ATBB[A-Za-z0-9]{32}"),
    _token("doppler-token", "dp.", r"dp\.[a-z]{2,7}\.[A-Za-z0-9]{40,}"),
    _token("vault-token", "hvs. hvb. .atlasv1.", r"hv[sb]\.[\w-]{24,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    _token("grafana-token", "glsa_ glc_ey", r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_ey[\w+/=-]{32,}"),
    _token("newrelic-key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _token("planetscale-token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,}"),
)
LITERALS: dict[str, tuple[Rule, ...]] = {
    literal: tuple(rule for rule in RULES if literal in rule.literals)
    for literal in dict.fromkeys(literal for rule in RULES for literal in rule.literals)
}


def rules_for(text: str) -> list[Rule]:
    """The rules that can match at all, in table order."""
    hit = [rule for literal, rules in LITERALS.items() if literal in text for rule in rules]
    return hit if len(hit) < 2 else [rule for rule in RULES if rule in hit]


def published_example(token: str) -> bool:
    """Whether a vendor prints this token in its own documentation."""
    return token.endswith("EXAMPLE")


def scan_text(text: str) -> list[Finding]:
    """Tokens of known shape in a text, in order. Names are not looked at: prose may say `password=...`."""
    found = [
        Finding(rule.name, match.start(), match.end(), text.count("\n", 0, match.start()) + 1)
        for rule in rules_for(text)
        for match in rule.pattern.finditer(text)
        if not published_example(match.group())
    ]
    return sorted(found, key=lambda one: (one.start, one.end))


_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_BLOB = re.compile(rb"(?<![\w+/])[A-Za-z0-9+/]{40,4096}={0,2}(?![\w+/=])")


def scan_bytes(content: bytes) -> list[Finding]:
    """Tokens of known shape in a finished file: as it is, and one level below HTML, percent, JSON and base64 coding.

    Positions are those in the decoded text. Content that is not UTF-8 is searched byte by byte (as Latin-1).
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    found = scan_text(text)
    for decoded in _decoded(text, content):
        known = Counter(one.rule for one in found)
        for one in scan_text(decoded):
            known[one.rule] -= 1
            if known[one.rule] < 0:
                found.append(one)
    return found


def _decoded(text: str, content: bytes) -> Iterator[str]:
    if "<" in text:
        yield _TAG.sub("", text)
    if "&" in text and ";" in text:
        yield html.unescape(text)
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        yield urllib.parse.unquote(text)
    if "\\u00" in text:
        yield re.sub(r"\\u00([0-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), text)
    blobs = []
    for match in _BLOB.finditer(content):
        try:
            blobs.append(base64.b64decode(match.group() + b"=" * (-len(match.group()) % 4)))
        except binascii.Error:
            continue
    if blobs:
        yield b"\n".join(blobs).decode("latin-1")
