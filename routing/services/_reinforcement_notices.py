"""Who hears of a request for reinforcement, of its answer and of its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases.models import Case
from dispute_hub.outbox import services as outbox
from routing.models import Push, Reinforcement

PAGE = "/reinforcements/"


def station_of(case: Case, push: Push) -> int | None:
    return case.station_id or push.addressee_unit_id


def tell_asked(case: Case, row: Reinforcement, *, actor: PostActor, at: datetime) -> None:
    """Command room, 110 desk and whoever leads the duty at this moment: an alarm."""
    what = "、".join(row.need_names)
    title = f"请求增援{row.officers_needed}人：{case.case_no}" + (f"（{what}）" if what else "")
    base = outbox.Message(kind="reinforcement.asked", title=title, body=row.text, link=PAGE, urgency="alarm")
    _send(case, _watching(base, case, row.push, at), at=at)


def tell_sent(
    case: Case, row: Reinforcement, posts: Sequence[Post], *, actor: PostActor, at: datetime
) -> None:
    """The crew learns who comes; those sent are called; the others who were alarmed are told it is done."""
    who = "、".join(f"{post.user.full_name}（{post.unit}）" for post in posts)
    said = outbox.Message(
        kind="reinforcement.sent",
        title=f"增援已派{len(posts)}人：{case.case_no}",
        body="；".join(filter(None, [who, row.answer])),
        link=f"/pushes/{row.push_id}/",
        urgency="important",
    )
    crew = {row.push.signed_by_id, row.asked_by_id}
    told = [replace(said, post_id=pk) for pk in crew if pk]
    # What watches has its own page; who answered need not hear it.
    told += [
        message
        for message in _watching(replace(said, link=PAGE), case, row.push, at)
        if (message.unit_id, message.role) != (actor.post.unit_id, actor.role)
    ]
    # Somebody called back and sent again has two pushes; the newest is the one to go to.
    helpers = {push.addressee_post_id: push.pk for push in row.push.reinforced_by.order_by("id")}
    told += [
        outbox.Message(
            kind="push.issued",
            title=f"请立即增援：{case.case_no}",
            body=row.text,
            link=f"/pushes/{helpers[post.pk]}/",
            urgency="alarm",
            post_id=post.pk,
        )
        for post in posts
    ]
    _send(case, told, at=at)


def tell_withdrawn(
    case: Case, row: Reinforcement, helpers: Iterable[Push], *, actor: PostActor, at: datetime
) -> None:
    """Those under way turn round; those alarmed stand down."""
    base = outbox.Message(
        kind="reinforcement.withdrawn", title=f"增援已撤回：{case.case_no}", link=PAGE, urgency="important"
    )
    _send(case, [*_watching(base, case, row.push, at), *_called_back(base, helpers)], at=at)


def tell_over(case: Case, helpers: Iterable[Push], *, at: datetime) -> None:
    base = outbox.Message(kind="push.ended", title=f"现场处置已结束，无需增援：{case.case_no}")
    _send(case, _called_back(base, helpers), at=at)


def _called_back(base: outbox.Message, helpers: Iterable[Push]) -> list[outbox.Message]:
    return [
        replace(base, link=f"/pushes/{push.pk}/", urgency="important", post_id=push.addressee_post_id)
        for push in helpers
    ]


def _watching(base: outbox.Message, case: Case, push: Push, at: datetime) -> list[outbox.Message]:
    """The command room, the desk that took the call, and the duty leaders of the moment."""
    told = []
    if unit_id := station_of(case, push):
        told.append(replace(base, unit_id=unit_id, role=Role.STATION_COMMAND))
        leaders = people.on_duty(unit_id, DutyRoster.Duty.LEADER, at)
        told += [replace(base, post_id=post.pk) for post in leaders]
    if push.alert is not None and push.alert.reception_id:
        reception_id = push.alert.reception_id
        told += [
            replace(base, unit_id=reception_id, role=role) for role in (Role.DUTY_COMMANDER, Role.DISPATCHER)
        ]
    return told


def _send(case: Case, told: Iterable[outbox.Message], *, at: datetime) -> None:
    outbox.notify_many([(message, case.pk) for message in told], at=at)
