"""Clocks: started, met and ended with the change that causes it; swept in batches when due."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import OperationalError, models, transaction

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import clock_moves, clock_notices, clock_table, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import failpoints
from dispute_hub.common.alone import each_alone
from dispute_hub.outbox import services as outbox

log = logging.getLogger(__name__)
State = Deadline.State
BATCH = 500
# A case whose clocks cannot be taken is tried again then; its alarm sounds each time.
TRIED_AGAIN_AFTER = timedelta(minutes=15)
# Rungs on which people act (督办, 通报): each gets its own event with followers.
FOR_PEOPLE = ("supervision_due", "naming_due", "alarmed")
# What a breach leads to by rule, beside the notices: its own event, with followers. A wait agreed with
# the parties makes the dispute be looked at again (handbook 6); an approval not given rises (handbook 3).
ON_BREACH = {
    "performance.due": "deadline.wait_expired",
    "order.approve": "deadline.approval_expired",
    "order.written": "deadline.written_expired",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who must meet a clock: a post, or a role at a unit."""

    unit_id: int | None = None
    post_id: int | None = None
    role: str = ""

    def columns(self) -> dict[str, object]:
        """As columns of a clock."""
        return {"holder_unit_id": self.unit_id, "holder_post_id": self.post_id, "holder_role": self.role}


def start(
    case: Case,
    subject: models.Model,
    kind: str,
    *,
    key: str,
    holder: Holder,
    at: datetime,
    due_at: datetime | None = None,
    limit: str = "",
) -> Deadline | None:
    """Start a clock for an object. None when the table has no such clock for this key.

    `due_at` is for clocks whose date is agreed, not tabled (performance, decisions); with a `limit` it is
    the date of a plan that counts by that limit, and moves when the calendar does.
    """
    by_plan, limit = bool(limit), limit or clock_table.strictest(kind, key, case.station_id, at)
    if due_at is None and not limit:
        return None
    safety = clock_table.is_safety(kind, key)
    due = due_at or clock_table.due_at(at, limit, safety=safety)
    return Deadline.objects.create(
        case=case,
        subject_kind=subject._meta.model_name or "",
        subject_id=subject.pk,
        kind=kind,
        key=key,
        **holder.columns(),
        limit=limit or "agreed",
        is_agreed=due_at is not None and not by_plan,
        is_safety=safety,
        starts_at=at,
        due_at=due,
        next_step_at=clock_table.ladder(kind, key, at, due)[0].at,
    )


def meet(subject: models.Model, kind: str, *, at: datetime) -> bool:
    """The thing is done: stop its clock. False when none was running."""
    return bool(_open(subject).filter(kind=kind).update(state=State.MET, ended_at=at, next_step_at=None))


def end(subject: models.Model, *, at: datetime, kinds: Iterable[str] = ()) -> int:
    """The thing became pointless: end its clocks (all kinds unless named). Returns how many."""
    rows = _open(subject)
    rows = rows.filter(kind__in=list(kinds)) if kinds else rows
    return rows.update(state=State.ENDED, ended_at=at, next_step_at=None)


def hand_over(
    subject: models.Model, *, holder: Holder, kinds: Iterable[str] = (), held_by: Holder | None = None
) -> int:
    """Somebody else must meet the running clocks of this object from now on.

    All of them unless `kinds` are named, or only those are meant that somebody holds until now.
    """
    rows = _open(subject)
    rows = rows.filter(kind__in=list(kinds)) if kinds else rows
    rows = rows.filter(**held_by.columns()) if held_by else rows
    return rows.update(**holder.columns())


def is_running(subject: models.Model, kind: str) -> bool:
    """Whether a clock of this kind is open; one that was breached is."""
    return _open(subject).filter(kind=kind).exists()


def postpone(subject: models.Model, kind: str, *, until_at: datetime, at: datetime) -> bool:
    """Move a running clock to an approved later date; rungs that lie behind `at` stay taken."""
    deadline = _open(subject).filter(kind=kind).first()
    if deadline is None:
        return False
    deadline.is_agreed = True
    clock_moves.move(deadline, until_at, at=at)
    return True


def _open(subject: models.Model) -> models.QuerySet[Deadline]:
    return Deadline.objects.filter(
        subject_kind=subject._meta.model_name, subject_id=subject.pk, state=State.OPEN
    )


def sweep(*, at: datetime) -> int:
    """Take every ladder step that is due, once each, oldest first. Returns the number taken.

    Safe to run twice and in parallel: a batch locks its cases, skips those held by others (the next
    sweep finds them) and reads the clocks again under the lock, so nobody is reminded of what was
    finished in that second (reliability T4, T6).
    """
    taken, told = 0, clock_notices.Told()
    while batch := _sweep_batch(at, told):
        taken += batch
    return taken


