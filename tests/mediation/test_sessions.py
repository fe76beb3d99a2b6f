"""Sessions: who is willing, who mediates, what is recorded, what an end does to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.cases.models import CaseEvent, CaseGrant
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from mediation import selectors, services
from mediation.models import MediationSession
from mediation.services import SessionRecord
from routing.models import CaseFile
from tests.mediation.conftest import close


def kinds(case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def test_the_mediator_sees_the_case_and_is_told(convened, cast, clock) -> None:
    session = convened()
    assert session.number.startswith("TJ20260304")
    assert session.case in visible_to(cast.mediator, at=clock.at)
    assert session.case not in visible_to(cast.other_mediator, at=clock.at)
    notice = OutboxRow.objects.get(topic="notice")
    assert notice.payload["post_id"] == cast.mediator.post.pk
    assert "王甲" not in str(notice.payload)
    assert kinds(session.case) == ["session.convened"]


def test_who_hosts_himself_tells_nobody(tracked, plan, cast, clock) -> None:
    session = services.convene_session(tracked(), plan(), actor=cast.community_officer, at=clock.at)
    assert session.host_post == cast.community_officer.post
    assert not OutboxRow.objects.filter(topic="notice").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"both_willing": False}, "both_willing"),
        ({"place": "  "}, "place"),
        ({"kind": "police"}, "kind"),
        ({"kind": "magic"}, "kind"),
        ({"origin": "magic"}, "origin"),
    ],
)
def test_what_a_plan_lacks_is_named(tracked, plan, cast, clock, changes: dict, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.convene_session(tracked(), plan(**changes), actor=cast.community_officer, at=clock.at)
    assert set(refusal.value.fields) == {field}
    assert not MediationSession.objects.exists()


@pytest.mark.parametrize(
    ("shift", "stands"),
    [
        (timedelta(hours=-9), True),  # 00:00 today
        (timedelta(hours=-9, seconds=-1), False),
        (timedelta(days=366, seconds=-1), True),
        (timedelta(days=366), False),
    ],
)
def test_when_a_session_may_be_planned(tracked, plan, cast, clock, shift, stands: bool) -> None:
    wanted = plan(planned_at=clock.at + shift)
    if stands:
        assert services.convene_session(tracked(), wanted, actor=cast.community_officer, at=clock.at).pk
        return
    with pytest.raises(Invalid) as refusal:
        services.convene_session(tracked(), wanted, actor=cast.community_officer, at=clock.at)
    assert "planned_at" in refusal.value.fields


@pytest.mark.parametrize("status", ["pool", "verifying", "settled", "closed", "void", "not_dispute"])
def test_where_nothing_is_mediated(tracked, plan, cast, clock, status: str) -> None:
    with pytest.raises(Conflict):
        services.convene_session(tracked(status=status), plan(), actor=cast.community_officer, at=clock.at)


def test_police_mediation_needs_a_file_and_is_tried_twice(tracked, plan, cast, clock) -> None:
    case = tracked()
    CaseFile.objects.create(case=case, opened_at=clock.at)
    officer, police = cast.community_officer, plan(kind="police")
    for _ in range(2):
        services.convene_session(case, police, actor=officer, at=clock.at)
    with pytest.raises(Invalid) as refusal:
        services.convene_session(case, police, actor=officer, at=clock.at)
    assert "两次" in refusal.value.fields["kind"][0]
    assert services.convene_session(case, plan(), actor=officer, at=clock.at).kind == "people"


def test_a_mediator_gives_cases_to_nobody_else(convened, plan, cast, clock, mediator) -> None:
    session = convened()
    other = mediator.__class__.objects.create(
        post=cast.other_mediator.post, organisation=cast.units.other_mediation_org
    )
    with pytest.raises(NoRight):
        services.convene_session(session.case, plan(mediator=other), actor=cast.mediator, at=clock.at)
    again = services.convene_session(session.case, plan(mediator=mediator), actor=cast.mediator, at=clock.at)
    assert again.host_post == cast.mediator.post


def test_an_idle_mediator_is_not_chosen(tracked, plan, cast, clock, mediator) -> None:
    mediator.is_active = False
    mediator.save()
    with pytest.raises(Invalid):
        services.convene_session(
            tracked(), plan(mediator=mediator), actor=cast.community_officer, at=clock.at
        )
    assert mediator not in selectors.mediators_for(tracked())


def test_mediators_of_the_station_come_first(tracked, cast, mediator) -> None:
    away = mediator.__class__.objects.create(
        post=cast.other_mediator.post, organisation=cast.units.other_mediation_org
    )
    mediator.delete()
    here = mediator.__class__.objects.create(
        post=cast.mediator.post, organisation=cast.units.mediation_org, stationed_at=cast.units.station
    )
    assert list(selectors.mediators_for(tracked())) == [here, away]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("agreed", ["session.held"]),
        ("failed", ["session.held", "mediation.failed"]),
        ("adjourned", ["session.held"]),
    ],
)
def test_the_record(held, clock, result: str, said: list[str]) -> None:
    session = held(result=result)
    assert (session.status, session.held_at, session.result) == ("held", clock.at, result)
    assert kinds(session.case) == ["session.convened", *said]


def test_a_record_stands_once(held, cast, clock) -> None:
    session = held()
    with pytest.raises(Conflict):
        services.record_session(session, SessionRecord("failed", "改写"), actor=cast.mediator, at=clock.at)


def test_a_record_needs_words_and_result(convened, cast, clock) -> None:
    with pytest.raises(Invalid) as refusal:
        services.record_session(convened(), SessionRecord("", " "), actor=cast.mediator, at=clock.at)
    assert set(refusal.value.fields) == {"result", "record"}


def test_a_settlement_cancels_what_was_planned_and_keeps_the_mediators_sight(
    convened, concluded, clock, cast
):
    first = convened()
    agreement = concluded(first.case)
    first.refresh_from_db()
    assert first.status == "cancelled"
    assert agreement.case in visible_to(cast.mediator, at=clock.at)
    assert "session.cancelled" in kinds(first.case)


def test_closing_ends_the_mediators_sight_when_nothing_is_left_to_watch(concluded, clock, cast) -> None:
    agreement = concluded(form="oral", promises=(), total_amount=None)
    close(agreement.case, clock.at)
    assert agreement.case not in visible_to(cast.mediator, at=clock.at + timedelta(seconds=1))


def test_closing_leaves_the_mediator_the_promises_he_watches(concluded, clock, cast) -> None:
    agreement = concluded(form="oral")
    close(agreement.case, clock.at)
    grant = CaseGrant.objects.get(case=agreement.case, post=cast.mediator.post)
    assert grant.ends_at.isoformat() == "2026-05-30T16:00:00+00:00"  # 30 days after the last instalment
    for item in agreement.items.all():
        services.record_performance(item, performed=True, proof="收条", actor=cast.mediator, at=clock.at)
    grant.refresh_from_db()
    assert grant.ends_at == clock.at


def test_who_follows_up_is_the_last_mediator(tracked, convened, cast) -> None:
    case = tracked()
    assert selectors.mediator_post(case) is None
    convened(case)
    assert selectors.mediator_post(case) == cast.mediator.post
