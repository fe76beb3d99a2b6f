"""Push 3 and diversion: proposed, approved, accepted, worked on, settled and verified."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Final

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Case
from dispute_hub.demo.stage import Received, Stage
from dispute_hub.demo.stories._after import follow_up
from dispute_hub.demo.timeline import Overtaken, Story
from routing import services as routing
from routing.models import OrderStatus, WorkOrder
from routing.selectors import sides_of

Step = Generator[timedelta | datetime, datetime, datetime]
LEADS: Final = {"N06": "RS", "N04": "SC", "N13": "HB", "N07": "ZJ", "N09": "ZR", "N01": "FL", "N05": "WJ"}
# How far an order gets; each step includes those before it.
PROPOSED, SENT, ACCEPTED, TO_VERIFY, DONE = range(5)


def third_push(
    stage: Stage, case: Case, officer: PostActor, at: datetime, *, reaches: int = DONE, end: str = ""
) -> Story:
    """The whole way through the street centre, as far as `reaches`, or to another `end`."""
    order = proposed(stage, case, officer, at)
    if reaches == PROPOSED and not end:
        return
    at = yield stage.in_office(at + stage.hours(0.5, 5))
    order.refresh_from_db()
    if order.status != OrderStatus.PROPOSED:
        raise Overtaken
    chief = _other_chief(stage, case, officer)
    if end == "rejected":
        routing.reject_order(order, text=stage.word("reject_text"), actor=chief, at=at)
        return
    routing.approve_order(order, actor=chief, at=at)
    if reaches == SENT and not end:
        return
    at = yield stage.in_office(at + stage.hours(1, 9))
    order.refresh_from_db()
    if end == "recalled":
        command = stage.one("station_command", case.station or stage.unit("XZ"))
        routing.recall_order(order, text=stage.word("recall_text"), actor=command, at=at)
        return
    if end == "returned":
        reason = stage.rng.choice(("wrong_unit", "lacks_facts"))
        text, centre = stage.word("return_text"), receiver_of(stage, order)
        routing.return_order(order, reason_code=reason, text=text, actor=centre, at=at)
        return
    yield from worked_on(stage, order, case, at, reaches=reaches)


def proposed(stage: Stage, case: Case, officer: PostActor, at: datetime) -> WorkOrder:
    """提请三推 with its analysis report."""
    grave = case.colour in ("red", "orange")
    report = routing.ReportText(
        facts=stage.word("report_facts"), causes=stage.word("report_causes"), risk=stage.word("report_risk"),
        work_done=stage.word("report_work"), suggestions=stage.word("report_advice"),
    )  # fmt: skip
    draft = routing.ThirdPushDraft(
        grade={"red": "extra_urgent", "orange": "urgent"}.get(case.colour, "normal"),
        difficulty="hard" if grave else stage.rng.choice(("simple", "general")),
        report=report,
        lead_unit=lead_of(stage, case),
        assisting=(stage.unit("SF"),),
    )
    return routing.propose_third_push(case, draft, actor=officer, at=at)


def lead_of(stage: Stage, case: Case) -> Unit:
    """The department that leads for the class of the case."""
    return stage.unit(LEADS.get(case.item_code[:3], "SF"))


def receiver_of(stage: Stage, order: WorkOrder) -> PostActor:
    """Who acts for the addressee of an order."""
    unit = order.addressee
    role = {"centre": "centre", "county_centre": "county_centre"}.get(unit.kind, "department")
    return stage.one(role, unit)


def worked_on(stage: Stage, order: WorkOrder, case: Case, at: datetime, *, reaches: int = DONE) -> Step:
    """Accepted, assigned, fed back, reported settled, verified with both parties."""
    order.refresh_from_db()
    centre = receiver_of(stage, order)
    routing.accept_order(order, actor=centre, at=at)
    lead = lead_of(stage, case)
    at = yield from _contacted(stage, order, case, centre, at)
    if centre.role != "department":
        at = yield stage.in_office(at + stage.hours(0.5, 4))
        routing.assign_order(order, tasks=_split(stage, lead), actor=centre, at=at)
    for _ in range(stage.rng.randint(1, 2)):
        at = yield stage.in_office(at + stage.hours(20, 60))
        worker = stage.one("department", lead) if centre.role != "department" else centre
        routing.feed_back_order(order, text=stage.word("progress"), actor=worker, at=at)
    if reaches == ACCEPTED:
        return at
    for task in list(order.units.select_related("unit")):
        at = yield stage.in_office(at + stage.hours(2, 30))
        routing.complete_task(order, task_id=task.pk, text=stage.word("progress"), actor=centre, at=at)
    at = yield stage.in_office(at + stage.hours(20, 90))
    how = stage.rng.choice(("agreement", "oral_agreement", "on_scene"))
    routing.settle_order(order, how=how, text=stage.word("order_settle"), actor=centre, at=at)
    if reaches == TO_VERIFY:
        return at
    at = yield stage.in_office(at + stage.hours(4, 40))
    case.refresh_from_db()
    verifier = verifier_of(stage, case)
    if stage.chance(0.1):
        routing.verify_order(order, accepted=False, text=stage.word("verify_failed"), actor=verifier, at=at)
        return at
    said = [
        routing.SideSaid(number, "phone", stage.word("verify"))
        for number, _ in enumerate(sides_of(case.pk), start=1)
    ]
    text = stage.word("verify")
    routing.verify_order(order, accepted=True, text=text, contacts=said, actor=verifier, at=at)
    stage.timeline.tell(follow_up(stage, case, at=at), at=at)
    return at


def _split(stage: Stage, lead: Unit) -> list[routing.TaskDraft]:
    """The lead, and the judicial office beside it."""
    office = stage.unit("SF")
    tasks = [routing.TaskDraft(lead, "lead", "核实情况，组织联合调解")]
    if lead != office:
        tasks.append(routing.TaskDraft(office, task="派员参加联合调解，提供法律意见"))
    return tasks


def _contacted(stage: Stage, order: WorkOrder, case: Case, centre: PostActor, at: datetime) -> Step:
    """Both sides called after 签收, each with what he said."""
    for number, _ in enumerate(sides_of(case.pk), start=1):
        at = yield at + stage.minutes(5, 50)
        routing.record_order_contact(
            order, side=number, mode="phone", said=stage.word("progress"), actor=centre, at=at
        )
    return at


def verifier_of(stage: Stage, case: Case) -> PostActor:
    """The responsible officer, without one the command room."""
    if case.holder_post is not None and case.holder_post.role == "community_officer":
        return stage.actor_at(case.holder_post.pk)
    return stage.one("station_command", case.station or stage.unit("XZ"))


def _other_chief(stage: Stage, case: Case, officer: PostActor) -> PostActor:
    chiefs = stage.who("station_chief", case.station or stage.unit("XZ"))
    return next(chief for chief in chiefs if chief.user.pk != officer.user.pk)


def diverted(stage: Stage, got: Received, *, at: datetime, accepted: bool = True) -> Story:
    """非警务分流: the duty commander sends a calm matter straight to who can settle it."""
    at = yield stage.minutes(2, 8)
    diversion = routing.Diversion(
        target=lead_of(stage, got.case), reason=stage.word("divert_reason"), delivery="recorded_call"
    )
    order = routing.divert(got.case, diversion, actor=stage.actor("duty_commander"), at=at)
    if accepted:
        at = yield stage.minutes(5, 25)
        yield from worked_on(stage, order, got.case, at)


def extended(stage: Stage, order: WorkOrder, case: Case, at: datetime, *, pending: bool) -> Story:
    """Accepted, then a later date is asked for; the chief has granted it, or has yet to."""
    chief = stage.who("station_chief", case.station or stage.unit("XZ"))[0]
    at = yield stage.in_office(at + stage.hours(1, 3))
    routing.approve_order(order, actor=chief, at=at)
    at = yield stage.in_office(at + stage.hours(1, 5))
    order.refresh_from_db()
    centre = receiver_of(stage, order)
    routing.accept_order(order, actor=centre, at=at)
    at = yield stage.in_office(at + stage.hours(24, 60))
    until_at = at + timedelta(days=45)
    reason = stage.word("extend_reason")
    asked = routing.extend_order(order, until_at=until_at, reason=reason, actor=centre, at=at)
    if not pending:
        at = yield stage.in_office(at + stage.hours(2, 20))
        routing.decide_extension(asked, approved=True, actor=chief, at=at)
