"""Honest figures of rules and learned part together: every alert judged by a model that never saw it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from triage.engine.rules import RuleSet
from triage.engine.scoring import Scored, figures, score_cases
from triage.training.fitting import Example, fit

FOLDS = 5


def cross_validate(examples: Sequence[Example], rules: RuleSet, *, folds: int = FOLDS) -> dict[str, float]:
    """The figures of `evaluate_triage` over the corpus, in `folds` parts of like mixture."""
    return figures([one for part in prove(examples, rules, folds=folds) for one in part])


def prove(examples: Sequence[Example], rules: RuleSet, *, folds: int = FOLDS) -> Iterator[list[Scored]]:
    """One part after the other: trained on the others, scored on this."""
    part_of = _parts(examples, folds)
    for part in range(folds):
        others = [example for example, at in zip(examples, part_of, strict=True) if at != part]
        judged = replace(rules, learned=fit(others, meta={}))
        cases = [
            example.sample.labelled(number)
            for number, (example, at) in enumerate(zip(examples, part_of, strict=True))
            if at == part
        ]
        yield score_cases(cases, judged)


def _parts(examples: Sequence[Example], folds: int) -> list[int]:
    """The part of each example: the alerts of an item are dealt out in turn."""
    dealt: dict[str, int] = {}
    parts = []
    for example in examples:
        turn = dealt.get(example.sample.item, 0)
        dealt[example.sample.item] = turn + 1
        parts.append(turn % folds)
    return parts
