"""待办警情 in the browser's terms: who sees which card, what a tap does, what a refusal keeps."""

import re
from datetime import timedelta

import pytest

from routing import selectors, services
from routing.models import Push
from tests.routing.conftest import CALM, KNIFE

TOLD = {"outcome": "unsettled", "text": "原因：口角。\n经过：劝解。\n处置：分开。\n结果：未谈拢。"}


@pytest.fixture
def push(call):
    return selectors.first_push_of(call(CALM))


class TestCards:
    def test_gravest_first_with_sentence_and_measures(self, push, call, cast):
        call(KNIFE, address="象珠镇后村3号", reporter=None, parties=())
        html = cast.client(cast.officer).get("/pushes/").content.decode()
        colours = re.findall(r'<article class="hub-card field-card"\s+data-colour="(\w+)"', html)
        assert colours == ["red", "blue"]
        assert "签收" in html
        assert "138****0001" in html
        assert "13800000001" not in html

    def test_a_poll_that_finds_nothing_new_swaps_nothing(self, push, cast):
        client = cast.client(cast.officer)
        seen = re.search(r"seen=(\w+)", client.get("/pushes/").content.decode())[1]
        assert client.get(f"/pushes/_cards/?seen={seen}").status_code == 204
        client.post(f"/pushes/{push.pk}/sign/")
        assert client.get(f"/pushes/_cards/?seen={seen}").status_code == 200

    def test_return_fight_is_said_on_the_card(self, push, call, cast, clock):
        client = cast.client(cast.officer)
        client.post(f"/pushes/{push.pk}/sign/")
        client.post(f"/pushes/{push.pk}/feedback/", {**TOLD, "outcome": "settled"})
        clock.advance(hours=2, minutes=30)
        call(KNIFE)
        assert client.get("/pushes/").content.decode().count("09:00刚处置过，双方可能返回") == 1

    def test_the_three_last_calls_before_stand_on_the_card(self, push, call, cast, clock):
        for _ in range(4):
            clock.advance(minutes=10)
            last = call(CALM)
        assert last.case_id == push.case_id
        (card,) = selectors.cards_of(cast.officer, [selectors.first_push_of(last)])
        assert [line.at for line in card.earlier] == [clock.at - timedelta(minutes=10 * n) for n in (1, 2, 3)]
        (first,) = selectors.cards_of(cast.officer, [push])
        assert first.earlier == []

    def test_names_stand_open_to_who_reads_the_case_clear_and_never_once_it_is_closed(
        self, push, cast, clock
    ):
        path = f"/pushes/{push.pk}/"
        assert "报警甲" in cast.client(cast.officer).get(path).content.decode()
        bureau = cast.client(cast.bureau).get(path).content.decode()
        assert "报警甲" not in bureau and "对方乙" not in bureau
        services.sign_push(push, actor=cast.officer, at=clock.at)
        services.feed_back(push, outcome="settled", text="已化解。", actor=cast.officer, at=clock.at)
        push.case.refresh_from_db()
        assert not push.case.is_open
        for who in (cast.officer, cast.station_command):
            page = cast.client(who).get(path).content.decode()
            assert push.case.case_no in page
            assert "报警甲" not in page and "对方乙" not in page

    def test_an_empty_list_says_what_will_happen(self, cast, clock):
        assert "现在没有待办警情" in cast.client(cast.officer).get("/pushes/").content.decode()

    def test_queries_do_not_grow_with_the_cards(self, call, cast, django_assert_num_queries):
        client = cast.client(cast.officer)
        for number in range(3):
            call(CALM, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(8):
            client.get("/pushes/_cards/")
        for number in range(3, 9):
            call(KNIFE, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(8):
            client.get("/pushes/_cards/")


class TestWorking:
    def test_sign_arrive_report(self, push, cast):
        client = cast.client(cast.officer)
        assert client.post(f"/pushes/{push.pk}/sign/").status_code == 302
        assert client.post(f"/pushes/{push.pk}/arrive/").status_code == 302
        answer = client.post(f"/pushes/{push.pk}/feedback/", TOLD)
        assert answer["Location"] == "/pushes/"
        push.refresh_from_db()
        assert (push.status, push.case.status) == ("reported", "tracking")

    def test_a_refused_report_keeps_its_text(self, push, cast):
        client = cast.client(cast.officer)
        client.post(f"/pushes/{push.pk}/sign/")
        answer = client.post(f"/pushes/{push.pk}/feedback/", {"text": "双方在电梯口争执", "outcome": ""})
        assert answer.status_code == 422
        assert "双方在电梯口争执" in answer.content.decode()
        assert Push.objects.get(pk=push.pk).status == "signed"

    def test_the_empty_skeleton_is_no_report(self, push, cast):
        client = cast.client(cast.officer)
        client.post(f"/pushes/{push.pk}/sign/")
        told = {"outcome": "settled", "text": "原因：\n经过：\n处置：\n结果："}
        assert client.post(f"/pushes/{push.pk}/feedback/", told).status_code == 422

    def test_too_late_a_signature_is_told_who_took_it(self, push, cast):
        cast.client(cast.officer).post(f"/pushes/{push.pk}/sign/")
        late = cast.client(cast.second_officer).post(f"/pushes/{push.pk}/sign/")
        assert late.status_code == 409
        assert "处警一" in late.content.decode()

    def test_the_command_room_signs_for_a_crew(self, push, cast):
        told = {"on_behalf_of": "330001", "how": "radio"}
        client = cast.client(cast.station_command)
        assert client.post(f"/pushes/{push.pk}/sign/", told).status_code == 302
        push.refresh_from_db()
        assert push.signed_by == cast.officer.post

    def test_an_unknown_number_comes_back_at_its_field(self, push, cast):
        client = cast.client(cast.station_command)
        answer = client.post(f"/pushes/{push.pk}/sign/", {"on_behalf_of": "12", "how": "radio"})
        assert answer.status_code == 422
        assert "没有找到" in answer.content.decode() or "请核对警号" in answer.content.decode()

    def test_the_same_form_twice_has_one_effect(self, push, cast):
        client = cast.client(cast.officer)
        token = {"form_token": "8d6f0a8e-7a55-4b0e-9f0b-0e8a5a0c0001"}
        client.post(f"/pushes/{push.pk}/sign/", token)
        assert client.post(f"/pushes/{push.pk}/sign/", token).status_code == 302


# who -> GET /pushes/, GET detail, POST sign, POST arrive, POST feedback on an unsigned push of 象珠
WHO = {
    "officer": (200, 200, 302, 409, 409),
    "community_officer": (200, 200, 302, 409, 409),
    "station_command": (200, 200, 422, 409, 409),
    "station_chief": (200, 200, 422, 403, 403),
    "bureau": (200, 200, 403, 403, 403),
    "other_officer": (200, 404, 404, 404, 404),
    "other_station_command": (200, 404, 404, 404, 404),
    "centre": (403, 403, 403, 403, 403),
    "dispatcher": (403, 403, 403, 403, 403),
    None: (302, 302, 302, 302, 302),
}


@pytest.mark.parametrize("who", WHO)
def test_who_may_open_what(push, cast, who):
    client = cast.client(getattr(cast, who) if who else None)
    base = f"/pushes/{push.pk}/"
    found = (
        client.get("/pushes/").status_code,
        client.get(base).status_code,
        client.post(f"{base}sign/").status_code if who in (None, "centre", "dispatcher", "bureau") else None,
    )
    assert found[:2] == WHO[who][:2]
    arrive = client.post(f"{base}arrive/").status_code
    report = client.post(f"{base}feedback/", TOLD).status_code
    signed = client.post(f"{base}sign/").status_code
    assert (signed, arrive, report) == WHO[who][2:]
    if who is None:
        assert "/login/" in client.get(base)["Location"]


@pytest.mark.parametrize("how", ["carrier pigeon", "letter"])
def test_a_way_that_is_none_is_refused_at_its_field(push, cast, how):
    told = {"on_behalf_of": "330001", "how": "radio"}
    client = cast.client(cast.station_command)
    client.post(f"/pushes/{push.pk}/sign/", told)
    assert client.post(f"/pushes/{push.pk}/arrive/", {"how": how}).status_code == 422
    push.refresh_from_db()
    assert push.arrived_at is None


@pytest.fixture
def auxiliary(cast):
    """An 辅警 with an officer's post."""
    actor = cast.add("auxiliary", "officer", cast.units.station, police_number="330088")
    actor.user.is_auxiliary = True
    actor.user.save()
    return actor


def test_an_auxiliary_is_never_whom_a_push_names(call, cast, auxiliary):
    assert selectors.first_push_of(call(CALM, officers=("330088",))).addressee_posts == []
    both = call(CALM, officers=("330088", cast.officer.user.police_number), address="象珠镇后村3号")
    assert selectors.first_push_of(both).addressee_posts == [cast.officer.post.pk]


def test_an_auxiliary_is_offered_no_signature(push, cast, auxiliary):
    client = cast.client(auxiliary)
    for page in ("/pushes/", f"/pushes/{push.pk}/"):
        assert f"/pushes/{push.pk}/sign/" not in client.get(page).content.decode()
