"""Who was hurt or threatened: a pregnant, minor, aged or disabled person."""

from typing import TYPE_CHECKING

from triage.engine.reading import Reading
from triage.engine.rules import RuleSet
from triage.engine.violence import Act

if TYPE_CHECKING:
    from triage.engine.factors import Findings

_REACH = 26
# How far back a pronoun may look for the person it stands for.
_NAMED_BEFORE = 70


def find_helpless(done: list[Act], reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Add the victims who need protection, of acts and of threats with or without a weapon."""
    places = [(act.start, act.patient_words) for act in done]
    for code in ("threat_targeted", "strangulation", "weapon"):
        for span in findings.spans(code):
            if span.in_narrative:
                start, end = reading.clause(span.start)
                words = reading.text[start:end]
                places.append(
                    (span.start, words if code != "weapon" else reading.text[span.end : span.end + 10])
                )
    for start, words in places:
        victim = _helpless(words, start, reading, rules)
        if victim:
            at = reading.text.find(victim)
            findings.add("vulnerable_victim", [reading.span(at, at + len(victim))])
    for act in done:
        at, end = _named_before(act, reading, rules)
        if end:
            findings.add("vulnerable_victim", [reading.span(at, end)])


def _named_before(act: Act, reading: Reading, rules: RuleSet) -> tuple[int, int]:
    """The helpless person whom a pronoun or a part of the body stands for (坐轮椅的大爷…打得他满头是水)."""
    words = rules.grammar["harm"]
    if not act.strong or not words["stands_for"].search(
        act.patient_words + reading.text[act.start : act.end]
    ):
        return 0, 0
    first, _ = reading.sentence(act.start)
    clause, _ = reading.clause(act.start)
    named = list(
        rules.words["helpless"].finditer(reading.plain, max(first, act.start - _NAMED_BEFORE), clause)
    )
    if not named:
        return 0, 0
    last = named[-1]
    if words["grown_up"].search(reading.text[last.start() : last.end() + 2]):
        return 0, 0
    # Who stands first in the clause of the act with no one between does it himself.
    if words["turns_to"].search(reading.text, last.end(), act.end):
        return last.start(), last.end()
    return 0, 0


def _helpless(told: str, at: int, reading: Reading, rules: RuleSet) -> str:
    """The words that show a victim who is pregnant, a minor, aged or disabled; empty when none is shown."""
    words = rules.grammar["harm"]
    match = rules.words["helpless"].search(told)
    if match and not words["grown_up"].search(told):
        return match[0]
    for pattern in (words["pregnant"], words["disabled"], words["aged"], words["minor"]):
        match = pattern.search(told)
        if match and not words["grown_up"].search(told):
            return match[0]
    return _by_age(told, at, reading, rules) or _pregnant(at, reading, rules)


def _by_age(told: str, at: int, reading: Reading, rules: RuleSet) -> str:
    words = rules.grammar["harm"]
    first, last = reading.sentence(at)
    nearby = [age for age in reading.ages if first <= age.start < last]
    aged = next((age for age in nearby if age.value >= rules.thresholds["aged_from"]), None)
    young = next((age for age in nearby if 0 < age.value < rules.thresholds["minor_below"]), None)
    if aged and (words["parent"].search(told) or (aged.end <= at and abs(at - aged.start) <= 2 * _REACH)):
        return reading.text[aged.start : aged.end]
    child = words["child"].search(told)
    if child and (young or words["school"].search(reading.text)):
        return child[0]
    return reading.text[young.start : young.end] if young and young.end <= at else ""


def _pregnant(at: int, reading: Reading, rules: RuleSet) -> str:
    words = rules.grammar["harm"]
    first, last = reading.sentence(at)
    pregnant = words["pregnant"].search(reading.text[first:last]) or words["pregnant"].search(reading.text)
    if pregnant and reading.holds(pregnant.start(), pregnant.end(), "topic"):
        return pregnant[0]
    return ""
