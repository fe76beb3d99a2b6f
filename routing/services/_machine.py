"""What every verb on a push shares: its table of statuses, its lock, its clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Post
from dispute_hub.cases import clock_moves, deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import GRAVITY, Case, CaseGrant, Colour, Deadline
from dispute_hub.cases.transitions import Transitions
from intake.models import Alert
from routing.models import Push

S = Push.Status

# A push 2 stays open after the first contact until its case ends, hence reported → ended.
TRANSITIONS: Final = Transitions(
    {
        S.QUEUED: {S.ISSUED, S.ENDED},
        S.ISSUED: {S.SIGNED, S.ENDED},
        S.SIGNED: {S.ARRIVED, S.REPORTED, S.ENDED},
        S.ARRIVED: {S.REPORTED, S.ENDED},
        S.REPORTED: {S.ENDED},
    }
)
UNDER_WAY: Final = (S.SIGNED, S.ARRIVED)
RUNNING: Final = (S.ISSUED, S.SIGNED, S.ARRIVED)
GRAVE: Final = (Colour.RED, Colour.ORANGE)
# The papers of a push 3 are prepared by the command room, whoever is responsible for the case.
PREPARE: Final = "third_push.prepare"


def lock_push(push: Push) -> tuple[Case, Push]:
    """The case and the push, locked in that order; a push 1 belongs to the case its alert is in now."""
    alert = Alert.objects.filter(pk=push.alert_id).only("case_id").first() if push.alert_id else None
    case = cases.lock(alert.case_id if alert else push.case_id)
    locked = Push.objects.select_for_update(of=("self",)).select_related(
        "alert", "signed_by__user", "reinforces"
    )
    return case, adopt(case, locked.get(pk=push.pk))


def grant_reason(push: Push) -> str:
    """One reason per push: ending the sight one push gave must not end another's."""
    return f"push:{push.pk}"


def adopt(case: Case, push: Push) -> Push:
    """Bring a push into the locked case its alert was given to (并入, 拆出), with clocks and grants."""
    if push.case_id == case.pk:
        return push
    push.case = case
    push.save(update_fields=["case"])
    Deadline.objects.filter(subject_kind="push", subject_id=push.pk).update(case=case)
    Deadline.objects.filter(
        subject_kind="reinforcement", subject_id__in=push.reinforcement_requests.values("pk")
    ).update(case=case)
    Deadline.objects.filter(
        subject_kind="onbehalf", subject_id__in=push.on_behalf_records.values("pk")
    ).update(case=case)
    CaseGrant.objects.filter(reason=grant_reason(push)).update(case=case)
    return push


def change(push: Push, to: str, **columns: object) -> None:
    """Move a locked push to another status with the columns that go with it."""
    TRANSITIONS.check(push.status, to, noun="推送", name_of=lambda code: S(code).label)
    push.status = to
    for name, value in columns.items():
        setattr(push, name, value)
    push.save(update_fields=["status", *columns])


def clock_key(push: Push) -> str:
    """Colour whose limits hold. An alert without a colour runs on orange's clocks (handbook 6)."""
    return push.colour or Colour.ORANGE


def graver(one: str, other: str) -> str:
    """The graver of two colours; "" is no colour."""
    return one if GRAVITY[one] >= GRAVITY[other] else other


def start(case: Case, push: Push, kind: str, *, holder: deadlines.Holder, at: datetime) -> Deadline | None:
    """Start one clock of the push for its colour."""
    return deadlines.start(case, push, kind, key=clock_key(push), holder=holder, at=at)


def sharpen(push: Push, *, at: datetime) -> None:
    """The colour rose: running clocks take the graver limit, never later than they stood."""
    running = Deadline.objects.filter(subject_kind="push", subject_id=push.pk, state=Deadline.State.OPEN)
    for row in running.select_related("case"):
        clock_moves.sharpen(row, clock_key(push), at=at)


def holder_of(push: Push) -> deadlines.Holder:
    """Who must meet the clocks of an unsigned push: the one person it names, else the role at the unit."""
    return deadlines.Holder(
        unit_id=push.addressee_unit_id, post_id=push.addressee_post_id, role=push.addressee_role
    )


def label_of(post: Post | None) -> str:
    """As told to others: unit, role, name."""
    return f"{post.unit} {post.get_role_display()} {post.user.full_name}" if post else ""


def is_same_person(actor: Actor, post_id: int | None) -> bool:
    return isinstance(actor, PostActor) and post_id is not None and actor.post.pk == post_id
