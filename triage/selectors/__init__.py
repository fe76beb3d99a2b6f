"""Questions about assessments, the list of matters, rules, and what waits for a second person."""

from triage.selectors._answers import answer_of, answer_of_regrade, answer_of_verdict
from triage.selectors._assessments import (
    Card,
    ColourStep,
    assessments,
    card_of,
    colour_chart,
    colour_history,
    latest,
    latest_card,
    latest_many,
    of_alert,
    reads_clear,
)
from triage.selectors._matters import (
    ItemClass,
    active_rules,
    item_name,
    item_side,
    lead_departments,
    rule_sets,
    taxonomy,
)
from triage.selectors._regrades import get_regrade, pending_regrades, regrades

__all__ = [
    "Card",
    "ColourStep",
    "ItemClass",
    "active_rules",
    "answer_of",
    "answer_of_regrade",
    "answer_of_verdict",
    "assessments",
    "card_of",
    "colour_chart",
    "colour_history",
    "get_regrade",
    "item_name",
    "item_side",
    "latest",
    "latest_card",
    "latest_many",
    "lead_departments",
    "of_alert",
    "pending_regrades",
    "reads_clear",
    "regrades",
    "rule_sets",
    "taxonomy",
]
