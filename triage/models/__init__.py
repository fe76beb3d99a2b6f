"""Rule sets, the list of matters, every assessment ever made, replays, and what people changed by hand."""

from triage.models.assessments import Assessment, Urgency
from triage.models.markers import PartyMarker
from triage.models.regrades import LOWERING, RAISING, Regrade, RegradeReason
from triage.models.replays import Replay, ReplayedAlert
from triage.models.rule_sets import RuleSet
from triage.models.taxonomy import Side, TaxonomyItem

__all__ = [
    "LOWERING",
    "RAISING",
    "Assessment",
    "PartyMarker",
    "Regrade",
    "RegradeReason",
    "Replay",
    "ReplayedAlert",
    "RuleSet",
    "Side",
    "TaxonomyItem",
    "Urgency",
]
