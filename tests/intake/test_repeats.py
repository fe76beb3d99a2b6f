"""The same people again: counted, attached by rule or by hand, taken out, an ending taken back."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.errors import Conflict
from intake import selectors, services
from intake.models import Alert


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("days", "address", "item_class", "phone", "joined"),
    [
        (29, "象珠镇象珠一村12号", "N11", "13905790001", True),
        (30, "象珠镇 象珠一村１２号", "N11", "+86 139-0579-0001", True),
        (31, "象珠镇象珠一村12号", "N11", "13905790001", False),
        (1, "象珠镇象珠一村13号", "N11", "13905790001", False),
        (1, "象珠镇象珠一村12号", "N04", "13905790001", False),
        (1, "象珠镇象珠一村12号", "", "13905790001", False),
        (1, "象珠镇象珠一村12号", "N11", "13905790009", False),
        (1, "", "N11", "13905790001", False),
    ],
)
def test_automatic_attachment_wants_person_address_and_class_within_thirty_days(
    receive: Any, clock: Any, days: int, address: str, item_class: str, phone: str, joined: bool
) -> None:
    first = receive().case
    clock.advance(days=days)
    reporter = PartyFacts(role="reporter", phone=phone)
    second = receive(alert_no="A2", address=address, item_class=item_class, reporter=reporter).alert
    assert (second.case_id == first.pk) == joined
    assert second.attached_how == ("auto" if joined else "")
    assert second.case.alerts_count == (2 if joined else 1)


@pytest.mark.usefixtures("alone")
def test_the_class_the_case_has_by_now_counts(receive: Any, clock: Any) -> None:
    first = receive().case
    Case.objects.filter(pk=first.pk).update(item_code="N0401")
    clock.advance(days=1)
    assert receive(alert_no="A2", item_class="N11").alert.case_id != first.pk
    assert receive(alert_no="A3", item_class="N04").alert.case_id == first.pk


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("status", ["void", "absorbed"])
def test_nothing_joins_a_void_or_absorbed_case_by_itself(receive: Any, clock: Any, status: str) -> None:
    first = receive().case
    Case.objects.filter(pk=first.pk).update(status=status)
    assert receive(alert_no="A2").alert.case_id != first.pk


@pytest.mark.usefixtures("alone")
def test_an_id_number_recognises_a_person_too(receive: Any) -> None:
    party = PartyFacts(name="应大山", id_number="990784198001010010")
    first = receive(parties=(party,)).case
    reporter = PartyFacts(role="reporter", id_number="990784198001010010")
    assert receive(alert_no="A2", reporter=reporter, parties=()).alert.case_id == first.pk


@pytest.mark.usefixtures("alone")
def test_a_hotline_number_recognises_nobody(receive: Any) -> None:
    hotline = PartyFacts(role="reporter", phone="12345")
    first = receive(reporter=hotline).case
    assert receive(alert_no="A2", reporter=hotline).alert.case_id != first.pk


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("hours", "joined"), [(2.5, True), (23.9, True), (24.1, False)])
def test_the_same_parties_back_within_a_day_of_handling_are_the_same_dispute(
    receive: Any, clock: Any, hours: float, joined: bool
) -> None:
    """A quarrel settled at 20:10, a knife at 22:40: another class, the same case."""
    first = receive().alert
    services.record_outcome(first, outcome="settled", text="当场化解", confirmed_item="", at=clock.at)
    clock.advance(hours=hours)
    assert (receive(alert_no="A2", item_class="P05").alert.case_id == first.case_id) == joined


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("before", "after"),
    [("settled", "tracking"), ("closed", "tracking"), ("not_dispute", "scene"), ("tracking", "tracking")],
)
def test_a_new_alert_takes_an_ending_back(receive: Any, clock: Any, before: str, after: str) -> None:
    case = receive().case
    Case.objects.filter(pk=case.pk).update(status=before, settled_at=clock.at, settle_how="on_scene")
    case = receive(alert_no="A2").case
    case.refresh_from_db()
    assert case.status == after
    if before in ("settled", "closed"):
        assert (case.settled_at, case.settle_how) == (None, "")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("days", "repeated"), [(0, False), (1, True), (90, True), (91, False)])
def test_the_second_alert_in_ninety_days_is_a_repetition(
    receive: Any, clock: Any, days: int, repeated: bool
) -> None:
    receive()
    clock.advance(days=days)
    receive(alert_no="A2")
    kinds = list(CaseEvent.objects.values_list("kind", flat=True))
    assert ("alert.repeated" in kinds) == repeated


@pytest.mark.usefixtures("alone")
def test_counts_include_the_alert_in_hand(receive: Any, clock: Any) -> None:
    receive()
    clock.advance(days=40)
    receive(alert_no="A2")
    clock.advance(days=1)
    alert = receive(alert_no="A3").alert
    counts = selectors.repeats_of(alert)
    assert (counts.alerts_30d, counts.alerts_90d) == (2, 3)
    priors = selectors.priors_of(alert)
    assert [prior.same_event for prior in priors] == [False, False]
    assert priors[0].received_at > priors[1].received_at


@pytest.mark.usefixtures("alone")
def test_attach_and_detach_leave_every_alert_counted(receive: Any, cast: Any, clock: Any) -> None:
    first = receive().case
    alert = receive(alert_no="A2", address="别处1号").alert
    own = alert.case
    alert = services.attach(alert, to=first, actor=cast.dispatcher, at=clock.at)
    own.refresh_from_db()
    assert (alert.case_id, alert.attached_how, own.status) == (first.pk, "hand", "absorbed")
    assert Case.objects.get(pk=first.pk).alerts_count == 2
    with pytest.raises(Conflict):
        services.attach(alert, to=first, actor=cast.dispatcher, at=clock.at)
    alert = services.detach(alert, reason="不是同一起", actor=cast.dispatcher, at=clock.at)
    own.refresh_from_db()
    assert (alert.case_id, alert.attached_how, own.status) == (own.pk, "", "scene")
    assert Case.objects.get(pk=first.pk).alerts_count == 1


@pytest.mark.usefixtures("alone")
def test_an_automatically_attached_alert_gets_a_case_of_its_own_when_taken_out(
    receive: Any, cast: Any, clock: Any
) -> None:
    first = receive().case
    alert = receive(alert_no="A2").alert
    alert = services.detach(alert, reason="不是同一起", actor=cast.dispatcher, at=clock.at)
    assert alert.case_id != first.pk
    assert alert.case.parties.count() == 2


@pytest.mark.usefixtures("alone")
def test_the_first_alert_of_a_case_cannot_be_taken_out(receive: Any, cast: Any, clock: Any) -> None:
    with pytest.raises(Conflict):
        services.detach(receive().alert, reason="x", actor=cast.dispatcher, at=clock.at)


def test_the_case_an_alert_joins_takes_its_colour_over(receive: Any, cast: Any, clock: Any) -> None:
    first = receive().case
    red = receive(alert_no="A2", address="别处1号", narrative="邻居拿菜刀追砍，扬言要杀了他。").alert
    services.attach(red, to=first, actor=cast.dispatcher, at=clock.at)
    first.refresh_from_db()
    assert (first.colour, first.alerts_count) == ("red", 2)
    assert Alert.objects.get(pk=red.pk).dispatch_status == "dispatched"
