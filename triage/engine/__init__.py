"""Triage engine: pure functions over a rule set, no framework inside.

`assess(report, rules)` is the only call most readers need; see kinds.py for what goes in and comes out.
"""

from triage.engine.assessing import assess
from triage.engine.kinds import Colour, Factor, Prior, Report, Side, Span, Urgency, Verdict
from triage.engine.marking import Segment, mark
from triage.engine.reading import Reading
from triage.engine.rules import RuleError, RuleSet, compile_rules, load_rules
from triage.engine.taxonomy import OUTSIDE, Item, Taxonomy, load_taxonomy, parse_taxonomy

__all__ = [
    "OUTSIDE",
    "Colour",
    "Factor",
    "Item",
    "Prior",
    "Reading",
    "Report",
    "RuleError",
    "RuleSet",
    "Segment",
    "Side",
    "Span",
    "Taxonomy",
    "Urgency",
    "Verdict",
    "assess",
    "compile_rules",
    "load_rules",
    "load_taxonomy",
    "mark",
    "parse_taxonomy",
]
