"""lm-evaluation-harness over character n-gram models, on sums that are made here: its own command line, small and offline.

Usage: python lm_eval_make.py OUT        (made with lm_eval 0.4.13, numpy; no torch)
"""

import json
import math
import os
import pathlib
import random
import sys

os.environ |= {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(pathlib.Path("cache").resolve())}
from lm_eval.__main__ import cli_evaluate
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

OUT = pathlib.Path(sys.argv[1]).resolve()
TASKS = pathlib.Path("tasks").resolve()


@register_model("ngram")
class Ngram(LM):
    """Counts which character follows the last `order` ones, over half of all sums of two digits."""

    def __init__(self, order=2, seed=0, **_):
        super().__init__()
        self.order = int(order)
        self.counts = {}
        sums = [(a, b) for a in range(10) for b in range(10)]
        random.Random(int(seed)).shuffle(sums)
        for a, b in sums[:50] * 3:
            text = f"{a}+{b}={a + b}\n"
            for at in range(len(text)):
                after = self.counts.setdefault(text[max(0, at - self.order) : at], {})
                after[text[at]] = after.get(text[at], 0) + 1

    def chance(self, before, sign):
        seen = self.counts.get(before[-self.order :], {})
        return (seen.get(sign, 0) + 0.1) / (sum(seen.values()) + 1.4)

    def loglikelihood(self, requests, **_):
        found = []
        for request in requests:
            before, text = request.args
            total = 0.0
            for sign in text:
                total += math.log(self.chance(before, sign))
                before += sign
            found.append((total, False))
        return found

    def loglikelihood_rolling(self, requests, **_):
        return [sum(math.log(self.chance(r.args[0][:at], sign)) for at, sign in enumerate(r.args[0])) for r in requests]

    def generate_until(self, requests, **_):
        found = []
        for request in requests:
            before, text = request.args[0], ""
            while len(text) < 3:
                best = max("0123456789\n", key=lambda sign: self.chance(before + text, sign))
                if best == "\n":
                    break
                text += best
            found.append(text)
        return found


def tasks():
    TASKS.mkdir()
    rows = random.Random(7)
    pairs = [(rows.randrange(10), rows.randrange(10)) for _ in range(12)]
    with (TASKS / "sums.jsonl").open("w") as file:
        for a, b in pairs:
            choices = sorted({a + b, (a + b + 3) % 19, abs(a - b), a + b + 1})
            file.write(json.dumps({"question": f"{a}+{b}=", "choices": [str(c) for c in choices], "answer": choices.index(a + b), "sum": str(a + b)}) + "\n")
    data = f"dataset_path: json\ndataset_kwargs:\n  data_files:\n    test: {TASKS}/sums.jsonl\ntest_split: test\ndoc_to_text: question\ntarget_delimiter: ''\n"
    (TASKS / "choice.yaml").write_text(data + "task: sums_choice\noutput_type: multiple_choice\ndoc_to_choice: choices\ndoc_to_target: answer\n"
        "metric_list:\n  - metric: acc\n    aggregation: mean\n    higher_is_better: true\n  - metric: acc_norm\n    aggregation: mean\n    higher_is_better: true\nmetadata:\n  version: 1.0\n")  # fmt: skip
    (TASKS / "free.yaml").write_text(data + "task: sums_free\noutput_type: generate_until\ndoc_to_target: sum\ngeneration_kwargs:\n  until: ['\\n']\n"
        "metric_list:\n  - metric: exact_match\n    aggregation: mean\n    higher_is_better: true\nfilter_list:\n  - name: strict\n    filter:\n      - function: take_first\n"
        "  - name: first-digit\n    filter:\n      - function: regex\n        regex_pattern: '(\\d)'\n      - function: take_first\nmetadata:\n  version: 2.0\n")  # fmt: skip
    (TASKS / "group.yaml").write_text("group: arithmetic\ntask:\n  - sums_choice\n  - sums_free\naggregate_metric_list:\n  - metric: acc\n    aggregation: mean\n    weight_by_size: true\nmetadata:\n  version: 1.0\n")


def evaluate(case, order, seed, *more):
    sys.argv = ["lm_eval", "--model", "ngram", "--model_args", f"order={order},seed={seed},pretrained=ngram-{order}", "--include_path", str(TASKS),
                "--output_path", str(OUT / case), "--seed", str(seed), *more]  # fmt: skip
    cli_evaluate()


tasks()
for order in (2, 4):
    for seed in (0, 1):
        evaluate("sums", order, seed, "--tasks", "sums_choice,sums_free", *(["--log_samples"] if seed == 0 else []))
evaluate("group", 4, 0, "--tasks", "arithmetic", "--limit", "6")
