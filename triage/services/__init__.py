"""Verbs of triage: assess, assess again, preview, raise and lower by people, load the reference data."""

from triage.services._assessing import assess, assess_failed, preview
from triage.services._bulk_reassessing import Reassessed, reassess_many, try_reassessing
from triage.services._markers import MarkerRow, Supplied, supply_markers
from triage.services._reassessing import reassess
from triage.services._regrading import decide_regrade, propose_regrade, raise_colour, regrade
from triage.services._replaying import estimate_replay, request_replay, run_slice, stop_replay
from triage.services._rule_drafts import (
    activate,
    discard_draft,
    draft_from,
    edit_draft,
    restore,
    submit_draft,
)
from triage.services._rule_trial import Tried, try_out
from triage.services._rules import digest_in_force, load_reference, rules_in_force

__all__ = [
    "MarkerRow",
    "Reassessed",
    "Supplied",
    "Tried",
    "activate",
    "assess",
    "assess_failed",
    "decide_regrade",
    "digest_in_force",
    "discard_draft",
    "draft_from",
    "edit_draft",
    "estimate_replay",
    "load_reference",
    "preview",
    "propose_regrade",
    "raise_colour",
    "reassess",
    "reassess_many",
    "regrade",
    "request_replay",
    "restore",
    "rules_in_force",
    "run_slice",
    "stop_replay",
    "submit_draft",
    "supply_markers",
    "try_out",
    "try_reassessing",
]
