"""A narrative tried on a draft of the rules beside the version in force; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispute_hub.common.errors import Invalid
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
    """The verdict of this version, then of the version in force, on the bare words: no priors, no parties.

    Raises Invalid for a version that this product cannot use, such as one from before an upgrade.
    """
    report = engine.Report(narrative=narrative, received_at=at)
    try:
        own = named_rules(rule_set.digest).rules
    except engine.RuleError as error:
        said = "这一版缺少研判所需的内容，不能试用；请由它起草新版，按提示补齐。"
        raise Invalid(fields={"narrative": [said]}) from error
    return _tried(report, own), _tried(report, named_rules_in_force().rules)


def _tried(report: engine.Report, rules: engine.RuleSet) -> Tried:
    verdict = engine.assess(report, rules)
    return Tried(rules.version, verdict, engine.mark(report.narrative, verdict.factors))
