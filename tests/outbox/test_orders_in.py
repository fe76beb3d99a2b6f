"""Callbacks move orders: by the verbs a person uses, forwards only, else listed (O7, input 37)."""

from __future__ import annotations

import uuid

import pytest

from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.outbox.models import Difference, OutboxRow, PlatformCallback
from dispute_hub.outbox.topics import FOR_PLATFORMS
from routing import services
from routing.models import OrderProgress, WorkOrder
from tests.outbox import platforms
from tests.outbox.platforms import answers, drain
from tests.outbox.test_callbacks import call as call_back

pytestmark = pytest.mark.usefixtures("no_nudges")
RETURN = {"status": "returned", "reason_code": "wrong_unit", "text": "属古山镇"}
SETTLE = {"status": "settled", "how": "oral_agreement", "text": "双方约定轮流使用。"}


@pytest.fixture
def to(cast, clock):
    return platforms.connector(cast, clock, topics=list(FOR_PLATFORMS))


@pytest.fixture
def order(to, clock, story, monkeypatch) -> WorkOrder:
    """Sent, and confirmed by the platform."""
    made = story.sent()
    answers(monkeypatch)
    drain(clock, to)
    return made


def say(clock, order: WorkOrder, status: str = "", **said) -> int:
    row = OutboxRow.objects.get(topic="order.sent", payload__no=order.no)
    said = {"id": str(row.message_id), **({"status": status} if status else {}), **said}
    return call_back(clock, said).status_code


def now(order: WorkOrder) -> str:
    return WorkOrder.objects.get(pk=order.pk).status


def verdicts() -> list[str]:
    return list(PlatformCallback.objects.order_by("id").values_list("verdict", flat=True))


def open_differences() -> list[tuple[str, str]]:
    return list(Difference.objects.filter(closed_at=None).order_by("id").values_list("cause", "reason"))


def test_a_redirected_order_is_no_more_its_former_platforms(cast, clock, to, order, monkeypatch) -> None:
    former = OutboxRow.objects.get(topic="order.sent")
    WorkOrder.objects.update(addressee=cast.units.county_centre)
    former.payload["addressee"] = cast.units.county_centre.code
    former.save()
    order.refresh_from_db()
    services.redirect_order(
        order, addressee=cast.units.centre, text="属象珠", actor=cast.county_centre, at=clock.at
    )
    back = OutboxRow.objects.get(topic="order.recalled").payload
    assert (back["no"], back["addressee"], back["status"]) == (order.no, "330784-ZZ", "recalled")
    assert OutboxRow.objects.filter(topic="order.sent").latest("id").payload["addressee"] == "330784-XZ-ZZ"
    Deadline.objects.filter(kind="order.accept").delete()
    services.start_accept_clock(former, at=clock.at)
    assert not Deadline.objects.filter(kind="order.accept").exists()
    for said in ({"status": "accepted"}, RETURN):
        call_back(clock, {"id": str(former.message_id), **said})
    assert (now(order), verdicts()) == ("sent", ["held", "repeated"])


def test_the_whole_way_by_callbacks(clock, order) -> None:
    assert say(clock, order, "accepted") == 200
    assert now(order) == "accepted"
    assert say(clock, order, "working", text="已约双方周五到中心调解") == 200
    assert say(clock, order, **SETTLE) == 200
    assert now(order) == "to_verify"
    assert verdicts() == ["applied"] * 3
    labels = CaseEvent.objects.filter(kind__in=["order.accepted", "order.fed_back", "order.to_verify"])
    assert {event.actor_label for event in labels} == {"基层治理平台（象珠网格平台）"}
    assert OrderProgress.objects.get().post is None


def test_accepted_by_a_platform_runs_the_clocks_of_acceptance(clock, order) -> None:
    say(clock, order, "accepted")
    kinds = Deadline.objects.filter(subject_kind="workorder", subject_id=order.pk, state="open")
    assert "order.result" in set(kinds.values_list("kind", flat=True))
    assert OutboxRow.objects.filter(topic="order.contacts").count() == 1


def test_returned_with_a_reason_brings_the_case_back(clock, order) -> None:
    assert say(clock, order, **RETURN) == 200
    order.refresh_from_db()
    order.case.refresh_from_db()
    assert (order.status, order.return_reason, order.case.status) == ("returned", "wrong_unit", "tracking")


