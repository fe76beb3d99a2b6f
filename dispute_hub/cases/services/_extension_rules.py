"""The one set of rules for later dates, of whatever clock: at most two, one at a time, by a second person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text

# handbook 7: at most two extensions, counted apart from the pauses.
MOST_EXTENSIONS: Final = 2


def check_asked(
    earlier: QuerySet[Any], *, noun: str, until_at: datetime, due_at: datetime, reason: str, at: datetime,
    field: str,
) -> None:  # fmt: skip
    """Refuse a third extension, a second one that waits, one without a reason or without a later date.

    `earlier` are the requests so far, with `approved` true, false or null; `field` is the form's date.
    """
    if earlier.filter(approved=True).count() >= MOST_EXTENSIONS:
        raise Conflict(f"该{noun}已延期两次，不能再延。", code="too_many_extensions")
    if earlier.filter(approved__isnull=True).exists():
        raise Conflict("已有一份延期申请待审批。", code="extension_pending")
    need_text(reason, "请填写延期理由。", field="reason")
    if until_at <= max(at, due_at):
        raise Invalid("延期日期须晚于现有期限。", fields={field: ["请选择现有期限以后的日期。"]})


def check_decided(
    was: bool | None, *, proposer_user_id: int, approved: bool, text: str, actor: PostActor
) -> None:
    """Refuse a second decision, one's own request, and a refusal without a reason."""
    if was is not None:
        raise Conflict("该延期申请已审批。", code="already_decided")
    if proposer_user_id == actor.user.pk:
        raise NoRight("申请人不能审批自己的延期申请。", code="own_proposal")
    if not approved:
        need_text(text, "请填写不同意延期的理由。", field="text")
