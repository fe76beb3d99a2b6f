"""增援, 续报, 代签 on pages: what a tap does, who opens what, what a phone may take along."""

import json

import pytest

from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case
from intake.models import Alert
from routing import selectors, services
from routing.models import OnBehalf, Push, Reinforcement
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_pushes import notices

TOLD = {"outcome": "absent", "text": "原因：口角。\n结果：已离开。"}
ASKED = {"officers_needed": "2", "needs": ["weapon"], "text": "对方持刀"}


@pytest.fixture
def push(call):
    return selectors.first_push_of(call(CALM))


@pytest.fixture
def signed(push, cast, clock):
    return services.sign_push(push, actor=cast.officer, at=clock.at)


@pytest.fixture
def asked(signed, cast, clock):
    return services.ask_reinforcement(signed, officers_needed=2, actor=cast.officer, at=clock.at)


@pytest.fixture
def record(push, cast, clock):
    services.sign_push(push, actor=cast.station_command, at=clock.at, on_behalf_of="330001", how="radio")
    return OnBehalf.objects.get()


class TestReinforcement:
    def test_two_taps_ask_and_the_command_room_sends(self, signed, cast):
        officer, command = cast.client(cast.officer), cast.client(cast.station_command)
        assert officer.post(f"/pushes/{signed.pk}/reinforce/", ASKED).status_code == 302
        row = Reinforcement.objects.get()
        page = command.get("/reinforcements/").content.decode()
        assert "对方持械" in page
        assert "处警二" in page
        answer = command.post(f"/reinforcements/{row.pk}/answer/", {"chosen": ["330002"], "numbers": ""})
        assert answer.status_code == 302
        shown = officer.get(f"/pushes/{signed.pk}/").content.decode()
        assert "处警二" in shown
        assert "已派增援" in shown
        assert (
            "请增援处警一"
            in cast.client(cast.second_officer)
            .get(f"/pushes/{Push.objects.get(reinforces=signed).pk}/")
            .content.decode()
        )

    def test_a_refused_request_keeps_its_words(self, signed, cast):
        told = {**ASKED, "officers_needed": "0"}
        answer = cast.client(cast.officer).post(f"/pushes/{signed.pk}/reinforce/", told)
        assert answer.status_code == 422
        assert "对方持刀" in answer.content.decode()

    def test_a_refused_answer_comes_back_at_its_field(self, asked, cast):
        client = cast.client(cast.duty_commander)
        answer = client.post(f"/reinforcements/{asked.pk}/answer/", {"numbers": "999"})
        assert answer.status_code == 422
        assert "999" in answer.content.decode()

    def test_withdrawn_by_a_tap(self, asked, cast):
        client = cast.client(cast.officer)
        assert client.post(f"/pushes/{asked.push_id}/withdraw/").status_code == 302
        assert "已撤回" in client.get(f"/pushes/{asked.push_id}/").content.decode()

    @pytest.mark.parametrize(
        ("who", "page", "answer"),
        [
            ("station_command", 200, 302), ("station_chief", 200, 302), ("dispatcher", 200, 302),
            ("duty_commander", 200, 302), ("officer", 403, 403), ("other_station_command", 200, 404),
            ("bureau", 403, 403),
        ],
    )  # fmt: skip
    def test_who_answers(self, asked, cast, who, page, answer):
        client = cast.client(getattr(cast, who))
        assert client.get("/reinforcements/").status_code == page
        told = {"numbers": "330002", "text": ""}
        assert client.post(f"/reinforcements/{asked.pk}/answer/", told).status_code == answer

    def test_queries_do_not_grow_with_the_requests(self, asked, cast, clock, call, django_assert_num_queries):
        client = cast.client(cast.duty_commander)
        client.get("/reinforcements/")
        with django_assert_num_queries(6):
            client.get("/reinforcements/")
        for number in range(3):
            more = call(KNIFE, address=f"后村{number}号", reporter=None, parties=())
            push = services.sign_push(selectors.first_push_of(more), actor=cast.officer, at=clock.at)
            services.ask_reinforcement(push, officers_needed=1, actor=cast.officer, at=clock.at)
        with django_assert_num_queries(6):
            assert client.get("/reinforcements/").content.decode().count("处警二") == 4

    def test_an_open_request_is_shown_however_many_were_answered_since(
        self, asked, cast, clock, call, monkeypatch
    ):
        monkeypatch.setattr("routing.selectors._reinforcements.MOST_SHOWN", 2)
        for number in range(2):
            clock.advance(minutes=1)
            more = call(CALM, address=f"后村{number}号", reporter=None, parties=())
            push = services.sign_push(selectors.first_push_of(more), actor=cast.officer, at=clock.at)
            row = services.ask_reinforcement(push, officers_needed=1, actor=cast.officer, at=clock.at)
            services.answer_reinforcement(
                row, numbers=[], text="120已出车", actor=cast.duty_commander, at=clock.at
            )
        shown = selectors.reinforcements_for(cast.duty_commander, at=clock.at)
        assert [one.pk for one in shown] == [asked.pk, row.pk]

    def test_who_is_sent_a_second_time_is_led_to_his_new_push(self, asked, cast, clock):
        def send(row):
            services.answer_reinforcement(row, numbers=["330002"], actor=cast.station_command, at=clock.at)

        send(asked)
        services.withdraw_reinforcement(asked.push, actor=cast.officer, at=clock.at)
        first = Push.objects.get(reinforces=asked.push)
        Push.objects.filter(pk=first.pk).update(colour=first.colour)  # the old row lies last in the table
        again = services.ask_reinforcement(asked.push, officers_needed=1, actor=cast.officer, at=clock.at)
        send(again)
        newest = Push.objects.filter(reinforces=asked.push).latest("id")
        links = [row["link"] for row in notices(kind="push.issued", urgency="alarm")]
        assert links == [f"/pushes/{first.pk}/", f"/pushes/{newest.pk}/"]


