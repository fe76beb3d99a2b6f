"""What people read of a verdict: one sentence, what would lower it, what the officer should bring."""

from collections.abc import Sequence

from triage.engine.kinds import COLOUR_NAMES, Colour, Factor, Span
from triage.engine.rules import RuleSet

_MEASURES = 3
_NAMED_IN_SENTENCE = 3


def sentence(colour: Colour | None, factors: tuple[Factor, ...], urgency: str | None, rules: RuleSet) -> str:
    """One line such as 红：持械 + 扬言伤人; the factors of the verdict's own colour first."""
    words = rules.advice["sentence"]
    if colour is None:
        return str(words["outside"]).format(urgency=rules.advice["urgency"].get(urgency or "third", "三级"))
    named = [factor for factor in factors if factor.floor == colour] or list(factors)
    if colour == "blue" or not named:
        return f"{COLOUR_NAMES[colour]}：{words['blue']}"
    said = " + ".join(rules.factors[factor.code].short for factor in named[:_NAMED_IN_SENTENCE])
    return f"{COLOUR_NAMES[colour]}：{said}"


def one_lower(colour: Colour | None, factors: tuple[Factor, ...], rules: RuleSet) -> str:
    """What would have to be shown for the next lower colour."""
    if colour is None:
        return ""
    deciding = [factor.name for factor in factors if factor.floor == colour and colour != "blue"]
    lead = f"若核实无“{'、'.join(deciding[:3])}”：" if deciding else ""
    return lead + str(rules.advice["lower"][colour])


def measures(
    colour: Colour | None, factors: tuple[Factor, ...], rules: RuleSet, item: str = ""
) -> tuple[str, ...]:
    """Three short lines for the officer: what this case asks for first, then its item's and the colour's."""
    special = [
        str(rules.advice["factor"][factor.code])
        for factor in factors
        if factor.code in rules.advice["factor"]
    ]
    general = [str(line) for line in rules.advice["colour"][colour or "outside"]]
    taken = special[: _MEASURES - 1]
    of_item = rules.advice.get("item_class", {}).get(item[:3], "")
    if of_item and len(taken) < _MEASURES - 1:
        taken.append(str(of_item))
    lines = dict.fromkeys(taken + general + special[_MEASURES - 1 :])
    return tuple(lines)[:_MEASURES]


def look_again(doubted: Sequence[Span], factors: tuple[Factor, ...]) -> tuple[str, ...]:
    """A line that names the words of danger which were not counted, unless the alert is red anyway."""
    words = "、".join(dict.fromkeys(f"“{span.text}”" for span in doubted))
    if not words or any(factor.floor == "red" for factor in factors):
        return ()
    return (f"文中{words}未计为危险情形，请向报警人核实",)
