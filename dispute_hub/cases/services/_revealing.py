"""查看明文: one field, one click, one reason, one trace; the value itself is never in the trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Model

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, User
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.accounts.services import trace
from dispute_hub.audit.models import AccessKind, AccessLog
from dispute_hub.cases.models import Case
from dispute_hub.common import masks
from dispute_hub.common.errors import Invalid, NoRight
from dispute_hub.common.templatetags._words import PURPOSES
from dispute_hub.common.time import beijing_date, day_bounds
from dispute_hub.outbox import services as outbox

# reliability 4.1: more than 30 an hour or 100 a day is told to the security administrator, 200 is the end.
ALARM_AN_HOUR, ALARM_A_DAY, STOP_A_DAY = 30, 100, 200
MASKS: Final = {
    "name": masks.mask_name,
    "phone": masks.mask_phone,
    "id_number": masks.mask_id,
    "reporter_phone": masks.mask_phone,
}
PHONES: Final = frozenset({"phone", "reporter_phone"})


@dataclass(frozen=True, slots=True)
class Revealed:
    """The clear value, the mask that takes its place again, and whether it can be called."""

    value: str
    masked: str
    call: bool


@transaction.atomic
def reveal(
    subject: Model, *, case: Case, field: str, purpose: str, actor: PostActor, at: datetime
) -> Revealed:
    """Show one field of a party or an alert of `case` to a person who says what for.

    Whether this side may see the field of this subject is the caller's to know. Raises Invalid without a
    known purpose, NoRight for what is no masked field and after 200 reveals on one day.
    """
    policy.require(actor, "case.reveal", at=at)
    if purpose not in dict(PURPOSES):
        words = "、".join(word for _, word in PURPOSES)
        raise Invalid("请选择查看明文的用途。", fields={"purpose": [f"请从中选择：{words}。"]})
    if field not in MASKS:
        raise NoRight("当前岗位不能查看该项明文。")
    _limit(actor, at=at)
    said = {"case_no": case.case_no, "field": field, "purpose": purpose}
    kind = str(subject._meta.model_name)
    trace("reveal", actor, at=at, object_kind=kind, object_id=subject.pk, data=said)
    value = str(getattr(subject, field))
    return Revealed(value, MASKS[field](value), field in PHONES)


def _limit(actor: PostActor, *, at: datetime) -> None:
    # The person's row is locked: reveals sent at once must not pass the limit together.
    User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
    mine = AccessLog.objects.filter(kind=AccessKind.REVEAL, user=actor.user)
    today = mine.filter(at__gte=day_bounds(beijing_date(at))[0], at__lte=at).count()
    if today >= STOP_A_DAY:
        raise NoRight("今日查看明文已达200次，已暂停。确需查看请联系安全管理员。", code="reveal_limit")
    hour = mine.filter(at__gt=at - timedelta(hours=1), at__lte=at).count()
    if hour == ALARM_AN_HOUR or today == ALARM_A_DAY:
        _alarm(actor, at=at)


def _alarm(actor: PostActor, *, at: datetime) -> None:
    """Tell the security administrators of the bureau, by police number and counts only."""
    admins = live_posts(at).filter(role=Role.SECURITY_ADMIN, unit=actor.unit.bureau_id or actor.unit.pk)
    for post in admins:
        message = outbox.Message(
            kind="reveal.often",
            title=f"明文查看频繁：警号{actor.user.police_number or '—'}，请核查",
            urgency="alarm",
            post_id=post.pk,
        )
        outbox.notify(message, at=at, case_id=None)
