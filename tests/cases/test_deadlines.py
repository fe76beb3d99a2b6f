"""Clocks: their own life, and a sweep that fires each rung once (reliability T1-T7)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from dispute_hub.cases import clock_notices, deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.outbox.models import OutboxRow
from tests.cases.builders import a_case

H, M = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


def begin(case: Case, clock, kind: str = "push_first.feed_back", key: str = "blue", **parts) -> Deadline:
    parts = {"holder": deadlines.Holder(unit_id=case.station_id, role="officer")} | parts
    started = deadlines.start(case, parts.pop("subject", case), kind, key=key, at=clock.at, **parts)
    assert started is not None
    return started


def kinds() -> list[str]:
    return list(CaseEvent.objects.order_by("id").values_list("kind", flat=True))


def messages() -> list[dict]:
    return [row.payload for row in OutboxRow.objects.filter(topic="notice").order_by("id")]


# A clock's own life --------------------------------------------------------------------------------------


def test_a_clock_is_met_once(cast, clock) -> None:
    case = a_case(cast, clock.at)
    row = begin(case, clock)
    clock.advance(hours=1)
    assert deadlines.meet(case, "push_first.feed_back", at=clock.at) is True
    assert deadlines.meet(case, "push_first.feed_back", at=clock.at) is False
    row.refresh_from_db()
    assert (row.state, row.ended_at, row.next_step_at, row.is_late) == ("met", clock.at, None, False)


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (1, True)])
def test_met_at_its_last_instant_is_in_time(cast, clock, seconds: int, late: bool) -> None:
    case = a_case(cast, clock.at)
    row = begin(case, clock)
    clock.advance(hours=24, seconds=seconds)
    deadlines.meet(case, row.kind, at=clock.at)
    row.refresh_from_db()
    assert row.is_late is late


def test_what_became_pointless_is_ended(cast, clock) -> None:
    case = a_case(cast, clock.at)
    begin(case, clock)
    begin(case, clock, "push_first.sign")
    assert deadlines.end(case, at=clock.at, kinds=["push_first.sign"]) == 1
    assert deadlines.end(case, at=clock.at) == 1
    clock.advance(days=9)
    assert deadlines.sweep(at=clock.at) == 0


def test_a_clock_changes_hands(cast, clock) -> None:
    case = a_case(cast, clock.at)
    row = begin(case, clock)
    deadlines.hand_over(case, holder=deadlines.Holder(post_id=cast.officer.post.pk))
    row.refresh_from_db()
    assert (row.holder_post_id, row.holder_unit_id, row.holder_role) == (cast.officer.post.pk, None, "")


def test_a_postponed_clock_does_not_repeat_the_rungs_behind_it(cast, clock) -> None:
    case = a_case(cast, clock.at)
    row, began = begin(case, clock), clock.at
    clock.advance(hours=23)
    deadlines.sweep(at=clock.at)
    assert deadlines.postpone(case, row.kind, until_at=began + 72 * H, at=clock.at) is True
    row.refresh_from_db()
    assert (row.due_at, row.step) == (began + 72 * H, 2)  # its warnings lie at 12 and 22 hours
    assert row.next_step_at == row.due_at
    assert deadlines.postpone(case, "order.result", until_at=clock.at, at=clock.at) is False


def test_an_agreed_date_needs_no_limit(cast, clock) -> None:
    row = begin(a_case(cast, clock.at), clock, "performance.due", "", due_at=clock.at + timedelta(days=40))
    assert (row.limit, row.due_at) == ("agreed", clock.at + timedelta(days=40))


# The sweep ---------------------------------------------------------------------------------------------


def test_each_rung_is_taken_once_at_its_instant(cast, clock) -> None:
    begin(a_case(cast, clock.at), clock)
    began, taken = clock.at, []
    for hours in (11.99, 12, 12, 22, 24, 24, 48, 96, 96, 500):
        clock.set(began + hours * H)
        taken.append(deadlines.sweep(at=clock.at))
    assert taken == [0, 1, 0, 1, 1, 0, 1, 1, 0, 0]
    assert kinds() == [
        "deadline.warned", "deadline.warned", "deadline.breached",
        "deadline.supervision_due", "deadline.naming_due",
    ]  # fmt: skip


def test_after_an_outage_every_rung_is_traced_once_and_nobody_is_told_it_is_due_soon(cast, clock) -> None:
    row = begin(a_case(cast, clock.at), clock)
    clock.advance(hours=72)
    assert deadlines.sweep(at=clock.at) == 4
    assert deadlines.sweep(at=clock.at) == 0
    assert kinds() == [
        "deadline.warned", "deadline.warned", "deadline.breached", "deadline.supervision_due",
    ]  # fmt: skip
    assert not [message for message in messages() if "即将到期" in message["title"]]
    row.refresh_from_db()
    assert (row.fired_at, row.next_step_at) == (clock.at, row.due_at + 72 * H)
    event = CaseEvent.objects.get(kind="deadline.breached")
    assert (event.at, time.parse_instant(event.data["step_at"])) == (clock.at, row.due_at)


def test_a_breach_climbs_to_the_superior(cast, clock) -> None:
    case = a_case(cast, clock.at)
    begin(case, clock)
    clock.advance(hours=24)
    deadlines.sweep(at=clock.at)
    holder, superior = messages()
    assert (holder["unit_id"], holder["role"], holder["urgency"]) == (case.station_id, "officer", "important")
    assert (superior["role"], superior["urgency"]) == ("station_chief", "alarm")
    assert holder["title"] == f"处警反馈已超时：{case.case_no}"


def test_the_alarm_reaches_the_command_room_and_the_leader(cast, clock) -> None:
    begin(a_case(cast, clock.at), clock, "push_first.sign", "red")
    for _ in range(5):
        clock.advance(minutes=1)
        deadlines.sweep(at=clock.at)
    alarms = [(message["role"], message["urgency"]) for message in messages()[-3:]]
    assert alarms == [("officer", "important"), ("station_command", "alarm"), ("station_chief", "alarm")]


@pytest.mark.parametrize(("number", "digested"), [(20, False), (21, True)])
def test_more_than_twenty_at_once_are_one_line(cast, clock, number: int, digested: bool) -> None:
    for _ in range(number):
        begin(a_case(cast, clock.at), clock, "push_first.sign", "yellow")
    clock.advance(minutes=10)
    deadlines.sweep(at=clock.at)
    mine = [message for message in messages() if message["role"] == "officer"]
    assert len(mine) == (1 if digested else 20)
    assert (mine[0]["kind"] == "deadline.digest") is digested
    assert kinds().count("deadline.breached") == number


def test_one_line_for_many_alarms_is_an_alarm(cast, clock) -> None:
    for _ in range(21):
        begin(a_case(cast, clock.at), clock, "push_first.feed_back", "yellow")
    clock.advance(hours=49)
    deadlines.sweep(at=clock.at)
    (chief,) = [message for message in messages() if message["role"] == "station_chief"]
    assert (chief["kind"], chief["urgency"]) == ("deadline.digest", "alarm")


def test_a_flood_spread_over_batches_is_one_line_too(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 5)
    for _ in range(60):
        begin(a_case(cast, clock.at), clock, "push_first.sign", "yellow")
    clock.advance(minutes=10)
    assert deadlines.sweep(at=clock.at) == 60
    mine = [message for message in messages() if message["role"] == "officer"]
    assert len(mine) <= clock_notices.DIGEST_OVER + 1
    assert [message["kind"] for message in mine].count("deadline.digest") == 1


def test_oldest_first(cast, clock) -> None:
    late = begin(a_case(cast, clock.at), clock, "push_first.sign", "blue")
    early = begin(a_case(cast, clock.at), clock, "push_first.sign", "yellow")
    clock.advance(hours=1)
    deadlines.sweep(at=clock.at)
    breached = CaseEvent.objects.filter(kind="deadline.breached").order_by("id")
    assert [event.subject_id for event in breached] == [early.pk, late.pk]


def test_a_batch_costs_the_same_for_one_clock_and_for_many(
    cast, clock, django_assert_max_num_queries
) -> None:
    for _ in range(40):
        begin(a_case(cast, clock.at), clock, "push_first.sign", "yellow")
    clock.advance(minutes=10)
    with django_assert_max_num_queries(15):  # one of them for the roster of the station
        deadlines.sweep(at=clock.at)


def test_a_case_that_somebody_works_on_is_left_for_the_next_sweep(committed_cast, clock) -> None:
    held, free = a_case(committed_cast, clock.at), a_case(committed_cast, clock.at)
    for case in (held, free):
        begin(case, clock, "push_first.sign", "yellow")
    clock.advance(minutes=10)
    at, ready, done = clock.at, threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=held.pk)
            deadlines.meet(held, "push_first.sign", at=at)
            ready.set()
            done.wait(10)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    ready.wait(10)
    assert deadlines.sweep(at=at) == 1
    done.set()
    worker.join()
    assert deadlines.sweep(at=at) == 0
    assert [event.case_id for event in CaseEvent.objects.filter(kind="deadline.breached")] == [free.pk]


def test_two_sweepers_fire_nothing_twice(committed_cast, clock) -> None:
    for _ in range(15):
        begin(a_case(committed_cast, clock.at), clock, "push_first.sign", "yellow")
    clock.advance(minutes=10)
    at, gate = clock.at, threading.Barrier(3)

    def sweeper() -> None:
        gate.wait()
        deadlines.sweep(at=at)
        connection.close()

    threads = [threading.Thread(target=sweeper) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadlines.sweep(at=at)
    assert CaseEvent.objects.filter(kind="deadline.breached").count() == 15


# One person, whatever the address ------------------------------------------------------------------------


def flood(cast, clock, *, posts: int, role: int) -> None:
    """Clocks of one officer's post and of his role at the station, all due in ten minutes."""
    for number in range(posts + role):
        holder = (
            deadlines.Holder(post_id=cast.community_officer.post.pk)
            if number < posts
            else deadlines.Holder(unit_id=cast.units.area.pk, role="community_officer")
        )
        begin(a_case(cast, clock.at), clock, "push_first.sign", "yellow", holder=holder)
    clock.advance(minutes=10)


