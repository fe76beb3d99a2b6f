"""A narrative tried on a draft of the rules beside the version in force; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage import engine
from triage.models import RuleSet
from triage.services._rules import named_rules, named_rules_in_force


@dataclass(frozen=True, slots=True)
class Tried:
    """What one version says, with the narrative in segments for marking."""

    version: str
    verdict: engine.Verdict
    segments: list[engine.Segment]


def try_out(rule_set: RuleSet, *, narrative: str, at: datetime) -> tuple[Tried, Tried]:
    """The verdict of this version, then of the version in force, on the bare words: no priors, no parties."""
    report = engine.Report(narrative=narrative, received_at=at)
    return _tried(report, named_rules(rule_set.digest).rules), _tried(report, named_rules_in_force().rules)


def _tried(report: engine.Report, rules: engine.RuleSet) -> Tried:
    verdict = engine.assess(report, rules)
    return Tried(rules.version, verdict, engine.mark(report.narrative, verdict.factors))
