"""The gate: is this report better or worse than its baseline, by more than noise, and may it pass?"""

from __future__ import annotations

from runpages.gate.decide import Result, Row, check
from runpages.gate.records import Record, Side, parse_lines
from runpages.gate.rules import Rule, Rules, rules_from

__all__ = ["Record", "Result", "Row", "Rule", "Rules", "Side", "check", "parse_lines", "rules_from"]
