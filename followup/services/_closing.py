"""The end of a plan: the case closes by itself, or a chief decides about a grave one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Conflict
from dispute_hub.common.text import need_text
from followup.models import OPEN_FOLLOW_UPS, FollowUp
from followup.services._plan import add_visit


def close_if_done(case: Case, *, at: datetime) -> None:
    """Close a locked, settled case by itself once nothing of its follow-up is open."""
    still_open = FollowUp.objects.filter(case=case, status__in=OPEN_FOLLOW_UPS).exists()
    if case.status == Status.SETTLED and not still_open:
        cases.close(case, actor=SYSTEM, at=at)


@transaction.atomic
def refuse_close(case: Case, *, reason: str, actor: PostActor, at: datetime) -> Case:
    """The chief wants the parties asked once more: the closing waits for one more visit (three days)."""
    by_duty = policy.require(actor, "case.approve_close", at=at)
    case = cases.lock(case.pk)
    if case.status != Status.SETTLED or case.close_proposed_at is None:
        raise Conflict("该案件当前没有待审批的办结。")
    need_text(reason, "请填写退回理由。", field="reason", hint="请写明还要向当事人问清什么。")
    said = {"reason": reason, "by_duty": by_duty}
    event = lifecycle.record(case, "case.close_refused", actor=actor, at=at, data=said)
    add_visit(case, event=event, actor=actor, at=at)
    return case
