"""投诉民警警情 never enters the station complained of: the bureau keeps it until it names a unit."""

from __future__ import annotations

import uuid

import pytest

from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.time import beijing_date
from dispute_hub.outbox.models import OutboxRow
from intake import services as intake
from intake.models import Alert
from intake.selectors import alerts_visible_to
from reports.facts import FACTS
from routing import selectors, services
from tests.intake.conftest import Sender
from tests.reports.test_board import shown
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_third_push_deciding import told

ITEM = "P0804"
RUDE = "来电人投诉象珠派出所民警出警时态度粗暴、推搡群众，要求查处违纪民警。"


@pytest.fixture
def kept(call):
    """A calm complaint, by the word of its source."""
    return call(RUDE, stated_item=ITEM)


def notices_to(unit_id, *posts):
    rows = OutboxRow.objects.filter(topic="notice").values_list("payload", flat=True)
    return [row for row in rows if row.get("unit_id") == unit_id or row.get("post_id") in posts]


def station_of(cast):
    return (cast.officer, cast.community_officer, cast.station_command, cast.station_chief)


def is_out_of_sight(alert, cast, clock):
    """Nobody of the station finds the case, the alert or a word of it."""
    for actor in station_of(cast):
        assert not visible_to(actor, at=clock.at).filter(pk=alert.case_id).exists(), actor.role
        assert not alerts_visible_to(actor, at=clock.at).filter(pk=alert.pk).exists(), actor.role
        client = cast.client(actor)
        assert client.get(f"/alerts/{alert.alert_no}/").status_code == 404
        assert client.get(f"/cases/{alert.case.case_no}/").status_code == 404
    push = selectors.first_push_of(alert)
    assert cast.client(cast.officer).get(f"/pushes/{push.pk}/").status_code == 404
    assert notices_to(cast.units.station.pk, *(actor.post.pk for actor in station_of(cast))) == []
    assert not CaseGrant.objects.filter(case=alert.case).exists()
    return True


class TestKept:
    def test_by_the_word_of_its_source(self, kept, cast, clock):
        case = Case.objects.get(pk=kept.case_id)
        assert (case.status, case.station, case.area, case.holder_unit) == (
            "pool",
            None,
            None,
            cast.units.bureau,
        )
        assert (kept.station, kept.dispatch_status) == (None, "awaiting")
        push = selectors.first_push_of(kept)
        assert (push.addressee_unit, push.addressee_role, push.entry) == (
            cast.units.bureau,
            Role.BUREAU,
            "pool",
        )
        assert told("complaint") == [(None, cast.units.bureau.pk, Role.BUREAU)]
        assert CaseEvent.objects.filter(case=case, kind="complaint.kept").exists()
        assert is_out_of_sight(kept, cast, clock)

    def test_by_a_signed_message_which_is_answered_in_words(self, source, cast, clock):
        answer = Sender().send(narrative=RUDE, stated_item=ITEM)
        assert (answer.status_code, answer.json()["status"]) == (201, "pool")
        assert answer.json()["notice"] == "投诉民警警情，已转分局督察受理"
        assert is_out_of_sight(Alert.objects.get(), cast, clock)

    def test_by_the_desk_which_is_told_so(self, source, cast, clock):
        client = cast.client(cast.dispatcher)
        said = {
            "act": "next", "narrative": RUDE, "address": "象珠镇象珠一村12号", "station": "330784-XZ",
            "stated_item": ITEM, "reporter_phone": "13905790001",
        }  # fmt: skip
        answer = client.post(f"/desk/calls/{uuid.uuid4()}/", said, follow=True)
        assert "已转分局督察受理" in answer.content.decode()
        alert = Alert.objects.get()
        assert is_out_of_sight(alert, cast, clock)
        page = client.get(f"/alerts/{alert.alert_no}/").content.decode()
        assert "投诉民警警情，已转分局督察受理" in page

    def test_by_the_engine(self, call, cast, clock):
        alert = call("群众投诉民警违法违纪，称民警办案不公、收受礼品，要求督察处理。")
        assert alert.case.item_code == ITEM
        assert is_out_of_sight(alert, cast, clock)

    def test_police_in_passing_change_nothing(self, call, cast):
        alert = call("邻居因楼道堆放杂物发生口角，民警上次来过，双方情绪平稳，请民警再到场调解。")
        assert (alert.station, alert.case.status) == (cast.units.station, "scene")

    def test_a_red_one_is_dispatched_and_the_bureau_told(self, call, cast):
        alert = call(KNIFE, stated_item=ITEM)
        assert (alert.station, alert.case.status) == (cast.units.station, "scene")
        assert selectors.first_push_of(alert).addressee_role == Role.OFFICER
        assert told("complaint") == [(None, cast.units.bureau.pk, Role.BUREAU)]

    def test_the_board_of_the_station_does_not_count_it(self, kept, call, cast, clock):
        def counted():
            figures = shown(cast.station_chief, clock, day=beijing_date(clock.at)).figures
            return [code for code in FACTS if figures[code].now]

        assert counted() == []
        call(CALM, address="象珠镇后村3号", reporter=None, parties=())
        assert counted()


