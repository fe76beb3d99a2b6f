"""Whether an alert is a dispute at all: two sides that disagree, or police work and enquiries without one."""

import re

from triage.engine.reading import Reading
from triage.engine.vocabulary import vocabulary, weighted

# What makes police work of it; the weight says how sure the words alone are.
_OUTSIDE = weighted("outside")
# What shows two sides that disagree.
_WORDS = vocabulary("outside")
_DISPUTE = _WORDS["dispute"]
_NO_QUARREL = _WORDS["no_quarrel"]
# Without a word of disagreement only a clearly named topic makes a dispute of it.
_CLEAR_TOPIC = 3.8
_SERVICE = _WORDS["service"]
_NOTHING_FOUND = _WORDS["nothing_found"]
URGENT_FIRST = _WORDS["urgent_first"]
URGENT_SECOND = _WORDS["urgent_second"]


def is_dispute(reading: Reading, item_score: float, grave: bool, hot: int, fiction: bool) -> bool:
    """Whether two sides disagree.

    `grave`: a red or orange factor of a conflict stands; `hot`: how many factors of a live conflict stand.
    """
    if fiction:
        return False
    text = reading.text
    outside = sum(weight for pattern, weight in _OUTSIDE if _said(pattern, reading))
    quarrel = {
        match[0]
        for match in _DISPUTE.finditer(reading.plain)
        if reading.holds(match.start(), match.end(), "topic")
    }
    if _NO_QUARREL.search(text) and outside and not grave:
        return len(quarrel) > 3
    if _NOTHING_FOUND.search(text) and not grave:
        return False
    if _SERVICE.search(text) and len(quarrel) <= 1:
        return False
    if grave:
        return True
    strength = 2.2 * (len(quarrel) + hot) + min(item_score, 12.0) * 0.35
    if not quarrel and not hot and outside:
        return False
    return strength > outside if outside else bool(quarrel) or hot > 0 or item_score >= _CLEAR_TOPIC


def _said(pattern: re.Pattern[str], reading: Reading) -> bool:
    match = pattern.search(reading.text)
    return match is not None


def urgency(text: str) -> str:
    """一级 for danger to life, 二级 for what must be met soon, 三级 for the rest."""
    if URGENT_FIRST.search(text):
        return "first"
    return "second" if URGENT_SECOND.search(text) else "third"
