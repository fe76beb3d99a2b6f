"""Contact with the parties, as the answer to push 2."""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.errors import Invalid
from routing.models import Push
from routing.services import _machine as machine
from routing.services._night import end_night_by, note_signed
from routing.services._second import open_second


class ContactMode(models.TextChoices):
    """How the parties were reached."""

    PHONE = "phone", "电话"
    VISIT = "visit", "走访"
    OFFICE = "office", "来所约谈"


@transaction.atomic
def record_contact(case: Case, *, mode: str, text: str, actor: PostActor, at: datetime) -> CaseEvent:
    """电话记录 or 走访: kept on the timeline; it answers push 2, which it also signs if nobody had."""
    if mode not in ContactMode.values:
        raise Invalid("请选择联系方式。", fields={"mode": ["电话、走访或来所约谈。"]})
    event = cases.record_contact(case, mode=mode, text=text, actor=actor, at=at)
    push = open_second(case)
    if push is None or push.status == Push.Status.QUEUED:
        return event
    end_night_by(case, push, post=actor.post, actor=actor, at=at)
    if push.status == Push.Status.ISSUED:
        machine.change(push, Push.Status.SIGNED, signed_at=at, signed_by=actor.post)
        note_signed(case, push, at=at)
        data = {"tier": push.tier, "by": "contact"}
        lifecycle.record(case, "push.signed", actor=actor, at=at, subject=push, cause=event, data=data)
    if push.status == Push.Status.SIGNED:
        machine.change(push, Push.Status.REPORTED, reported_at=at)
    deadlines.meet(push, "push_second.contact", at=at)
    if not case.is_open:
        # A repeated alert the crew had settled: the one contact was all there was to do.
        machine.change(push, Push.Status.ENDED, ended_at=at)
    return event
