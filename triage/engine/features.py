"""What the learned part reads: characters, and what the rules already made of the alert."""

from collections.abc import Iterable, Mapping

from triage.engine.kinds import Report, Span
from triage.engine.learned import grams
from triage.engine.reading import Reading

_BEFORE, _AFTER = 40, 40


def of_alert(
    report: Report, reading: Reading, codes: Iterable[str], scores: Mapping[str, float], outside: float
) -> set[str]:
    """Features of a whole alert: its characters, the factors found, the items and outsides the rules see."""
    found = grams(reading.text)
    found.update(f"#{code}" for code in codes)
    best = sorted(scores, key=lambda code: (-scores[code], code))[:3]
    for place, code in enumerate(best):
        found.add(f"+{code}")
        if scores[code] >= 4:
            found.add(f"++{code}")
        if place == 0:
            found.add(f"1{code}")
    if not scores or scores[best[0]] < 2:
        found.add("+none")
    found.update(f"~out{least}" for least in (1, 4, 7) if outside >= least)
    found.add(f"@{report.source}")
    if report.priors:
        found.add("@priors")
    return found


def of_window(reading: Reading, span: Span, factor: str) -> set[str]:
    """Features of the words around a hint, no further than its sentence: what stands elsewhere in the
    text, such as padding, cannot change them."""
    first, last = reading.sentence(span.start)
    window = reading.text[max(first, span.start - _BEFORE) : min(last, span.end + _AFTER)]
    start, end = reading.clause(span.start)
    found = grams(window)
    found.update(f"!{gram}" for gram in grams(reading.text[max(start, first) : min(end, last)]))
    found.add(f"={factor}:{reading.text[span.start : span.end]}")
    return found
