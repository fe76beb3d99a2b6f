"""Follow-up: both sides are asked, a grave case is closed by a chief, some come back."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.demo.stage import Stage
from dispute_hub.demo.timeline import Story
from followup import services as followup
from followup.models import OPEN_FOLLOW_UPS, FollowUp, Mode, Side
from mediation.models import Agreement


def follow_up(stage: Stage, case: Case, *, at: datetime, relapses: bool | None = None) -> Story:
    """Every visit of the plan in its turn, until the case closes or the dispute is back."""
    if relapses is None:
        relapses = stage.chance(0.04)
    while (row := _next(case)) is not None:
        early = stage.hours(2, 40) if row.due_at - at > timedelta(days=3) else stage.hours(0.5, 4)
        missed = stage.chance(0.05)
        at = yield stage.in_office(
            row.due_at + stage.hours(20, 60) if missed else max(at, row.due_at - early)
        )
        row.refresh_from_db()
        case.refresh_from_db()
        if row.status not in OPEN_FOLLOW_UPS:
            return
        caller = asked_by(stage, row, case)
        if stage.chance(0.08) and row.mode == Mode.CALL:
            text = stage.word("unreached")
            followup.record_failed_try(row, side=Side.OTHER, text=text, actor=caller, at=at)
            at = yield stage.in_office(at + timedelta(days=1))
            row.refresh_from_db()
        answer(stage, row, caller, at=at, relapses=relapses)
    case.refresh_from_db()
    if case.status == Status.SETTLED and case.close_proposed_at is not None and stage.chance(0.8):
        at = yield stage.in_office(at + stage.hours(2, 30))
        cases.approve_close(case, actor=closing_chief(stage, case), at=at)


def _next(case: Case) -> FollowUp | None:
    case.refresh_from_db()
    if case.status != Status.SETTLED:
        return None
    return FollowUp.objects.filter(case=case, status__in=OPEN_FOLLOW_UPS).order_by("due_at", "id").first()


def asked_by(stage: Stage, row: FollowUp, case: Case) -> PostActor:
    """Who is to ask: the post it is given to, else somebody of the role there."""
    if row.assignee_post is not None:
        return stage.actor_at(row.assignee_post.pk)
    if row.assignee_unit is not None and stage.who(row.assignee_role, row.assignee_unit):
        return stage.one(row.assignee_role, row.assignee_unit)
    return stage.one(Role.STATION_COMMAND, case.station or stage.unit("XZ"))


def answer(stage: Stage, row: FollowUp, caller: PostActor, *, at: datetime, relapses: bool = False) -> None:
    """Both sides answer the four questions; a relapse is told by the first."""
    has_agreement = Agreement.objects.filter(case=row.case_id).exists()
    knot = not relapses and stage.chance(0.06)
    answers = [
        followup.Answers(
            side=side, mode=row.mode, result_kept=not (relapses and side == Side.REPORTER),
            knot=knot and side == Side.OTHER, new_dispute=False,
            agreement_performed=True if has_agreement else None,
            satisfaction="" if row.is_sensitive else stage.rng.choice(("very", "basically", "very")),
        )
        for side in Side.values
    ]  # fmt: skip
    text = stage.word("relapse" if relapses else "knot" if knot else "follow_up")
    followup.record_result(row, answers=answers, text=text, actor=caller, at=at)


def closing_chief(stage: Stage, case: Case) -> PostActor:
    """A chief who did not settle the case himself."""
    settled = CaseEvent.objects.filter(case=case, kind="case.settled").order_by("-id").first()
    chiefs = stage.who(Role.STATION_CHIEF, case.station or stage.unit("XZ"))
    mine = settled.actor_user_id if settled else None
    return next(chief for chief in chiefs if chief.user.pk != mine)