@pytest.mark.parametrize(
    "said",
    [{"status": "returned", "text": "不收"}, {"status": "returned", "reason_code": "nobody", "text": "x"},
     {"status": "returned", "reason_code": "wrong_unit"}, {"status": "settled", "text": "好了"},
     {"status": "settled", "how": "magic", "text": "好了"}, {"status": "settled", "how": "agreement"}],
)  # fmt: skip
def test_what_the_service_refuses_is_held_with_its_reason(clock, order, said) -> None:
    """All or nothing: not even the signature that the word implies."""
    assert say(clock, order, **said) == 409
    assert (now(order), verdicts()) == ("sent", ["held"])
    [(cause, reason)] = open_differences()
    assert cause == "callback" and reason


def test_a_lost_signature_is_implied_by_the_next_word(clock, order) -> None:
    assert say(clock, order, "working", text="已上门") == 200
    assert now(order) == "accepted"
    assert say(clock, order, "accepted") == 200
    assert verdicts() == ["applied", "repeated"]


def test_settled_first_and_the_rest_late(clock, order) -> None:
    say(clock, order, **SETTLE)
    assert now(order) == "to_verify"
    assert [say(clock, order, word, text="x") for word in ("working", "accepted")] == [409, 409]
    assert verdicts() == ["applied", "backwards", "backwards"]
    assert (now(order), OrderProgress.objects.count(), open_differences()) == ("to_verify", 0, [])


def test_progress_is_told_as_often_as_there_is_news(clock, order) -> None:
    for text in ("已联系甲方", "已联系甲方", "已联系乙方"):
        assert say(clock, order, "working", text=text) == 200
    assert verdicts() == ["applied", "repeated", "applied"]
    assert OrderProgress.objects.count() == 2


def test_a_sequence_tells_late_from_new(clock, order) -> None:
    say(clock, order, "working", text="第二次", sequence=2)
    assert say(clock, order, "accepted", sequence=1) == 409
    assert say(clock, order, "working", text="第二次", sequence=2) == 200
    assert verdicts() == ["applied", "backwards", "repeated"]
    say(clock, order, "working", text="第三次", sequence=3)
    assert OrderProgress.objects.count() == 2


def test_after_a_failed_verification_an_old_report_does_not_pass_for_a_new_one(
    cast,
    clock,
    order,
    story,
) -> None:
    say(clock, order, **SETTLE)
    story.act("verify_no", order)
    assert now(order) == "accepted"
    assert say(clock, order, **SETTLE) == 409
    assert now(order) == "accepted"
    assert "须带序号" in open_differences()[0][1]
    assert say(clock, order, **SETTLE, sequence=4) == 200
    assert now(order) == "to_verify"


def test_a_recalled_order_takes_no_word(cast, clock, order, story) -> None:
    story.act("recall", order)
    assert say(clock, order, "accepted") == 409
    assert now(order) == "recalled"
    assert "已撤回" in open_differences()[0][1]


def test_what_a_person_did_first_is_no_conflict(cast, clock, order, story) -> None:
    story.act("accept", order)
    assert say(clock, order, "accepted") == 200
    assert verdicts() == ["repeated"]


def test_words_before_the_receipt_hold_after_it(to, clock, story, monkeypatch) -> None:
    order = story.sent()
    say(clock, order, "accepted")
    say(clock, order, "working", text="已上门")
    assert (verdicts(), now(order)) == (["early", "early"], "sent")
    answers(monkeypatch)
    drain(clock, to)
    assert now(order) == "accepted"
    assert OrderProgress.objects.get().text == "已上门"


def test_an_early_word_that_cannot_hold_is_listed(to, clock, story, monkeypatch) -> None:
    order = story.sent()
    say(clock, order, "settled")
    answers(monkeypatch)
    drain(clock, to)
    assert now(order) == "sent"
    assert open_differences()[0][0] == "callback"


def test_an_unknown_message_is_listed_once(clock, order) -> None:
    stranger = str(uuid.uuid4())
    for _ in range(3):
        assert call_back(clock, {"id": stranger, "status": "settled"}).status_code == 409
    assert len(open_differences()) == 1


def test_a_platform_of_another_street_moves_nothing(cast, clock, order) -> None:
    platforms.connector(cast, clock, code="other", secret=platforms.NEXT_SECRET)
    row = OutboxRow.objects.get(topic="order.sent")
    said = {"id": str(row.message_id), "status": "accepted"}
    assert call_back(clock, said, code="other", secret=platforms.NEXT_SECRET).status_code == 409
    assert now(order) == "sent"


def test_our_own_fault_is_held_not_lost(clock, order, monkeypatch) -> None:
    from routing.services import _inward

    def fault(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(_inward, "accept_order", fault)
    assert say(clock, order, "accepted") == 409
    assert (verdicts(), now(order)) == (["held"], "sent")
    assert "系统异常" in open_differences()[0][1]