class TestLater:
    def test_a_later_version_does_not_put_the_station_back(self, kept, call, cast, clock):
        again = call(RUDE + "对方警号记不清。", alert_no=kept.alert_no, version=2, stated_item=ITEM)
        assert (again.pk, again.version) == (kept.pk, 2)
        assert Case.objects.get(pk=kept.case_id).status == "pool"
        assert is_out_of_sight(again, cast, clock)

    def test_a_version_with_danger_is_dispatched(self, kept, call, cast):
        again = call(KNIFE, alert_no=kept.alert_no, version=2, stated_item=ITEM)
        case = Case.objects.get(pk=kept.case_id)
        assert (case.status, case.station, again.station) == ("scene", cast.units.station, cast.units.station)
        push = selectors.first_push_of(again)
        assert (push.addressee_unit, push.addressee_role) == (cast.units.station, Role.OFFICER)

    def test_a_further_call_of_the_same_people_is_kept_with_it(self, kept, call, cast, clock):
        again = call(RUDE)
        assert again.case_id == kept.case_id
        assert is_out_of_sight(again, cast, clock)

    def test_neither_desk_nor_command_room_dispatches_it(self, kept, cast, clock):
        with pytest.raises(Conflict):
            intake.dispatch(kept, station=cast.units.station, actor=cast.duty_commander, at=clock.at)
        with pytest.raises(Conflict):
            services.dispatch_pool(
                kept.case, station=cast.units.station, actor=cast.duty_commander, at=clock.at
            )


class TestAssigned:
    def test_the_bureau_names_another_unit_on_its_page(self, kept, call, cast, clock):
        client, case_no = cast.client(cast.bureau), kept.case.case_no
        assert case_no in client.get("/approvals/aside/").content.decode()
        url = f"/approvals/complaints/{case_no}/"
        refused = client.post(url, {"to": cast.units.station.code})
        assert refused.status_code == 422 and "不得交被投诉单位办理" in refused.content.decode()
        assert client.post(url, {"to": cast.units.other_station.code}).status_code == 302
        case = Case.objects.get(pk=kept.case_id)
        assert (case.status, case.station) == ("scene", cast.units.other_station)
        push = selectors.first_push_of(kept)
        assert (push.addressee_unit, push.addressee_role) == (cast.units.other_station, Role.OFFICER)
        seen = alerts_visible_to(cast.other_station_command, at=clock.at)
        assert seen.filter(pk=kept.pk).exists()
        again = call(RUDE + "补充。", alert_no=kept.alert_no, version=2, stated_item=ITEM)
        assert again.station == cast.units.other_station
        assert not alerts_visible_to(cast.station_command, at=clock.at).filter(pk=kept.pk).exists()
        assert case_no not in client.get("/approvals/aside/").content.decode()

    def test_only_the_bureau_and_only_a_kept_one(self, kept, call, cast, clock):
        with pytest.raises(NoRight):
            services.assign_complaint(
                kept.case, to=cast.units.other_station, actor=cast.station_command, at=clock.at
            )
        calm = call(CALM, address="象珠镇后村3号", reporter=None, parties=())
        with pytest.raises(Conflict):
            services.assign_complaint(calm.case, to=cast.units.other_station, actor=cast.bureau, at=clock.at)
        with pytest.raises(Invalid):
            services.assign_complaint(kept.case, to=None, actor=cast.bureau, at=clock.at)
