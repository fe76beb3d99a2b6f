"""The factors of a report: each with the words or the facts it rests on."""

from collections.abc import Callable, Iterable

from triage.engine import asking, facts, harm, later
from triage.engine.kinds import Colour, Factor, Report, Span
from triage.engine.learned import TextRead
from triage.engine.matching import match_rule
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet

# What patterns say and the learned part may doubt. What comes of acts is doubted where it is found; orders
# and records of violence, dates and counts never are.
_SAID = (
    *("threat_targeted", "weapon", "strangulation", "suicide", "child_taken", "mental_disorder"),
    *("separation", "blockade", "property_damage", "agreement_breached"),
)
# Gravest first: one crowd counts once.
_CROWDS = ("crowd_30", "crowd_10", "crowd_5")


class Findings:
    """What has been found so far, by factor code; a later finder may read what an earlier one found."""

    def __init__(self, rules: RuleSet, text: TextRead | None = None) -> None:
        self._rules = rules
        self.text = text
        self.doubted: list[Span] = []
        self._spans: dict[str, list[Span]] = {}
        self._floors: dict[str, Colour] = {}

    def add(self, code: str, spans: Iterable[Span], floor: Colour | None = None) -> None:
        """Evidence for a factor, the floor changed where the facts ask for another one."""
        kept = self._spans.setdefault(code, [])
        kept += [span for span in spans if span not in kept]
        if floor:
            self._floors[code] = floor

    def keep(self, code: str, kept: list[Span]) -> None:
        """Leave a factor only these of its words; without any it is gone."""
        if kept:
            self._spans[code] = kept
        else:
            self.drop(code)

    def doubt(self, code: str, spans: list[Span]) -> None:
        """Remove doubted words; those of a red factor are kept for the officer to look at."""
        self.keep(code, [span for span in self._spans[code] if span not in spans])
        if self._rules.factors[code].floor == "red":
            self.doubted += spans

    def drop(self, code: str) -> None:
        self._spans.pop(code, None)

    def settle(self) -> None:
        """What a graver finding takes from a milder one; a blockade by ten or more is red."""
        for code in [code for code in _CROWDS if code in self][1:]:
            self.drop(code)
        if "threat_targeted" in self:
            self.drop("threat_vague")
        if {"injury", "domestic_violence", "vulnerable_victim"} & self.codes:
            self.drop("physical_contact")
        if "blockade" in self and {"crowd_10", "crowd_30"} & self.codes:
            self.add("blockade", [], floor="red")

    def spans(self, code: str) -> list[Span]:
        return self._spans.get(code, [])

    @property
    def codes(self) -> set[str]:
        return set(self._spans)

    def __contains__(self, code: str) -> bool:
        return code in self._spans

    def factors(self) -> tuple[Factor, ...]:
        """Gravest first, then by points, then in the order of the rule set."""
        order = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
        made = []
        for position, rule in enumerate(self._rules.factors.values()):
            if rule.code in self._spans:
                floor = self._floors.get(rule.code, rule.floor)
                spans = tuple(_without_overlap(self._spans[rule.code]))
                made.append(
                    (
                        order[floor],
                        -rule.points,
                        position,
                        Factor(rule.code, rule.name, floor, spans, rule.points),
                    )
                )
        return tuple(entry[3] for entry in sorted(made, key=lambda entry: entry[:3]))


def find(report: Report, reading: Reading, rules: RuleSet) -> Findings:
    """Every factor of the report by the rule set and, where words only hint at one, the learned part."""
    findings = Findings(rules, rules.learned.read(reading.text) if rules.learned else None)
    for rule in rules.factors.values():
        spans = match_rule(rule, reading)
        if spans:
            findings.add(rule.code, spans)
    asking.doubt(_SAID, reading, rules, findings)
    finders: tuple[Callable[[Report, Reading, RuleSet, Findings], None], ...] = (
        harm.find_acts,
        harm.find_orders,
        asking.confirm,
        harm.find_suicide_means,
        harm.weigh,
        facts.find_crowd,
        facts.find_amount,
        facts.find_priors,
        facts.find_mental,
    )
    for finder in finders:
        finder(report, reading, rules, findings)
    later.find_later(report, rules, findings, find)
    findings.settle()
    for finder in (facts.find_flags, facts.find_markers, facts.find_course, facts.find_broken_record):
        finder(report, reading, rules, findings)
    return findings


def _without_overlap(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if span.in_narrative and kept and kept[-1].in_narrative and span.start < kept[-1].end:
            continue
        kept.append(span)
    return kept
