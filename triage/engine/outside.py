"""Whether an alert is a dispute at all: two sides that disagree, or police work and enquiries without one."""

from triage.engine.reading import Reading
from triage.engine.rules import RuleSet

# Without a word of disagreement only a clearly named topic makes a dispute of it.
_CLEAR_TOPIC = 3.8
# What the words decide plainly, and how much the learned part may add or take.
_PLAIN, _MODEL_WEIGHT = 3.0, 10.0
# Below this share even a grave fact is no dispute: a fire, a fall, a blade in the kitchen.
_SURELY_NONE = 0.2


def is_dispute(
    reading: Reading,
    rules: RuleSet,
    outside: float,
    item_score: float,
    grave: bool,
    hot: int,
    fiction: bool,
    share: float,
) -> bool:
    """Whether two sides disagree.

    `outside`: as `strength` tells it. `share`: how sure the learned part is; 0.5 leaves it to the words.
    `grave`: a red or orange factor of a conflict stands; `hot`: how many factors of a live conflict stand.
    """
    if fiction:
        return False
    text, words = reading.text, rules.grammar["outside"]
    quarrel = {
        match[0]
        for match in words["dispute"].finditer(reading.plain)
        if reading.holds(match.start(), match.end(), "topic")
    }
    if words["no_quarrel"].search(text) and outside and not grave:
        return len(quarrel) > 3
    if words["nothing_found"].search(text) and not grave:
        return False
    if words["service"].search(text) and len(quarrel) <= 1:
        return False
    if grave or (hot and not outside):
        # A red or orange fact keeps its colour and its patrol either way; only plain police work is none.
        return share >= _SURELY_NONE
    live = bool(quarrel) or hot > 0
    if outside:
        told = 2.2 * (len(quarrel) + hot) + min(item_score, 12.0) * 0.35 - outside if live else -_PLAIN
    else:
        clear = item_score >= _CLEAR_TOPIC
        told = _PLAIN * (live + clear) if live or clear else -_PLAIN
    return told + _MODEL_WEIGHT * (2.0 * share - 1.0) > 0


def strength(reading: Reading, rules: RuleSet) -> float:
    """How strongly the words alone speak for police work or an enquiry; 0 for none."""
    return sum(weight for pattern, weight in rules.outside if pattern.search(reading.text))


def urgency(text: str, rules: RuleSet) -> str:
    """一级 for danger to life, 二级 for what must be met soon, 三级 for the rest."""
    words = rules.grammar["outside"]
    if words["urgent_first"].search(text):
        return "first"
    return "second" if words["urgent_second"].search(text) else "third"
