"""Verbs of the intake: received, amended, dispatched, attached, set aside, typed at the desk, imported."""

from intake.services._attaching import attach, detach
from intake.services._complaints import give_kept, is_kept, keep, keep_further, kept_of, let_go, refuse_kept
from intake.services._dispatching import (
    TRANSITIONS,
    add_text,
    append_text,
    correct_alert,
    dispatch,
    record_outcome,
    set_dispatch,
)
from intake.services._drafts import content_of, drop_draft, save_call, save_draft
from intake.services._importing import (
    cancel_import,
    error_file,
    import_next_row,
    judge_table,
    start_import,
)
from intake.services._inbox import Accepted, Envelope, OtherBody, accept_message
from intake.services._quarantine import drop_quarantined, replay_quarantined
from intake.services._receiving import Receipt, receive, take_in
from intake.services._sources import (
    desk_of,
    referral_desk,
    register_source,
    retire_former_secret,
    rotate_secret,
)

__all__ = [
    "TRANSITIONS",
    "Accepted",
    "Envelope",
    "OtherBody",
    "Receipt",
    "accept_message",
    "add_text",
    "append_text",
    "attach",
    "cancel_import",
    "content_of",
    "correct_alert",
    "desk_of",
    "detach",
    "dispatch",
    "drop_draft",
    "drop_quarantined",
    "error_file",
    "give_kept",
    "import_next_row",
    "is_kept",
    "judge_table",
    "keep",
    "keep_further",
    "kept_of",
    "let_go",
    "receive",
    "record_outcome",
    "referral_desk",
    "refuse_kept",
    "register_source",
    "replay_quarantined",
    "retire_former_secret",
    "rotate_secret",
    "save_call",
    "save_draft",
    "set_dispatch",
    "start_import",
    "take_in",
]
