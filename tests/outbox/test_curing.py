"""What differs from a platform's books is cured by one person with one act, and leaves a trace (O9)."""

from __future__ import annotations

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox import nudge, services
from dispute_hub.outbox.models import Connector, Difference, OutboxRow
from dispute_hub.outbox.topics import FOR_PLATFORMS
from routing import services as orders
from routing.models import WorkOrder
from tests.outbox import platforms
from tests.outbox.platforms import drain
from tests.outbox.test_callbacks import call as call_back
from tests.outbox.test_reconciling import causes, compare, sent

pytestmark = pytest.mark.usefixtures("no_nudges")
State = OutboxRow.State


@pytest.fixture
def to(cast, clock, grid) -> Connector:
    return platforms.connector(cast, clock, grid.port, topics=list(FOR_PLATFORMS))


def cure(difference: Difference, how: str, cast, clock, note: str = "") -> Difference:
    return services.cure_difference(difference, cure=how, note=note, actor=cast.bureau, at=clock.at)


def test_a_lost_message_is_sent_again_and_is_there(cast, clock, grid, to) -> None:
    [row] = sent(cast, clock, to, 1)
    grid.orders.clear()
    compare(clock, to)
    cure(Difference.objects.get(), "resent", cast, clock)
    drain(clock, to)
    assert list(grid.orders) == [str(row.message_id)]
    clock.advance(minutes=5)
    compare(clock, to)
    assert not causes()


def test_a_lost_receipt_is_taken_over(cast, clock, grid, to, story) -> None:
    """What waits for the receipt happens then: the receiver's clock, and how far it is already."""
    order = story.sent()
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    grid.orders[str(row.message_id)].update(status="accepted")
    OutboxRow.objects.filter(pk=row.pk).update(state=State.DEAD, receipt={}, sent_at=None)
    compare(clock, to)
    cure(Difference.objects.get(), "taken", cast, clock)
    row.refresh_from_db()
    assert (row.state, WorkOrder.objects.get(pk=order.pk).status) == (State.SENT, "accepted")
    clock.advance(minutes=5)
    drain(clock, to)
    clock.advance(minutes=5)
    compare(clock, to)
    assert not causes()


def test_a_lost_callback_is_taken_from_their_list(cast, clock, grid, to, story) -> None:
    order = story.sent()
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    grid.orders[str(row.message_id)].update(
        status="returned", reason_code="wrong_unit", text="属古山镇"
    )  # fmt: skip
    clock.advance(minutes=5)
    compare(clock, to)
    assert causes() == {"behind": 1}
    cure(Difference.objects.get(), "taken", cast, clock)
    assert WorkOrder.objects.get(pk=order.pk).status == "returned"


def test_what_a_person_already_did_here_is_no_difference(cast, clock, grid, to, story) -> None:
    story.accepted()
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    grid.orders[str(row.message_id)].update(status="accepted")
    clock.advance(minutes=5)
    compare(clock, to)
    assert not causes()


def test_a_recall_the_platform_overlooked_is_sent_again(cast, clock, grid, to, story) -> None:
    story.act("recall", story.sent())
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    grid.orders[str(row.message_id)].update(status="working")
    clock.advance(minutes=5)
    compare(clock, to)
    assert causes() == {"recalled": 1}
    before = len(grid.seen)
    cure(Difference.objects.get(), "resent", cast, clock)
    drain(clock, to)
    assert grid.seen[before:] == [str(OutboxRow.objects.get(topic="order.recalled").message_id)]


def test_a_redirect_is_no_recall_for_who_has_the_order_now(cast, clock, grid, to, story) -> None:
    order = story.sent()
    former = OutboxRow.objects.get(topic="order.sent")
    OutboxRow.objects.filter(pk=former.pk).update(
        payload={**former.payload, "addressee": cast.units.county_centre.code}
    )
    WorkOrder.objects.update(addressee=cast.units.county_centre)
    order.refresh_from_db()
    order = orders.redirect_order(
        order, addressee=cast.units.centre, text="属象珠", actor=cast.county_centre, at=clock.at
    )
    drain(clock, to)
    orders.accept_order(order, actor=cast.centre, at=clock.at)
    drain(clock, to)
    for row in OutboxRow.objects.filter(topic="order.sent"):
        grid.orders[str(row.message_id)].update(status="working")
    clock.advance(minutes=5)
    compare(clock, to)
    assert list(Difference.objects.values_list("row", "cause")) == [(former.pk, "recalled")]


