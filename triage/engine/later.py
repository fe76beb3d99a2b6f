"""What was told after the alert: scene results and additions, each read by the rules of a narrative."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from triage.engine.kinds import Report, Span
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet

if TYPE_CHECKING:
    from triage.engine.factors import Findings

_READ_AT_MOST = 10_000
# An addition is told of the same alert; it is not one more.
_OF_THE_ALERT_ALONE = frozenset(("repeat_alert", "repeat_3_in_30"))


def find_later(
    report: Report,
    rules: RuleSet,
    findings: "Findings",
    find: Callable[[Report, Reading, RuleSet], "Findings"],
) -> None:
    """Add what later texts say, as evidence outside the narrative. Nothing found before is taken away:
    a scene result that denies a weapon is for a person to weigh.

    `find` reads one text the way the narrative is read.
    """
    for text in report.told_later:
        told = Report(text[:_READ_AT_MOST], report.received_at, source=report.source)
        for factor in find(told, Reading(told.narrative, rules), rules).factors():
            if factor.code not in _OF_THE_ALERT_ALONE:
                spans = [_as_later(span) for span in factor.evidence]
                floor = factor.floor if factor.floor != rules.factors[factor.code].floor else None
                findings.add(factor.code, spans, floor)


def _as_later(span: Span) -> Span:
    words = span.text if not span.in_narrative else f"后续反馈：{span.text}"
    return replace(span, start=-1, end=-1, text=words)