class TestCrewText:
    def test_the_crew_tells_more(self, signed, cast):
        client = cast.client(cast.officer)
        answer = client.post(f"/pushes/{signed.pk}/text/", {"text": "对方拿出菜刀扬言砍人。"})
        assert answer.status_code == 302
        signed.case.refresh_from_db()
        assert signed.case.colour == "red"

    def test_an_empty_one_is_refused_at_its_field(self, signed, cast):
        assert cast.client(cast.officer).post(f"/pushes/{signed.pk}/text/", {"text": " "}).status_code == 422


class TestOnBehalf:
    def test_the_officer_finds_and_confirms_it(self, record, cast):
        client = cast.client(cast.officer)
        assert "待确认代签 1" in client.get("/pushes/").content.decode()
        assert "根据电台记录" in client.get("/pushes/on-behalf/").content.decode()
        assert client.post(f"/pushes/on-behalf/{record.pk}/").status_code == 302
        record.refresh_from_db()
        assert record.confirmed_at is not None
        assert "没有待确认的代签" in client.get("/pushes/on-behalf/").content.decode()

    def test_an_objection_needs_words_and_reaches_the_chief(self, record, cast):
        client = cast.client(cast.officer)
        assert client.post(f"/pushes/on-behalf/{record.pk}/", {"objection": ""}).status_code == 422
        client.post(f"/pushes/on-behalf/{record.pk}/", {"objection": "当时我在另一现场"})
        record.refresh_from_db()
        assert record.objection == "当时我在另一现场"

    def test_it_is_nobody_elses_to_confirm(self, record, cast):
        client = cast.client(cast.second_officer)
        assert client.post(f"/pushes/on-behalf/{record.pk}/").status_code == 404

    def test_unconfirmed_at_the_end_of_the_shift_the_command_room_hears(self, record, cast, clock):
        clock.set("2026-03-05T08:31:00+08:00")
        deadlines.sweep(at=clock.at)
        row = deadlines.Deadline.objects.get(subject_kind="onbehalf")
        assert row.fired_at == clock.at

    def test_another_station_does_not_get_his_confirmation_to_give(self, record, cast, clock):
        case = Case.objects.get(pk=record.push.case_id)
        dispute = services.raise_jurisdiction(
            case, proposed=cast.units.other_station, text="事发地在古山", actor=cast.station_command,
            at=clock.at,
        )  # fmt: skip
        services.decide_jurisdiction(
            dispute, to=cast.units.other_station, text="以事发地为准", actor=cast.bureau, at=clock.at
        )
        waiting = deadlines.Deadline.objects.get(subject_kind="onbehalf")
        assert waiting.holder_post == cast.officer.post

    def test_its_clock_follows_the_alert_into_another_case(self, record, call, cast, clock):
        other = call(KNIFE, address="后村3号", reporter=None, parties=()).case
        Alert.objects.filter(pk=record.push.alert_id).update(case=other)
        services.arrive(record.push, actor=cast.officer, at=clock.at)
        assert deadlines.Deadline.objects.get(subject_kind="onbehalf").case_id == other.pk

    def test_who_records_for_his_own_other_post_confirms_nothing(self, push, cast, clock):
        both = cast.add_post(cast.officer, "station_command", cast.units.station)
        signed = services.sign_push(push, actor=both, at=clock.at, on_behalf_of="330001", how="radio")
        assert (signed.signed_by, OnBehalf.objects.exists()) == (cast.officer.post, False)

    def test_what_the_command_room_records_for_a_crew_waits_as_well(self, signed, cast):
        command = cast.client(cast.station_command)
        command.post(f"/pushes/{signed.pk}/arrive/", {"how": "phone"})
        command.post(f"/pushes/{signed.pk}/feedback/", {**TOLD, "how": "radio"})
        assert list(OnBehalf.objects.order_by("id").values_list("act", "how")) == [
            ("arrive", "phone"), ("feed_back", "radio"),
        ]  # fmt: skip


