"""What the learned part reads beside characters: what the rules made of the alert, and of a hint."""

from collections.abc import Iterable, Mapping

from triage.engine.kinds import Report, Span
from triage.engine.reading import Reading

# How far around a hint its meaning is looked for, in characters, and never beyond its sentence.
_AROUND = 40
# How far beside a hint its neighbours are read one by one.
_BESIDE = 12


def of_alert(report: Report, codes: Iterable[str], scores: Mapping[str, float], outside: float) -> set[str]:
    """Tokens of a whole alert: the factors found, the items and the police work the rules see."""
    found = {f"#{code}" for code in codes}
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


def window(reading: Reading, span: Span) -> tuple[int, int]:
    """Bounds of the words around a hint: what stands in other sentences, such as padding, cannot change
    what the hint means."""
    first, last = reading.sentence(span.start)
    return max(first, span.start - _AROUND), min(last, span.end + _AROUND)


def of_hint(reading: Reading, span: Span, factor: str) -> set[str]:
    """Tokens of a hint: the words themselves, what stands before and after them in their clause, and which
    classes of words (persons, blows, threats, denials) stand where around them in the sentence."""
    text, start, end = reading.text, span.start, span.end
    first, last = reading.clause(start)
    found = {f"={factor}:{text[start:end]}"}
    for at in range(max(first, start - _BESIDE), min(last, end + _BESIDE)):
        side = "<" if at < start else "|" if at < end else ">"
        found.add(side + text[at])
        found.add(side + text[at : at + 2])
    opens, closes = reading.sentence(start)
    for begins, ends, name in reading.classes:
        if opens <= begins and ends <= closes:
            found.add(f"~{name}{_side(begins, ends, span, first, last)}")
    return found


def _side(begins: int, ends: int, span: Span, first: int, last: int) -> str:
    """Where a word stands: in an earlier clause, in the clause before the hint, in it, after it, or later."""
    if begins < first:
        return "B"
    if begins >= last:
        return "A"
    if begins >= span.end:
        return "a"
    return "b" if begins < span.start and ends <= span.end else "i"
