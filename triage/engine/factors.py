"""The factors of a report: each with the words or the facts it rests on."""

from collections.abc import Callable, Iterable
from itertools import islice

from triage.engine import asking, facts, harm, later
from triage.engine.kinds import Colour, Factor, Report, Span
from triage.engine.learned import TextRead
from triage.engine.reading import Reading
from triage.engine.rules import FactorRule, Pattern, RuleSet

_LEAD_INSIDE = 2
# Nobody says a thing oftener in one alert; without it 10,000 characters of one word cost 24 s.
_OFTEN = 60
# What patterns say and the learned part may doubt. What comes of acts is doubted where it is found; orders
# and records of violence, dates and counts never are.
_SAID = (
    *("threat_targeted", "weapon", "strangulation", "suicide", "child_taken", "mental_disorder"),
    *("separation", "blockade", "property_damage", "agreement_breached"),
)


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

    def take_away(self, code: str, spans: list[Span]) -> None:
        """Remove doubted words; those of a red factor are kept for the officer to look at."""
        kept = [span for span in self._spans.pop(code) if span not in spans]
        if kept:
            self._spans[code] = kept
        if self._rules.factors[code].floor == "red":
            self.doubted += spans

    def hints(self, rule: FactorRule, reading: Reading) -> list[Span]:
        return hinted(rule, reading) if rule.hints else []

    def drop(self, code: str) -> None:
        self._spans.pop(code, None)

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
    for finder in (facts.find_flags, facts.find_markers, facts.find_course, facts.find_broken_record):
        finder(report, reading, rules, findings)
    return findings


def hinted(rule: FactorRule, reading: Reading) -> list[Span]:
    """The places where words may say the factor and are asserted."""
    live = reading.live
    return [span for pattern in rule.hints if pattern.number in live for span in _match(pattern, reading)]


def match_rule(rule: FactorRule, reading: Reading) -> list[Span]:
    """The places where a rule's patterns stand and hold."""
    live = reading.live
    return [span for pattern in rule.patterns if pattern.number in live for span in _match(pattern, reading)]


def _match(pattern: Pattern, reading: Reading) -> list[Span]:
    spans: list[Span] = []
    text = reading.plain
    for match in islice(pattern.find.finditer(text), _OFTEN):
        if pattern.requires and not pattern.requires.search(text):
            break
        if pattern.context and not pattern.context.search(text):
            break
        start, end = match.span()
        clause_start, clause_end = reading.clause(start)
        # The pattern may itself begin with the word that leads (说再来就砸了你的店).
        led = text[max(0, clause_start - 1) : min(start + _LEAD_INSIDE, end)]
        if pattern.lead and not pattern.lead.search(led):
            continue
        if pattern.unless and pattern.unless.search(text, clause_start, max(clause_end, end)):
            continue
        if pattern.near:
            sentence_start, sentence_end = reading.sentence(start)
            if not pattern.near.search(text, sentence_start, sentence_end):
                continue
        if start < end and reading.holds(start, end, pattern.scope):
            spans.append(reading.span(start, end))
    return spans


def _without_overlap(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if span.in_narrative and kept and kept[-1].in_narrative and span.start < kept[-1].end:
            continue
        kept.append(span)
    return kept
