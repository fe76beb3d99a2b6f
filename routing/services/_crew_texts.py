"""续报 from the scene: what the crew sees becomes the next version of its alert."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import Conflict
from intake import services as intake
from routing.models import OnBehalf, Push
from routing.services import _machine as machine
from routing.services._signing import check_crew, note_record


@transaction.atomic
def add_crew_text(push: Push, *, text: str, actor: PostActor, at: datetime, how: str = "") -> Push:
    """续报 by the crew, or by the command room for it. Triage reads the alert again: a colour only rises.

    The others on the push are told by what follows the amended alert. Raises Conflict before the signature
    and after the report, Invalid for an empty or too long text.
    """
    policy.require(actor, "push.add_text", at=at)
    case, push = machine.lock_push(push)
    check_crew(push, actor)
    if push.status not in machine.UNDER_WAY or push.alert is None:
        raise Conflict("该警情处置已结束，不能再写续报；新情况请在案件档案中记录。")
    intake.append_text(push.alert, text=text, actor=actor, at=at)
    note_record(case, push, OnBehalf.Act.ADD_TEXT, how=how, actor=actor, at=at)
    push.refresh_from_db()
    return push
