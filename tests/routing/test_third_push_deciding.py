"""Who decides a third push: another person, the duty leader, the bureau; 先推后批 by telephone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.time import parse_instant
from dispute_hub.outbox.models import OutboxRow
from routing import services
from routing.models import PhoneApproval, ThirdPushFiling, WorkOrder

NIGHT = "2026-03-04T23:30:00+08:00"
NOON = parse_instant("2026-03-05T12:00:00+08:00")


def kinds(order):
    return list(CaseEvent.objects.filter(case=order.case_id).order_by("id").values_list("kind", flat=True))


def told(kind):
    rows = OutboxRow.objects.filter(topic="notice").values_list("payload", flat=True)
    return [(row["post_id"], row["unit_id"], row["role"]) for row in rows if row["kind"] == kind]


def phoned(order, cast, clock, *, leader=None, agreed=True, answer="同意，先发出。", minutes=5, actor=None):
    said = services.PhoneAnswer(
        leader or cast.station_chief.post, clock.at - timedelta(minutes=minutes), agreed, answer
    )
    return services.record_phone_approval(order, said, actor=actor or cast.station_command, at=clock.at)


def sweep_at(clock, instant):
    clock.set(instant)
    deadlines.sweep(at=clock.at)


class TestRising:
    def test_an_unapproved_extra_urgent_rises_by_itself_after_two_hours(self, story, cast, clock):
        clock.set(NIGHT)
        order = story.proposed(grade="extra_urgent")
        sweep_at(clock, "2026-03-05T01:29:59+08:00")
        assert "order.risen" not in kinds(order)
        with pytest.raises(Conflict):
            services.approve_order(order, actor=cast.bureau, at=clock.at)
        sweep_at(clock, "2026-03-05T01:30:00+08:00")
        assert kinds(order).count("order.risen") == 1
        assert told("order.risen") == [(cast.bureau.post.pk, None, "")]
        held = Deadline.objects.get(subject_kind="workorder", subject_id=order.pk, kind="order.approve")
        assert (held.holder_unit, held.holder_role) == (cast.units.bureau, Role.BUREAU)
        order = services.approve_order(order, actor=cast.bureau, at=clock.at)
        assert (order.status, order.approved_by_duty) == ("sent", True)

    def test_it_rises_to_the_duty_leader_of_the_roster(self, story, cast, clock):
        clock.set(NIGHT)
        second = cast.add("bureau_duty", Role.BUREAU, cast.units.bureau)
        cast.roster(second, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=10))
        story.proposed(grade="extra_urgent")
        sweep_at(clock, "2026-03-05T01:30:00+08:00")
        assert told("order.risen") == [(second.post.pk, None, "")]

    @pytest.mark.parametrize(
        ("grade", "risen"), [("extra_urgent", True), ("urgent", False), ("normal", False)]
    )
    def test_only_the_extra_urgent_rises(self, story, clock, grade, risen):
        order = story.proposed(grade=grade)
        sweep_at(clock, "2026-03-09T09:00:00+08:00")
        deadlines.sweep(at=clock.at)
        assert kinds(order).count("order.risen") == risen

    @pytest.mark.parametrize("act", ["approve_order", "reject_order"])
    def test_nobody_else_at_the_bureau_decides_it(self, story, cast, clock, act):
        order = story.proposed(grade="extra_urgent")
        sweep_at(clock, clock.at + timedelta(hours=2))
        second = cast.add("bureau_duty", Role.BUREAU, cast.units.bureau)
        cast.roster(second, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=10))
        words = {"text": "否"} if act == "reject_order" else {}
        with pytest.raises(NoRight):
            getattr(services, act)(order, actor=cast.bureau, at=clock.at, **words)
        page = cast.client(cast.bureau).get(f"/orders/{order.no}/").content.decode()
        assert f"/orders/{order.no}/approve/" not in page
        getattr(services, act)(order, actor=second, at=clock.at, **words)

    def test_what_was_approved_in_time_never_rises(self, story, clock):
        order = story.sent(grade="extra_urgent")
        sweep_at(clock, clock.at + timedelta(hours=3))
        assert "order.risen" not in kinds(order)

    def test_without_a_second_leader_it_is_the_bureaus_at_once(self, story, cast, clock):
        case = story.tracked()
        order = services.propose_third_push(case, story.draft(), actor=cast.station_chief, at=clock.at)
        assert ThirdPushFiling.objects.get(order=order).risen_why == "no_leader"
        assert told("order.risen") == [(cast.bureau.post.pk, None, "")]
        with pytest.raises(NoRight):
            services.approve_order(order, actor=cast.station_chief, at=clock.at)
        assert services.approve_order(order, actor=cast.bureau, at=clock.at).approved_by_duty

    def test_the_duty_leader_is_asked_by_name(self, story, cast, clock):
        cast.roster(cast.officer, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=12))
        story.proposed()
        assert (cast.officer.post.pk, None, "") in told("order.proposed")

    def test_a_leader_of_another_station_decides_nothing(self, story, cast, clock):
        with pytest.raises(NoRight):
            services.approve_order(story.proposed(), actor=cast.other_station_chief, at=clock.at)


class TestByTelephone:
    def test_the_order_goes_at_once_and_the_written_word_is_due_at_noon(self, story, cast, clock):
        clock.set(NIGHT)
        order = phoned(story.proposed(grade="extra_urgent"), cast, clock)
        assert (order.status, order.approver_user) == ("sent", cast.station_chief.user)
        word = PhoneApproval.objects.get(order=order)
        assert (word.leader, word.recorder, word.answer, word.verdict) == (
            cast.station_chief.post, cast.station_command.post, "同意，先发出。", "pending",
        )  # fmt: skip
        due = Deadline.objects.get(kind="order.written", state="open")
        assert (due.due_at, due.holder_post) == (NOON, cast.station_chief.post)
        assert "order.phone_approved" in kinds(order)
        assert "order.approved" not in kinds(order)

    @pytest.mark.parametrize(("at", "due"), [
        ("2026-03-04T08:00:00+08:00", "2026-03-05T12:00:00+08:00"),
        ("2026-03-04T23:59:00+08:00", "2026-03-05T12:00:00+08:00"),
        ("2026-03-05T00:30:00+08:00", "2026-03-06T12:00:00+08:00"),
    ])  # fmt: skip
    def test_noon_of_the_next_day(self, story, cast, clock, at, due):
        clock.set(at)
        phoned(story.proposed(grade="extra_urgent"), cast, clock)
        assert Deadline.objects.get(kind="order.written").due_at == parse_instant(due)

    @pytest.mark.parametrize("grade", ["urgent", "normal"])
    def test_only_the_extra_urgent_goes_by_telephone(self, story, cast, clock, grade):
        with pytest.raises(Conflict, match="须书面审批"):
            phoned(story.proposed(grade=grade), cast, clock)

    @pytest.mark.parametrize(("wrong", "field"), [
        ({"leader": "station_command"}, "leader"), ({"leader": "officer"}, "leader"),
        ({"leader": "other_station_chief"}, "leader"), ({"answer": " "}, "answer"),
        ({"minutes": -1}, "asked_at"), ({"minutes": 60 * 13}, "asked_at"),
    ])  # fmt: skip
    def test_who_when_and_the_answer_are_recorded(self, story, cast, clock, wrong, field):
        order = story.proposed(grade="extra_urgent")
        if "leader" in wrong:
            wrong = {"leader": getattr(cast, wrong["leader"]).post}
        with pytest.raises(Invalid) as refusal:
            phoned(order, cast, clock, **wrong)
        assert list(refusal.value.fields) == [field]

    def test_the_recorder_is_never_the_leader(self, story, cast, clock):
        order = story.proposed(grade="extra_urgent")
        with pytest.raises(Invalid):
            phoned(order, cast, clock, actor=cast.station_chief)

    def test_the_bureaus_duty_leader_may_be_asked(self, story, cast, clock):
        order = phoned(story.proposed(grade="extra_urgent"), cast, clock, leader=cast.bureau.post)
        assert order.approved_by_duty

    def test_a_no_ends_the_proposal(self, story, cast, clock):
        order = phoned(story.proposed(grade="extra_urgent"), cast, clock, agreed=False, answer="先调解")
        assert (order.status, order.case.status) == ("rejected", "tracking")
        assert "电话请示未同意：先调解" in order.end_text
        assert not PhoneApproval.objects.exists()

    def test_the_database_refuses_the_proposer_too(self, story, cast, clock):
        order = phoned(story.proposed(grade="extra_urgent"), cast, clock)
        for columns in (
            {"leader_user": cast.station_command.user}, {"decider_user": cast.station_command.user},
        ):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                PhoneApproval.objects.filter(order=order).update(**columns)


class TestChangedSinceProposed:
    @pytest.fixture
    def order(self, story):
        return story.proposed(grade="extra_urgent")

    def amended(self, order):
        Case.objects.filter(pk=order.case_id).update(address="象珠镇象珠二村9号")

    def test_the_refused_page_shows_what_is_approved_next(self, order, cast):
        browser, path = cast.client(cast.station_chief), f"/orders/{order.no}/approve/"
        read = browser.get(f"/orders/{order.no}/").context["acts"]["approve"]["seen"].value()
        self.amended(order)
        answer = browser.post(path, {"seen": read})
        assert answer.status_code == 409
        assert "象珠二村9号" in answer.content.decode()
        now = answer.context["acts"]["approve"]["seen"].value()
        assert browser.post(path, {"seen": now}).status_code == 302
        order.refresh_from_db()
        assert order.status == "sent"

    def test_by_telephone_what_is_read_out_now_goes(self, order, cast, clock):
        self.amended(order)
        browser, path = cast.client(cast.station_command), f"/orders/{order.no}/phone/"
        page = browser.get(path)
        assert "象珠二村9号" in page.content.decode()
        told = {
            "leader": cast.station_chief.post.pk, "agreed": "yes",
            "asked_at": page.context["form"].initial["asked_at"].strftime("%Y-%m-%dT%H:%M"),
            "answer": "同意", "seen": page.context["form"]["seen"].value(),
        }  # fmt: skip
        assert browser.post(path, told).status_code == 302
        order.refresh_from_db()
        assert order.status == "sent"


class TestInWriting:
    @pytest.fixture
    def order(self, story, cast, clock):
        clock.set(NIGHT)
        return phoned(story.proposed(grade="extra_urgent"), cast, clock)

    def decide(self, order, cast, clock, *, agreed, actor=None, text="理由"):
        return services.decide_in_writing(
            order, agreed=agreed, actor=actor or cast.station_chief, at=clock.at, text=text
        )

    def test_confirmed_in_time_nobody_is_flagged(self, order, cast, clock):
        clock.set("2026-03-05T11:59:00+08:00")
        assert self.decide(order, cast, clock, agreed=True, text="").verdict == "confirmed"
        sweep_at(clock, NOON.isoformat())
        assert PhoneApproval.objects.get().flagged_at is None
        with pytest.raises(Conflict):
            self.decide(order, cast, clock, agreed=False)

    def test_at_noon_it_is_flagged_to_chief_and_bureau_once(self, order, cast, clock):
        sweep_at(clock, "2026-03-05T11:59:59+08:00")
        assert PhoneApproval.objects.get().flagged_at is None
        sweep_at(clock, NOON.isoformat())
        deadlines.sweep(at=clock.at + timedelta(minutes=1))
        assert PhoneApproval.objects.get().flagged_at == NOON
        assert kinds(order).count("order.unwritten") == 1
        assert told("order.unwritten") == [(None, cast.units.station.pk, Role.STATION_CHIEF)]
        assert (None, cast.units.bureau.pk, Role.BUREAU) in told("deadline.breached")
        assert self.decide(order, cast, clock, agreed=True).verdict == "confirmed"

    def test_a_refusal_recalls_what_nobody_accepted(self, order, cast, clock):
        self.decide(order, cast, clock, agreed=False, text="材料不实")
        order.refresh_from_db()
        case = Case.objects.get(pk=order.case_id)
        assert (order.status, case.status) == ("recalled", "tracking")
        assert "材料不实" in order.end_text
        assert (None, cast.units.centre.pk, Role.CENTRE) in told("order.recalled")
        assert not Deadline.objects.filter(kind="order.accept", state="open").exists()

    def test_a_refusal_after_acceptance_tells_both_sides(self, order, cast, clock):
        services.accept_order(order, actor=cast.centre, at=clock.at)
        self.decide(order, cast, clock, agreed=False)
        order.refresh_from_db()
        assert order.status == "accepted"
        assert set(told("order.written_refused")) == {
            (None, cast.units.centre.pk, Role.CENTRE),
            (None, cast.units.station.pk, Role.STATION_COMMAND),
            (cast.community_officer.post.pk, None, ""),
        }

    def test_the_bureau_writes_only_once_it_is_its_turn_and_by_its_duty_leader(self, order, cast, clock):
        with pytest.raises(Conflict):
            self.decide(order, cast, clock, agreed=True, actor=cast.bureau)
        sweep_at(clock, NOON.isoformat())
        second = cast.add("bureau_duty", Role.BUREAU, cast.units.bureau)
        cast.roster(second, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=10))
        with pytest.raises(NoRight):
            self.decide(order, cast, clock, agreed=True, actor=cast.bureau)
        assert self.decide(order, cast, clock, agreed=True, actor=second).verdict == "confirmed"

    def test_a_refusal_needs_its_reason(self, order, cast, clock):
        with pytest.raises(Invalid):
            self.decide(order, cast, clock, agreed=False, text=" ")

    def test_neither_proposer_nor_recorder_confirms(self, order, cast, clock):
        both = cast.add_post(cast.station_command, Role.STATION_CHIEF, cast.units.station)
        with pytest.raises(NoRight):
            self.decide(order, cast, clock, agreed=True, actor=both)

    def test_the_written_word_stays_due_when_the_order_comes_back(self, order, story, cast, clock):
        story.act("return", order)
        assert Deadline.objects.filter(kind="order.written", state="open").exists()


def test_every_leader_is_somebody_else(story, cast, clock):
    """Nobody on the list of leaders is the proposer or who records the call."""
    from routing.selectors._approvers import phone_leaders

    order = story.proposed(grade="extra_urgent")
    found = phone_leaders(WorkOrder.objects.get(pk=order.pk), at=clock.at, besides=[cast.officer.user.pk])
    assert [post.pk for post in found] == [cast.station_chief.post.pk, cast.bureau.post.pk]
    assert Post.objects.filter(role=Role.STATION_CHIEF, unit=cast.units.station).count() == 1