@pytest.mark.parametrize(("act", "stood"), [("recall", "sent"), ("return", "accepted")])
def test_an_order_that_is_over_here_is_not_sent_again(
    cast, clock, grid, to, story, act: str, stood: str
) -> None:
    story.act(act, getattr(story, stood)())
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    del grid.orders[str(row.message_id)]
    clock.advance(minutes=5)
    compare(clock, to)
    difference = Difference.objects.get(cause="missing", row=row)
    with pytest.raises(Conflict, match="不能再次发送"):
        cure(difference, "resent", cast, clock)
    cure(difference, "noted", cast, clock, note="电话核实")


def test_what_is_being_sent_is_not_sent_again(cast, clock, grid, to) -> None:
    [row] = sent(cast, clock, to, 1)
    grid.orders.clear()
    compare(clock, to)
    OutboxRow.objects.filter(pk=row.pk).update(state=State.LEASED)
    with pytest.raises(Conflict, match="正在投递"):
        cure(Difference.objects.get(), "resent", cast, clock)
    assert causes() == {"missing": 1}


def test_sent_again_it_keeps_what_the_platform_has_said(cast, clock, grid, to, story) -> None:
    story.sent()
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    call_back(clock, {"id": str(row.message_id), "status": "accepted", "sequence": 5})
    services.resend(row.pk, at=clock.at)
    drain(clock, to)
    row.refresh_from_db()
    assert (row.receipt["status"], row.receipt["sequence"], row.receipt["duplicate"]) == ("accepted", 5, True)
    OutboxRow.objects.filter(pk=row.pk).update(state=State.DEAD)
    clock.advance(minutes=5)
    compare(clock, to)
    cure(Difference.objects.get(cause="receipt_lost", row=row), "taken", cast, clock)
    row.refresh_from_db()
    assert row.receipt["sequence"] == 5


def test_what_is_sent_again_wakes_the_platforms_own_sender(
    cast, clock, grid, to, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    [row] = sent(cast, clock, to, 1)
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(nudge, "_send", lambda task, *args: woken.append((task, *args)))
    with django_capture_on_commit_callbacks(execute=True):
        services.resend(row.pk, at=clock.at)
    OutboxRow.objects.filter(pk=row.pk).update(state=State.DEAD)
    with django_capture_on_commit_callbacks(execute=True):
        services.replay_many([row.pk], actor=cast.bureau, at=clock.at)
    assert woken == [("dispute_hub.outbox.tasks.drain", to.pk)] * 2


def test_a_held_callback_is_taken_once_its_hindrance_is_gone(
    cast, clock, grid, to, story, monkeypatch
) -> None:
    from routing.services import _inward

    order = story.sent()
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    with monkeypatch.context() as broken:
        broken.setattr(_inward, "accept_order", lambda *_, **__: 1 / 0)
        call_back(clock, {"id": str(row.message_id), "status": "accepted"})
    difference = Difference.objects.get(cause="callback")
    cure(difference, "taken", cast, clock)
    assert WorkOrder.objects.get(pk=order.pk).status == "accepted"
    assert Difference.objects.get(pk=difference.pk).closed_by == cast.bureau.user


def test_what_still_cannot_be_taken_stays_open_with_its_reason(cast, clock, grid, to, story) -> None:
    story.act("recall", story.sent())
    drain(clock, to)
    row = OutboxRow.objects.get(topic="order.sent")
    call_back(clock, {"id": str(row.message_id), "status": "settled"})
    difference = Difference.objects.get(cause="callback")
    with pytest.raises(Conflict, match="已撤回"):
        cure(difference, "taken", cast, clock)
    cure(difference, "noted", cast, clock, note="电话核实，对方误报")
    assert Difference.objects.get(pk=difference.pk).note == "电话核实，对方误报"


def test_a_cure_is_one_act_of_one_person_with_a_trace(cast, clock, grid, to) -> None:
    grid.orders["x"] = {"id": "x", "status": "received", "hash": ""}
    compare(clock, to)
    difference = Difference.objects.get()
    with pytest.raises(NoRight):
        services.cure_difference(difference, cure="noted", note="x", actor=cast.system_admin, at=clock.at)
    for how, note in (("noted", " "), ("resent", "x"), ("taken", "x")):
        with pytest.raises(Invalid):
            cure(difference, how, cast, clock, note=note)
    cure(difference, "noted", cast, clock, note="测试数据")
    with pytest.raises(Conflict):
        cure(difference, "noted", cast, clock, note="又一次")
    trace = AccessLog.objects.get(kind="admin_act", object_kind="difference")
    assert (trace.user_id, int(trace.object_id)) == (cast.bureau.user.pk, difference.pk)
