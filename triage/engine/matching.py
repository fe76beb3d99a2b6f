"""Where the patterns and hints of a factor stand in a text and hold."""

from itertools import islice

from triage.engine.kinds import Span
from triage.engine.reading import Reading
from triage.engine.rules import FactorRule, Pattern

_LEAD_INSIDE = 2
# Nobody says a thing oftener in one alert; without it 10,000 characters of one word cost 24 s.
_OFTEN = 60


def match_rule(rule: FactorRule, reading: Reading) -> list[Span]:
    """The places where a rule's patterns stand and hold."""
    live = reading.live
    return [span for pattern in rule.patterns if pattern.number in live for span in _match(pattern, reading)]


def hinted(rule: FactorRule, reading: Reading) -> list[Span]:
    """The places where words may say the factor and are asserted."""
    live = reading.live
    return [span for pattern in rule.hints if pattern.number in live for span in _match(pattern, reading)]


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