class TestWhatAPhoneTakesAlong:
    def test_own_open_cards_with_all_their_steps_sealed_by_the_posts_key(self, push, call, cast):
        other = selectors.first_push_of(
            call(KNIFE, address="后村3号", reporter=None, parties=(), officers=("330002",))
        )
        told = cast.client(cast.officer).get("/pushes/_field/").json()
        assert [card["push"] for card in told["cards"]] == [push.pk]
        assert "13800000001" not in told["cards"][0]["html"]
        assert 'data-hub-after="sign"' in told["cards"][0]["html"]
        again = cast.client(cast.officer).get("/pushes/_field/").json()
        theirs = cast.client(cast.second_officer).get("/pushes/_field/").json()
        assert (again["key"], again["owner"]) == (told["key"], told["owner"])
        assert theirs["key"] != told["key"]
        assert other.pk in [card["push"] for card in theirs["cards"]]

    def test_reported_ones_are_no_longer_taken(self, signed, cast):
        client = cast.client(cast.officer)
        client.post(f"/pushes/{signed.pk}/feedback/", TOLD)
        assert client.get("/pushes/_field/").json()["cards"] == []

    def test_nothing_of_a_stations_lists(self, push, cast):
        assert cast.client(cast.station_command).get("/pushes/_field/").json()["cards"] == []

    def test_queries_do_not_grow_with_the_cards(self, call, cast, django_assert_num_queries):
        client = cast.client(cast.officer)
        for number in range(2):
            call(CALM, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(9):
            client.get("/pushes/_field/")
        for number in range(2, 6):
            call(KNIFE, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(9):
            client.get("/pushes/_field/")

    def test_the_frame_without_network_holds_nobodys_data(self, push, cast):
        page = cast.client(cast.officer).get("/pushes/offline/").content.decode()
        assert push.case.case_no not in page
        assert cast.officer.user.full_name not in page

    def test_the_worker_knows_its_files(self, cast, clock):
        answer = cast.client(cast.officer).get("/pushes/worker.js")
        assert answer["Content-Type"].startswith("text/javascript")
        assert "/static/hub/field.js" in answer.content.decode()
        assert "@version" not in answer.content.decode()

    def test_the_log_out_clears_the_phone(self, cast, clock):
        assert cast.client(cast.officer).post("/logout/")["Clear-Site-Data"] == '"storage"'

    def test_an_act_is_refused_under_the_session_of_another_post(self, push, cast):
        owner = cast.client(cast.officer).get("/pushes/_field/?cards=0").json()["owner"]
        for other in (cast.second_officer, cast.station_command, cast.leader):
            answer = cast.client(other).post(f"/pushes/{push.pk}/sign/", headers={"X-Hub-Owner": owner})
            assert answer.status_code == 409
        push.refresh_from_db()
        assert push.status == "issued"
        own = cast.client(cast.officer).post(f"/pushes/{push.pk}/sign/", headers={"X-Hub-Owner": owner})
        assert own.status_code == 302

    def test_json_is_no_page_for_strangers(self, cast, clock):
        assert cast.client(None).get("/pushes/_field/").status_code == 286
        assert json.loads(cast.client(cast.officer).get("/pushes/_field/?cards=0").content).keys() == {
            "owner", "key", "csrf",
        }  # fmt: skip
