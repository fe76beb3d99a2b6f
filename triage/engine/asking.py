"""What is asked of the learned part about single words: does this hint mean it, can that word be doubted.

It may confirm words that hint at a factor, and doubt words that a pattern took for one; it adds nothing
where no word of the rules stands. A doubted word of a red factor is named to the officer.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from triage.engine import features
from triage.engine.kinds import Report, Span
from triage.engine.matching import hinted
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet

if TYPE_CHECKING:
    from triage.engine.factors import Findings


def confirm(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Add the factors that words hint at and the learned part confirms; those words are the evidence."""
    if findings.text is None:
        return
    for rule in rules.factors.values():
        if rule.code in findings:
            continue
        for span in _one_a_clause(hinted(rule, reading), reading):
            if _share(rule.code, span, reading, findings) >= rule.sure_from:
                findings.add(rule.code, [span])
                break


def doubt(codes: Iterable[str], reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Take away the words that the learned part, asked about each, does not take for the factor."""
    if rules.learned is None or findings.text is None:
        return
    vouched = _vouched(rules, findings)
    for code in codes:
        rule, spans = rules.factors.get(code), findings.spans(code)
        if rule is None or not spans or code in vouched or rules.learned.head_of(code) is None:
            continue
        doubted = [
            span
            for span in spans
            if span.in_narrative
            and not _seconded(span, spans)
            and _share(code, span, reading, findings) < rule.doubt_below
        ]
        if doubted:
            findings.doubt(code, doubted)


def _vouched(rules: RuleSet, findings: "Findings") -> frozenset[str]:
    """Red factors that nothing may doubt: a knife and a threat in one alert vouch for each other."""
    red = frozenset(code for code in findings.codes if rules.factors[code].floor == "red")
    return red if len(red) > 1 else frozenset()


def _seconded(span: Span, spans: Iterable[Span]) -> bool:
    """Whether two patterns take the same words for the factor, each for its own reason."""
    return any(one != span and one.start < span.end and span.start < one.end for one in spans)


def _share(code: str, span: Span, reading: Reading, findings: "Findings") -> float:
    assert findings.text is not None
    start, end = features.window(reading, span)
    return findings.text.confirms(code, start, end, features.of_hint(reading, span, code))


def _one_a_clause(spans: Iterable[Span], reading: Reading) -> list[Span]:
    """The first hint of each clause: its neighbours would be asked about nearly the same words."""
    firsts: dict[int, Span] = {}
    for span in sorted(spans, key=lambda one: one.start):
        firsts.setdefault(reading.clause(span.start)[0], span)
    return list(firsts.values())
