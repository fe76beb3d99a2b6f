"""Deliveries: claimed by one, taken over when lost, given up visibly, harmless twice (reliability O1-O5)."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from dispute_hub.outbox import nudge, services, tasks
from dispute_hub.outbox.models import Heartbeat, Notice, OutboxRow
from dispute_hub.outbox.topics import DELIVERED_BY

State = OutboxRow.State
SENT: list[int] = []


def send(row, *, at) -> None:
    SENT.append(row.payload["n"])


def refuse(row, *, at) -> None:
    raise services.Undeliverable("收件方不接受")


def fail(row, *, at) -> None:
    raise ConnectionError("张三 13800001234")


@pytest.fixture(autouse=True)
def _topics(monkeypatch: pytest.MonkeyPatch) -> None:
    SENT.clear()
    for name in ("send", "refuse", "fail"):
        monkeypatch.setitem(DELIVERED_BY, name, f"{__name__}.{name}")
    monkeypatch.setattr(nudge, "_send", lambda *args: None)


def put(clock, topic: str = "send", *, n: int = 1, case_id: int | None = 7, target: str = "") -> OutboxRow:
    services.put(topic, {"n": n}, at=clock.at, case_id=case_id, target=target)
    return OutboxRow.objects.latest("id")


def deliver_all(clock) -> None:
    for row in services.claim(at=clock.at):
        services.deliver(row, at=clock.at)


def test_a_row_is_delivered_once(db, clock) -> None:
    row = put(clock)
    deliver_all(clock)
    deliver_all(clock)
    row.refresh_from_db()
    assert (SENT, row.state, row.sent_at, row.attempts) == ([1], State.SENT, clock.at, 1)
    assert row.lease_token is None


def test_a_claimed_row_is_nobody_elses_until_its_lease_lapses(db, clock) -> None:
    put(clock)
    [mine] = services.claim(at=clock.at)
    clock.advance(seconds=59)
    assert services.claim(at=clock.at) == []
    clock.advance(seconds=1)
    [taken] = services.claim(at=clock.at)
    assert (taken.pk, taken.attempts) == (mine.pk, 2)
    assert taken.message_id == mine.message_id


def test_the_late_first_sender_marks_nothing(db, clock) -> None:
    put(clock)
    [slow] = services.claim(at=clock.at)
    clock.advance(seconds=60)
    [quick] = services.claim(at=clock.at)
    assert services.deliver(slow, at=clock.at) is False
    assert OutboxRow.objects.get().state == State.LEASED
    assert services.deliver(quick, at=clock.at) is True
    assert OutboxRow.objects.get().state == State.SENT


def test_only_one_row_may_be_asked_for(db, clock) -> None:
    first, second = put(clock, n=1), put(clock, n=2)
    assert [row.pk for row in services.claim(at=clock.at, only=second.pk)] == [second.pk]
    assert [row.pk for row in services.claim(at=clock.at)] == [first.pk]


def test_a_failure_waits_longer_each_time_and_keeps_no_words(db, clock, monkeypatch) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    put(clock, "fail")
    waits = []
    for _ in range(4):
        deliver_all(clock)
        row = OutboxRow.objects.get()
        assert (row.state, row.last_error) == (State.PENDING, "ConnectionError")
        waits.append(row.next_attempt_at - clock.at)
        assert services.claim(at=row.next_attempt_at - timedelta(microseconds=1)) == []
        clock.set(row.next_attempt_at)
    assert waits == [timedelta(seconds=s) for s in (10, 20, 40, 80)]


def test_no_wait_is_shorter_than_five_seconds_or_longer_than_a_quarter_of_an_hour(monkeypatch) -> None:
    for share in (0.0, 1.0):
        monkeypatch.setattr("random.random", lambda share=share: share)
        waits = [services.backoff(attempts) for attempts in range(1, 20)]
        assert min(waits) >= timedelta(seconds=5)
        assert max(waits) <= timedelta(minutes=15)


def test_the_fifth_failure_is_the_last(db, clock) -> None:
    put(clock, "fail")
    for attempt in range(1, 6):
        deliver_all(clock)
        row = OutboxRow.objects.get()
        assert row.state == (State.DEAD if attempt == 5 else State.PENDING)
        clock.advance(minutes=15)
    assert services.claim(at=clock.at) == []


def test_a_refusal_for_good_is_given_up_at_once(db, clock) -> None:
    put(clock, "refuse")
    deliver_all(clock)
    row = OutboxRow.objects.get()
    assert (row.state, row.last_error, row.attempts) == (State.DEAD, "收件方不接受", 1)


def test_the_administrator_hears_of_the_first_of_ours_that_is_given_up(cast, clock, monkeypatch) -> None:
    admin = cast.system_admin
    for n in range(3):
        put(clock, "refuse", n=n)
    deliver_all(clock)
    told = OutboxRow.objects.get(topic="notice")
    assert (told.payload["post_id"], told.payload["link"]) == (admin.post.pk, "/dead-letters/")
    monkeypatch.setitem(DELIVERED_BY, "notice", f"{__name__}.refuse")
    clock.advance(minutes=11)
    deliver_all(clock)
    assert OutboxRow.objects.get(topic="notice").state == State.DEAD


def test_a_row_that_kills_its_worker_is_poison_after_five(db, clock) -> None:
    put(clock)
    for _ in range(5):
        assert services.claim(at=clock.at)
        clock.advance(seconds=60)
    deliver_all(clock)
    row = OutboxRow.objects.get()
    assert (row.state, row.last_error, SENT) == (State.DEAD, "worker lost", [])


def test_a_dead_row_is_replayed_under_its_old_id(cast, clock) -> None:
    put(clock, "refuse")
    deliver_all(clock)
    before = OutboxRow.objects.get(topic="refuse")
    OutboxRow.objects.filter(pk=before.pk).update(topic="send")
    clock.advance(days=2)
    services.replay_many([before.pk], actor=cast.system_admin, at=clock.at)
    deliver_all(clock)
    after = OutboxRow.objects.get(pk=before.pk)
    assert (after.state, after.message_id, SENT) == (State.SENT, before.message_id, [1])


def test_only_a_dead_row_is_replayed(cast, clock) -> None:
    row = put(clock)
    deliver_all(clock)
    services.replay_many([row.pk], actor=cast.system_admin, at=clock.at)
    deliver_all(clock)
    assert SENT == [1]


def test_one_target_gets_a_case_in_order(db, clock) -> None:
    put(clock, "fail", n=1, target="grid", case_id=7)
    put(clock, n=2, target="grid", case_id=7)
    put(clock, n=3, target="grid", case_id=8)
    put(clock, n=4, target="12345", case_id=7)
    put(clock, n=5, case_id=7)
    deliver_all(clock)
    assert SENT == [3, 4, 5]
    OutboxRow.objects.filter(topic="fail").update(topic="send", next_attempt_at=clock.at)
    deliver_all(clock)
    assert SENT == [3, 4, 5, 1]
    deliver_all(clock)
    assert SENT == [3, 4, 5, 1, 2]


def test_a_dead_row_lets_the_next_of_its_case_pass(db, clock) -> None:
    put(clock, "refuse", n=1, target="grid")
    put(clock, n=2, target="grid")
    deliver_all(clock)
    deliver_all(clock)
    assert SENT == [2]


def test_a_broken_target_starves_nobody(db, clock) -> None:
    put(clock, "fail", n=0, target="grid", case_id=7)
    for n in range(services.BATCH + 5):
        put(clock, n=n, target="grid", case_id=7)
    put(clock, n=999, case_id=9)
    tasks.sweep()
    assert 999 in SENT


def test_two_senders_never_hold_the_same_row(committing_db, clock) -> None:
    for n in range(20):
        services.put("send", {"n": n}, at=clock.at, case_id=None)
    claimed: list[list[int]] = []
    gate = threading.Barrier(2)

    def sender() -> None:
        gate.wait()
        with transaction.atomic():
            claimed.append([row.pk for row in services.claim(at=clock.at)])
        connection.close()

    threads = [threading.Thread(target=sender) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = [pk for part in claimed for pk in part]
    assert len(rows) == len(set(rows)) == 20


def test_nothing_is_written_when_the_change_rolls_back(db, clock) -> None:
    try:
        with transaction.atomic():
            put(clock)
            raise RuntimeError
    except RuntimeError:
        pass
    assert not OutboxRow.objects.exists()


def test_the_nudge_comes_after_the_commit_and_may_be_lost(
    db, clock, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    asked = []
    monkeypatch.setattr(nudge, "_send", lambda task, *args: asked.append((task, args)))
    with django_capture_on_commit_callbacks(execute=True):
        row = put(clock)
        assert asked == []
    assert asked == [("dispute_hub.outbox.tasks.deliver", (row.pk,))]


def test_a_notice_delivered_twice_stands_once(cast, clock) -> None:
    message = services.Message(kind="push.issued", title="新的一推", post_id=cast.officer.post.pk)
    services.notify(message, at=clock.at, case_id=3)
    row = OutboxRow.objects.get()
    services.deliver_notice(row, at=clock.at)
    services.deliver_notice(row, at=clock.at)
    notice = Notice.objects.get()
    assert (notice.message_id, notice.case_id, notice.created_at) == (row.message_id, 3, clock.at)


def test_a_notice_needs_an_addressee(db, clock) -> None:
    from django.db import IntegrityError

    row = OutboxRow(message_id=uuid.uuid4(), payload={"kind": "x", "title": "x"}, created_at=clock.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.deliver_notice(row, at=clock.at)


def test_many_notices_are_one_statement(cast, clock, django_assert_num_queries) -> None:
    message = services.Message(kind="deadline.warned", title="即将到期", post_id=cast.officer.post.pk)
    with django_assert_num_queries(1):
        assert services.notify_many([(message, n) for n in range(30)], at=clock.at) == 30
    with django_assert_num_queries(0):
        assert services.notify_many([], at=clock.at) == 0


def test_the_tasks_take_what_is_due_and_show_that_they_live(db, clock) -> None:
    row = put(clock)
    tasks.deliver(row.pk)
    tasks.deliver(row.pk)
    assert SENT == [1]
    put(clock, n=2)
    tasks.sweep()
    assert SENT == [1, 2]
    assert Heartbeat.objects.get(part="sweep").seen_at == clock.at