def to(cast, message: dict) -> bool:
    mine = message["post_id"] == cast.community_officer.post.pk
    return mine or (message["unit_id"], message["role"]) == (cast.units.area.pk, "community_officer")


@pytest.mark.parametrize(("posts", "role", "lines"), [(15, 15, 1), (10, 10, 20), (21, 0, 1), (0, 21, 1)])
def test_notices_to_a_post_and_to_its_role_count_for_one_person(
    cast, clock, posts: int, role: int, lines: int
) -> None:
    flood(cast, clock, posts=posts, role=role)
    deadlines.sweep(at=clock.at)
    assert len([message for message in messages() if to(cast, message)]) == lines


def test_who_shares_the_role_reads_the_same_line_and_keeps_his_own(cast, clock) -> None:
    second = cast.add("second", "community_officer", cast.units.area)
    own = a_case(cast, clock.at)
    begin(own, clock, "push_first.sign", "yellow", holder=deadlines.Holder(post_id=second.post.pk))
    flood(cast, clock, posts=15, role=15)
    deadlines.sweep(at=clock.at)
    digests = [one for one in messages() if one["kind"] == "deadline.digest" and to(cast, one)]
    assert [(one["unit_id"], one["post_id"]) for one in digests] == [(cast.units.area.pk, None)]
    assert [one["kind"] for one in messages() if one["post_id"] == second.post.pk] == ["deadline.breached"]


def test_a_role_that_nobody_holds_is_one_line_too(cast, clock) -> None:
    for _ in range(21):
        holder = deadlines.Holder(unit_id=cast.units.grid.pk, role="mediator")
        begin(a_case(cast, clock.at), clock, "push_first.sign", "yellow", holder=holder)
    clock.advance(minutes=10)
    deadlines.sweep(at=clock.at)
    assert len([one for one in messages() if one["unit_id"] == cast.units.grid.pk]) == 1