def _sweep_batch(at: datetime, told: clock_notices.Told) -> int:
    """The next clocks together, for speed; if that fails case by case, for the others' sake."""
    due = _due(at).order_by("next_step_at", "id")
    case_ids = [case_id for (case_id,) in due.values_list("case_id")[:BATCH]]
    before = told.copy()
    try:
        return _take(case_ids, at, told)
    except OperationalError:
        raise
    except Exception:
        log.exception("clocks not taken together")
        told.restore(before)
        return each_alone(dict.fromkeys(case_ids), partial(_take_or_set_aside, at=at, told=told))


def _take_or_set_aside(case_id: int, *, at: datetime, told: clock_notices.Told) -> int:
    """One case; its clocks wait for the next try if they cannot be taken, and people are told to look."""
    before = told.copy()
    try:
        return _take([case_id], at, told)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("clocks of a case not taken", extra={"case_id": case_id})
        told.restore(before)
        with transaction.atomic():
            _due(at).filter(case_id=case_id).update(next_step_at=at + TRIED_AGAIN_AFTER)
            case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
            lifecycle.alarm_of_failure(case, f"{__name__}.sweep", error, at=at)
        return 0


def _due(at: datetime) -> models.QuerySet[Deadline]:
    return Deadline.objects.filter(state=State.OPEN, next_step_at__lte=at)


@transaction.atomic
def _take(case_ids: list[int], at: datetime, told: clock_notices.Told) -> int:
    """Every due rung of these cases that nobody else holds."""
    locked = {
        case.pk: case
        for case in Case.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=case_ids)
        .order_by("pk")
    }
    rows = list(_due(at).filter(case_id__in=locked).order_by("next_step_at", "id")[: BATCH * 2])
    rows = _without_stopped(rows, at)
    passed = [(row, _steps_taken(row, at)) for row in rows]
    taken = [(row, step) for row, steps in passed for step in steps]
    Deadline.objects.bulk_update(rows, ["step", "next_step_at", "fired_at"])
    _trace([(row, step) for row, step in taken if step.code not in FOR_PEOPLE], locked, at)
    rosters = clock_notices.Rosters(at)
    letters = [
        letter
        for row, steps in passed
        for step in _worth_telling(steps)
        for letter in clock_notices.letters(row, step, locked[row.case_id], rosters=rosters)
    ]
    outbox.notify_many(clock_notices.digested(letters, told, at=at), at=at)
    for row, step in taken:
        if step.code in FOR_PEOPLE:
            lifecycle.record(
                locked[row.case_id], f"deadline.{step.code}", actor=SYSTEM, at=at, subject=row,
                data=_said(row, step),
            )  # fmt: skip
        elif step.code == "breached" and row.kind in ON_BREACH:
            lifecycle.record(
                locked[row.case_id], ON_BREACH[row.kind], actor=SYSTEM, at=at, subject=row,
                data=_said(row, step),
            )  # fmt: skip
    failpoints.reach("clocks.taken")
    return len(taken)


def _without_stopped(rows: list[Deadline], at: datetime) -> list[Deadline]:
    """Clocks that started while those of their case stand still are stopped instead of taking a rung."""
    still = clock_moves.standing_still({row.case_id for row in rows})
    going_on = []
    for row in rows:
        if row.case_id in still and still[row.case_id].stops(row):
            clock_moves.stop([row], still[row.case_id], at=at)
        else:
            going_on.append(row)
    return going_on


def _steps_taken(row: Deadline, at: datetime) -> list[clock_table.Step]:
    """Advance a clock past every rung that lies behind `at`."""
    steps = clock_table.ladder(row.kind, row.key, row.starts_at, row.due_at)
    passed = [step for step in steps[row.step :] if step.at <= at]
    row.step += len(passed)
    row.next_step_at = steps[row.step].at if row.step < len(steps) else None
    if row.fired_at is None and any(step.code == "breached" for step in passed):
        row.fired_at = at
    return passed


def _worth_telling(steps: list[clock_table.Step]) -> list[clock_table.Step]:
    """After an outage "due soon" is no news beside "overdue", and one "due soon" is enough."""
    later = [step for step in steps if step.code != "warned"]
    return later or steps[-1:]


def _said(row: Deadline, step: clock_table.Step) -> dict[str, str]:
    return {"clock": row.kind, "due_at": row.due_at.isoformat(), "step_at": step.at.isoformat()}


def _trace(taken: list[tuple[Deadline, clock_table.Step]], cases: dict[int, Case], at: datetime) -> None:
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case_id=row.case_id,
            kind=f"deadline.{step.code}",
            at=at,
            phase=cases[row.case_id].phase,
            actor_label=SYSTEM.label,
            subject_kind="deadline",
            subject_id=row.pk,
            data=_said(row, step),
        )
        for row, step in taken
    )
