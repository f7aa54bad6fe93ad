"""No token of a known shape leaves a run; commits, hashes and the words of language models stay."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.errors import Note
from runpages.model import Artifact, Code, Run, Scalar, Series
from runpages.redact import redact_note, redact_run, redact_text, scan_bytes, scan_text
from runpages.redact.names import secret_key
from runpages.redact.tokens import RULES

HEX = "0123456789abcdef"
ALNUM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def drawn(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=alphabet, min_size=size, max_size=size)


# rule -> (what stands before the drawn part, alphabet, length): shapes as the vendors publish them. Put together
# here, so that this file itself holds no token.
SHAPES: dict[str, tuple[str, str, int]] = {
    "aws-key": ("AKI" + "A", UPPER, 16),
    "github-token": ("gh" + "p_", ALNUM, 36),
    "github-token fine": ("github" + "_pat_", ALNUM + "_", 82),
    "gitlab-token": ("glp" + "at-", ALNUM, 20),
    "huggingface-token": ("h" + "f_", ALNUM, 34),
    "anthropic-key": ("sk-a" + "nt-api03-", ALNUM, 93),
    "openai-key": ("sk" + "-", ALNUM, 48),
    "openai-key project": ("sk-pr" + "oj-", ALNUM + "-_", 60),
    "openrouter-key": ("sk-o" + "r-v1-", HEX, 64),
    "wandb-key": ("wandb" + "_v1_", ALNUM, 60),
    "slack-token": ("xo" + "xb-", "0123456789", 24),
    "google-key": ("AI" + "za", ALNUM, 35),
    "google-token": ("ya" + "29.", ALNUM, 60),
    "stripe-key": ("sk_l" + "ive_", ALNUM, 24),
    "npm-token": ("np" + "m_", ALNUM, 36),
    "sendgrid-key": ("S" + "G." + "a" * 22 + ".", ALNUM, 43),
    "twilio-key": ("S" + "K", HEX, 32),
    "databricks-token": ("da" + "pi", HEX, 32),
    "digitalocean-token": ("dop" + "_v1_", HEX, 64),
    "docker-token": ("dckr" + "_pat_", ALNUM, 27),
    "replicate-token": ("r" + "8_", ALNUM, 37),
    "groq-key": ("gs" + "k_", ALNUM, 52),
    "perplexity-key": ("ppl" + "x-", ALNUM, 48),
    "xai-key": ("xa" + "i-", ALNUM, 80),
    "nvidia-key": ("nva" + "pi-", ALNUM, 64),
    "kaggle-token": ("KGA" + "T_", HEX, 32),
    "jwt": ("ey" + "JhbGciOiJI.ey" + "JzdWIiOiIx.", ALNUM, 43),
    "neptune-token": ("eyJ" + "hcGlf", ALNUM, 80),
    "linear-key": ("lin" + "_api_", ALNUM, 40),
    "shopify-token": ("shp" + "at_", HEX, 32),
    "vault-token": ("hv" + "s.", ALNUM, 24),
    "newrelic-key": ("NRA" + "K-", UPPER, 27),
    "grafana-token": ("gls" + "a_" + "b" * 32 + "_", HEX, 8),
    "azure-key": ("Account" + "Key=", ALNUM, 86),
    "aws-signature": ("https://b.example/k?X-Amz-Sig" + "nature=", HEX, 64),
    "slack-webhook": ("https://hooks.sl" + "ack.com/services/T0000/B0000/", ALNUM, 24),
}


def token(shape: str, seed: int = 7) -> str:
    before, alphabet, size = SHAPES[shape]
    rng = np.random.default_rng([seed, size])
    return before + "".join(alphabet[i] for i in rng.integers(0, len(alphabet), size))


PEM = "-----BEGIN RSA PRI" + "VATE KEY-----\nMIIEow" + "IBAAKCAQEA\n" * 9 + "-----END RSA PRI" + "VATE KEY-----"


@given(data=st.data(), before=st.sampled_from(["", " ", "'", '"', "=", ":", "(", "\n", "_", "-", ">"]))
def test_no_token_of_a_known_shape_survives_anywhere_in_a_text(data: st.DataObject, before: str) -> None:
    shape = data.draw(st.sampled_from(sorted(SHAPES)))
    prefix, alphabet, size = SHAPES[shape]
    tail = data.draw(drawn(alphabet, size))
    around = st.text(alphabet="abc xyz.,\n\t/é", max_size=30)
    after = data.draw(st.sampled_from(["", " ", "'", '"', ",", ")", "\n", "<", ";"]))
    text = data.draw(around) + " " + before + prefix + tail + after + data.draw(around)
    if tail.endswith(("-", "EXAMPLE")):
        return
    counts: Counter[str] = Counter()
    clean = redact_text(text, counts)
    assert tail not in clean
    assert sum(counts.values()) >= 1
    assert scan_text(clean) == []
    assert redact_text(clean, Counter()) == clean, "taking out twice changes nothing"


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_placeholder_says_which_rule_it_was(shape: str) -> None:
    rule = shape.partition(" ")[0]
    counts: Counter[str] = Counter()
    assert f"[secret {rule}]" in redact_text(f"see {token(shape)} here", counts)
    assert counts == {rule: 1}
    assert [one.rule for one in scan_text(f"first\nsee {token(shape)}")] == [rule]
    assert scan_text(f"first\nsee {token(shape)}")[0].line == 2


def test_every_rule_has_a_literal_that_its_matches_hold() -> None:
    for rule in RULES:
        assert rule.literals
        assert all(len(one) >= 2 for one in rule.literals), rule.name


INNOCENTS = """
9b1c2d3e4f5a69788796a5b4c3d2e1f001234567
d41d8cd98f00b204e9800998ecf8427e
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
550e8400-e29b-41d4-a716-446655440000
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
tokenizer=bert
tokenizer=bert-base-uncased
max_tokens=4096
num_tokens: 128000
tokens=12345678
tokens/s 1234.5
pad_token_id=50256
pad_token=<pad>
eos_token=</s>
bos_token=<|startoftext|>
token_type=bpe_level_2
cls_token=CLS
time_to_first_token=0.25s1
tokens_per_second: 4212
n_tokens=1_000_000
token embedding: 768d
the token is taken from the vocabulary
password: none
use_auth_token=True
secret sharing over finite fields
api_key=None
api_key=${OPENAI_API_KEY}
token=$HF_TOKEN
password = os.environ["DB_PASSWORD"]
token = args.token
token: Optional[str]
if self.password == other.password:
connect(user=user, password=password)
token = Name.Namespace
def f(token: _TocToken) -> None:
key=value
key_dim=64
num_key_value_heads=8
public_key_size: 2048
checkpoints/epoch=09-val_loss=0.1234.ckpt
best-epoch=12-step=34560.ckpt
models/resnet50_v2_imagenet.pt
run-20260112_101112-1a2b3c4d
offline-run-20260112_101112-x9y8z7w6
events.out.tfevents.1767225600.lab-03.4242.0
brave-lion-42
sk-learn-logistic-regression-baseline-for-digits
sklearn.linear_model.LogisticRegression
task-0123456789abcdef0123456789abcdef
hf_model_name=google/flan-t5-large
hf-internal-testing/tiny-random-gpt2
https://github.com/ana/project/commit/9b1c2d3e4f5a69788796a5b4c3d2e1f001234567
git@github.com:ana/project.git
ssh://git@github.com/ana/project.git
http://localhost:5000/#/experiments/0
https://example.com:8443/a@b
https://example.com/home/news
s3://home/bucket/model.pt
mailto:ana@example.com
docker://registry.example.com/train:1.2.3
lr=0.001, betas=(0.9, 0.999)
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
AKIAIOSFODNN7EXAMPLE
Adam(lr=1e-3, weight_decay=1e-4)
cuda:0
SKU 0123456789
author=Ana Lopez
authors: A. Lopez, B. Mair
""".strip().splitlines()


@pytest.mark.parametrize("text", INNOCENTS)
def test_innocent_text_stays_as_it_is(text: str) -> None:
    counts: Counter[str] = Counter()
    assert redact_text(text, counts) == text
    assert not counts
    run = Run(id="1", name=text, tracker="plain", source=".", log=text, params={"note": text})
    assert redact_run(run, counts) is run or redact_run(run, counts).name == text


def test_there_are_sixty_innocents() -> None:
    assert len(INNOCENTS) >= 60


@given(st.binary(min_size=200, max_size=3000))
def test_pictures_in_base64_are_not_damaged(content: bytes) -> None:
    text = "data:image/png;base64," + base64.b64encode(content).decode()
    assert redact_text(text, Counter()) == text


@given(st.text(alphabet=HEX, min_size=7, max_size=64))
def test_commits_and_digests_stay(commit: str) -> None:
    text = f"commit {commit} of branch main ({commit[:7]})"
    assert redact_text(text, Counter()) == text


@pytest.mark.parametrize(
    "name",
    "password db.password DB_PASSWORD dbPassword passwd passphrase secret client_secret AWS_SECRET_ACCESS_KEY api_key "
    "apiKey WANDB_API_KEY openaiApiKey APIKey OPENAI_API_KEY access_token refresh_token hf_token HF_TOKEN token "
    "github.token authorization http.authorization private_key credentials session.cookie db_pwd password2 auth".split(),
)
def test_these_names_say_secret(name: str) -> None:
    assert secret_key(name)


@pytest.mark.parametrize(
    "name",
    "tokens max_tokens maxTokens token_type pad_token_id num_tokens tokenizer tokenizer.name pad_token eos_token "
    "special_tokens cls_token time_to_first_token loss_per_token token_count key keys num_key_value_heads key_dim "
    "secretary password_length author pwd PWD monkey keyboard n_keys auth_type secret_name foreign_key".split(),
)
def test_these_names_are_harmless(name: str) -> None:
    assert secret_key(name) == ""


def test_values_under_telling_names_go_whatever_their_shape() -> None:
    params: dict[str, Scalar] = {
        "db.password": "hunter2",
        "pin_password": 1234,
        "api_key": "0123456789abcdef0123456789abcdef01234567",
        "token": "q7w8e9r0t1",
        "login.password": None,
        "use_auth_token": True,
        "GOOGLE_APPLICATION_CREDENTIALS": "/etc/keys/google.json",
        "token_level": "character",
        "lr": 0.1,
    }
    counts: Counter[str] = Counter()
    clean = redact_run(Run(id="1", name="a", tracker="plain", source=".", params=params), counts)
    assert clean.params == {
        **params,
        "db.password": "[secret password]",
        "pin_password": "[secret password]",
        "api_key": "[secret api-key]",
        "token": "[secret token]",
    }
    assert counts == {"password": 2, "api-key": 1, "token": 1}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("train.py --password hunter2 --lr 0.1", "train.py --password [secret password] --lr 0.1"),
        ("export WANDB_API_KEY=0123456789abcdef01234567", "export WANDB_API_KEY=[secret api-key]"),
        ('{"password": "hunter 2", "user": "ana"}', '{"password": "[secret password]", "user": "ana"}'),
        ("{'api_key': 'abc123', 'lr': 1}", "{'api_key': '[secret api-key]', 'lr': 1}"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [secret authorization]"),
        ("curl -H 'X: bearer abcdefgh12345678'", "curl -H 'X: bearer [secret authorization]'"),
        ("+HF_TOKEN=q7w8e9r0t1", "+HF_TOKEN=[secret token]"),
        ("postgresql://ana:hunter2@db.lab/x", "postgresql://[secret url-password]@db.lab/x"),
        ("https://oauth2:p@ss@git.lab/x.git", "https://[secret url-password]@git.lab/x.git"),
        (f"a\n{PEM}\nb", "a\n[secret private-key]\nb"),
        (f"a {PEM[:200]}", "a [secret private-key]"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "AWS_SECRET_ACCESS_KEY=[secret secret]"),
    ],
)
def test_assignments_in_logs_patches_and_commands_lose_their_value(text: str, clean: str) -> None:
    assert redact_text(text, Counter()) == clean
    assert redact_text(clean, Counter()) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("/home/ana/project/train.py", "~/project/train.py"),
        ("/Users/ana/x.csv", "~/x.csv"),
        ("in /home/ana.", "in ~."),
        ("file:///home/ana/mlruns/0", "file://~/mlruns/0"),
        ("file:///C:/Users/ana/mlruns", "file:///~/mlruns"),
        (r"C:\Users\Ana Lopez\project", r"~\project"),
        (r"c:\\Users\\ana\\project", r"~\\project"),
        ("/mnt/c/Users/ana/x and /nfs/home/ana/y", "~/x and ~/y"),
        ("lab-03:/home/ana/x", "lab-03:~/x"),
        ('File "/home/ana/a.py", line 3', 'File "~/a.py", line 3'),
        ("PATH=/home/ana/bin:/home/ana/.local/bin", "PATH=~/bin:~/.local/bin"),
        ("https://example.com/home/news", "https://example.com/home/news"),
        ("./home/page and docs/home/x", "./home/page and docs/home/x"),
    ],
)
def test_home_folders_become_a_tilde(text: str, clean: str) -> None:
    assert redact_text(text, Counter()) == clean


def full_run(secret: str) -> Run:
    """A run with one secret in each place a run can hold a text."""
    series = Series(f"loss {secret}", np.arange(3), np.zeros(3), context={"subset": secret})
    artifacts = (
        Artifact(
            f"log {secret}", "text", "a/log.txt", key=secret, caption=secret, data=secret.encode(), size=len(secret)
        ),
        Artifact("plot", "image", "/home/ana/plot.png", data=b"\x89PNG\x00"),
    )
    return Run(
        id=f"id {secret}",
        name=secret,
        tracker="plain",
        source=".",
        group=secret,
        parent=f"id {secret}",
        reason=secret,
        user=secret,
        host=secret,
        params={"a": secret, secret: 1},
        series=(series,),
        results={"b": secret},
        tags={"c": secret},
        notes=f"# {secret}",
        artifacts=artifacts,
        code=Code(secret, "9b1c2d3", secret, True, f"+ {secret}\n", secret, f"python {secret}"),
        environment={"d": secret},
        log=f"{secret}\n" * 3,
        links={"e": f"https://x.example/?a={secret}"},
    )


@pytest.mark.parametrize("shape", ["github-token", "huggingface-token", "aws-key", "anthropic-key", "jwt"])
def test_a_secret_is_found_in_every_field_of_a_run(shape: str) -> None:
    secret = token(shape)
    counts: Counter[str] = Counter()
    run = full_run(secret)
    clean = redact_run(run, counts)
    assert secret not in repr(clean)
    assert counts[shape] >= 20
    assert clean.parent == clean.id, "a child still finds its parent"
    assert clean.code.commit == "9b1c2d3"
    assert clean.code.dirty is True
    assert clean.series[0].values is run.series[0].values
    assert clean.artifacts[0].size == len(clean.artifacts[0].data or b"")
    assert clean.artifacts[1] == run.artifacts[1], "the path is where the file lies, the picture is not text"


def test_two_ids_that_differ_in_the_secret_stay_two() -> None:
    runs = [Run(id=token("github-token", seed), name="a", tracker="plain", source=".") for seed in (1, 2)]
    first, second = [redact_run(run, Counter()).id for run in runs]
    assert first != second


def test_two_names_that_differ_in_the_secret_stay_two() -> None:
    params = {token("github-token", seed): seed for seed in (1, 2)}
    clean = redact_run(Run(id="1", name="a", tracker="plain", source=".", params=params), Counter())
    assert sorted(clean.params.values(), key=str) == [1, 2]


def test_a_clean_run_is_handed_back_as_it_is() -> None:
    run = Run(id="1", name="a", tracker="plain", source=".", params={"tokenizer": "bert", "lr": 0.1}, log="epoch 1\n")
    assert redact_run(run, Counter()) is run


def test_a_note_loses_what_it_quotes() -> None:
    secret = token("huggingface-token")
    note = redact_note(Note("file-torn", f"line {secret}", where="/home/ana/x", hint=secret), Counter())
    assert (note.what, note.where, note.hint) == (
        "line [secret huggingface-token]",
        "~/x",
        "[secret huggingface-token]",
    )


@pytest.mark.parametrize("shape", ["github-token", "anthropic-key", "google-key"])
def test_finished_files_are_searched_below_one_level_of_coding(shape: str) -> None:
    secret = token(shape)
    address = "postgresql://ana:hun&ter2@db.lab/x"
    assert [one.rule for one in scan_bytes(f"<p>{secret}</p>".encode())] == [shape]
    assert [one.rule for one in scan_bytes(b"\xff\xfe" + secret.encode())] == [shape]
    assert [one.rule for one in scan_bytes(base64.b64encode(f'{{"a": "{secret}"}}'.encode()))] == [shape]
    assert scan_bytes(html.escape(address).encode())
    assert scan_bytes(urllib.parse.quote(address, safe="").encode())
    assert scan_bytes(json.dumps({"a": address}).replace("/", "\\u002f").encode())
    assert scan_bytes(b"<p>password=hunter2 in prose is for its writer to judge</p>") == []
