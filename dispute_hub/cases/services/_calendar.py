"""What a system administrator does to the calendar: enter days over the State Council's table."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.audit import services as audit
from dispute_hub.cases import calendar, clock_recount, in_force
from dispute_hub.cases.models import CalendarOverride, Recount
from dispute_hub.common.errors import Invalid
from dispute_hub.common.text import need_text
from dispute_hub.common.time import beijing_date
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import OutboxRow

log = logging.getLogger(__name__)
MOST_DAYS = 31
YEARS_AHEAD = 2
TELL_AGAIN_AFTER = timedelta(days=7)
# Any constant: it only has to differ from the other advisory locks of the product.
WARNING_LOCK = 0x5EA7


@transaction.atomic
def change_calendar(
    first: date,
    last: date,
    *,
    worked: bool | None,
    reason: str,
    document_no: str,
    actor: PostActor,
    at: datetime,
) -> Recount:
    """Enter a run of days as worked or not (None: the table's word again), and have open clocks recounted.

    Raises Invalid for a run nobody could mean, and when nothing would change.
    """
    policy.require(actor, "calendar.manage", at=at)
    need_text(reason, "请填写调整原因。", field="reason")
    need_text(document_no, "请填写依据文件的文号。", field="document_no")
    days = days_to_change(first, last, worked=worked, at=at)
    CalendarOverride.objects.bulk_create(
        CalendarOverride(
            day=day, worked=worked, reason=reason, document_no=document_no, entered_by=actor.post,
            entered_at=at,
        )
        for day in days
    )  # fmt: skip
    text = f"{days[0]}" if len(days) == 1 else f"{days[0]}至{days[-1]}"
    job = clock_recount.request(Recount.Cause.CALENDAR, f"{text} {reason}", at=at)
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, post_id=actor.post.pk, unit_id=actor.unit.pk, at=at,
        object_kind="calendar", object_id=days[0], data={"days": len(days), "worked": worked},
    )  # fmt: skip
    log.info("calendar changed", extra={"days": len(days), "worked": worked, "recount": job.pk})
    transaction.on_commit(in_force.reload)
    return job


def days_to_change(first: date, last: date, *, worked: bool | None, at: datetime) -> list[date]:
    """The days of a run that would be counted otherwise than now. Raises Invalid."""
    if last < first:
        raise Invalid(fields={"last": ["结束日期不能早于开始日期。"]})
    if (last - first).days >= MOST_DAYS:
        raise Invalid(fields={"last": [f"一次最多调整{MOST_DAYS}天。"]})
    this_year = beijing_date(at).year
    if first.year < this_year or last.year > this_year + YEARS_AHEAD:
        raise Invalid(fields={"first": [f"只能调整{this_year}年至{this_year + YEARS_AHEAD}年的日期。"]})
    entered, now = in_force.overrides(), calendar.with_days(in_force.overrides())
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if worked is None:
        changed = [day for day in every if day in entered]
    else:
        changed = [day for day in every if now.is_working_day(day) != worked or not now.is_known(day)]
    if not changed:
        raise Invalid(fields={"first": ["所选日期的安排与现行一致，无需调整。"]})
    return changed


@transaction.atomic
def warn_of_missing_table(*, at: datetime) -> bool:
    """From 1 December: tell every system administrator, once a week, that next year's table is missing.

    Asked of the outbox, not of the inbox: what was written and not yet delivered has been said.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WARNING_LOCK])
    warning = calendar.missing_table_warning(beijing_date(at), calendar.with_days(in_force.overrides()))
    told = OutboxRow.objects.filter(
        topic="notice", payload__kind="calendar.missing", created_at__gt=at - TELL_AGAIN_AFTER
    )
    if not warning or told.exists():
        return False
    log.warning("calendar of next year is missing", extra={"year": beijing_date(at).year + 1})
    messages = [
        outbox.Message(
            kind="calendar.missing", title=warning, link="/calendar/", urgency="important", post_id=post.pk
        )
        for post in live_posts(at).filter(role=Role.SYSTEM_ADMIN)
    ]
    outbox.notify_many([(message, None) for message in messages], at=at)
    return bool(messages)
