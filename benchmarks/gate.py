# ruff: noqa: T201 - printing is what it is for
"""How often the gate cries wolf, and how often it sees the wolf: simulated checks from matching to verdict.

    python benchmarks/gate.py [--draws 10000]

Seeds are normal around 0.8 with a standard deviation of 0.04, so that the default floor of 2 % is far below the noise and
helps nobody; "shift" moves this report down by that many standard deviations. Goals: at the defaults at most 1 % of
checks fail without a reason (half a standard error of the simulation allowed), and at least 90 % fail after a shift of
2 with 6 seeds a report. Steps: histories of reports, each the mean of 6 seeds.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass

import numpy as np

from runpages.config import Config
from runpages.gate import Record, Rules, Side, check, rules_from
from runpages.stats.steps import levels

MEAN, NOISE = 0.8, 0.04


@dataclass(frozen=True)
class Case:
    """One line of the table: seeds a report, reports in the baseline, metrics, tasks."""

    seeds: int
    reports: int = 1
    metrics: int = 1
    tasks: int = 0

    @property
    def words(self) -> str:
        """What is simulated."""
        parts = [f"{self.seeds} seeds", f"{self.reports} report{'s' * (self.reports > 1)} as baseline"]
        parts += [f"{self.metrics} metrics"] * (self.metrics > 1) + [f"{self.tasks} tasks"] * (self.tasks > 0)
        return ", ".join(parts)


CASES = (
    Case(6, 4), Case(6), Case(3), Case(10), Case(6, 4, metrics=5), Case(6, tasks=5), Case(3, tasks=10),
)  # fmt: skip


def report(random: np.random.Generator, case: Case, shift: float) -> tuple[Record, ...]:
    """A report's runs."""
    runs = []
    for task in range(max(1, case.tasks)):
        values = random.normal(MEAN - shift * NOISE, NOISE, (case.seeds, case.metrics))
        for seed, row in enumerate(values):
            metrics = {
                f"val/m{place}": dict.fromkeys(("last", "max", "min"), float(value)) for place, value in enumerate(row)
            }
            params = {"lr": 0.1, "seed": seed, "task": task}
            runs.append(Record(f"{task}-{seed}", "run", "", "plain", "finished", params, metrics))
    return tuple(runs)


def rules_of(case: Case) -> Rules:
    """The default rules, with the metrics named."""
    metrics = {f"val/m{place}": "max" for place in range(case.metrics)}
    return rules_from({"metrics": metrics, **({"tasks": ["task"]} if case.tasks else {})})


def simulate(case: Case, shift: float, draws: int) -> Counter[str]:
    """How often each verdict came out."""
    random = np.random.default_rng([case.seeds, case.reports, case.metrics, case.tasks, round(10 * shift)])
    rules, config = rules_of(case), Config()
    found: Counter[str] = Counter()
    for _ in range(draws):
        reports = tuple(report(random, case, 0.0) for _ in range(case.reports))
        base = Side(reports[0], "baseline", reports=reports)
        found[check(Side(report(random, case, shift), "now"), base, rules, config).verdict] += 1
    return found


def steps(draws: int, length: int, shift: float) -> float:
    """The share of histories with a step: any when there is none, else one within a report of the true place."""
    random = np.random.default_rng([length, round(10 * shift)])
    found = 0
    for _ in range(draws):
        values = random.normal(MEAN, NOISE / np.sqrt(6), length)
        values[length // 2 :] -= shift * NOISE
        starts = [level.start for level in levels(values)[1:]]
        found += any(abs(start - length // 2) <= 1 for start in starts) if shift else bool(starts)
    return found / draws


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=10_000)
    draws = options.parse_args().draws
    print(f"{draws:,} draws a cell (a tenth for 3 sigma, several metrics, tasks and steps), default rules.\n")
    print("| per report | false alarms | false praise | seen at 2 sigma | seen at 3 sigma |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for case in CASES:
        many = draws // 10 if case.tasks or case.metrics > 1 else draws
        null = simulate(case, 0.0, many)
        few = draws // 10
        seen = [simulate(case, 2.0, many)["regressed"] / many, simulate(case, 3.0, few)["regressed"] / few]
        shares = [null["regressed"] / many, null["improved"] / many, *seen]
        print(f"| {case.words} | {' | '.join(f'{100 * share:.2f} %' for share in shares)} |", flush=True)
    print(
        "\n| reports in the history | a step where none is | a step of 2 sigma found | of 3 sigma |\n| --- | ---: | ---: | ---: |"
    )
    for length in (8, 12, 20, 50):
        shares = [steps(draws // 10, length, shift) for shift in (0.0, 2.0, 3.0)]
        print(f"| {length} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |", flush=True)


if __name__ == "__main__":
    main()
