"""Pages of mediation: who opens what on whose case, what a refused form keeps, what a page costs."""

from __future__ import annotations

import uuid

import pytest

from dispute_hub.audit.models import AccessLog
from mediation.models import Agreement, MediationSession
from tests.mediation.conftest import send, sent_to_centre

PAGES = {
    "session": "/mediation/{session}/",
    "record_docx": "/mediation/{session}/docx/",
    "record_print": "/mediation/{session}/print/",
    "convene": "/cases/{case}/sessions/new/",
    "new_agreement": "/cases/{tracked}/agreements/new/",
    "agreement": "/agreements/{agreement}/",
    "agreement_docx": "/agreements/{agreement}/docx/",
    "agreement_print": "/agreements/{agreement}/print/",
    "paper": "/papers/{paper}/",
    "consultation": "/consultations/{consultation}/",
    "decide": "/consultations/{consultation}/entries/{entry}/",
    "sessions": "/mediation/",
    "consultations": "/consultations/",
    "decisions": "/consultations/decisions/",
}
AREA = ["community_officer", "station_command", "station_chief"]
NEVER = ["dispatcher", "leader", "auditor", "system_admin"]
READERS = [*AREA, "officer", "mediator", "centre"]
PAPER = ["mediator", *AREA]


def rows(page: str, own: list[str], other: list[str], wrong: list[str]) -> list[tuple[str, str | None, int]]:
    others = [f"other_{who}" for who in other]
    return [
        (page, None, 302),
        *((page, who, 200) for who in own),
        *((page, who, 404) for who in others),
        *((page, who, 403) for who in [*wrong, *NEVER]),
    ]


def table() -> list[tuple[str, str | None, int]]:
    found = []
    for page in ("session", "agreement"):
        found += rows(page, READERS, ["officer", "mediator", "centre", *AREA], ["bureau", "grid_worker"])
    for page in ("record_docx", "record_print", "agreement_docx", "agreement_print", "paper"):
        found += rows(page, PAPER, PAPER, ["officer", "centre", "bureau"])
    found += rows(
        "convene", ["mediator", "community_officer", "station_command", "centre"],
        ["mediator", "community_officer", "station_command", "centre"],
        ["officer", "station_chief", "bureau"],
    )  # fmt: skip
    found += rows(
        "new_agreement", ["mediator", "community_officer"], ["mediator", "community_officer"],
        ["officer", "station_command", "station_chief", "centre", "bureau"],
    )  # fmt: skip
    found += rows("consultation", AREA, AREA, ["officer", "mediator", "centre"])
    found += [("consultation", who, 404) for who in ("bureau", "political_legal")]
    leads = ["station_command", "station_chief"]
    found += rows("decide", leads, leads, ["officer", "community_officer", "mediator", "centre"])
    found += rows("sessions", READERS, [], ["bureau", "grid_worker", "department"])
    found += rows(
        "consultations", [*AREA, "bureau", "political_legal"], [], ["officer", "mediator", "centre"]
    )
    found += rows("decisions", [*AREA, "officer", "department", "centre", "bureau"], [], ["mediator"])
    return found


@pytest.mark.parametrize("page", PAGES)
def test_who_opens_what(world, cast, page: str) -> None:
    url = PAGES[page].format(**world)
    expected = {who: status for name, who, status in table() if name == page}
    found = {who: cast.client(getattr(cast, who) if who else None).get(url).status_code for who in expected}
    assert found == expected


@pytest.mark.parametrize("name", ["session", "agreement", "paper", "consultation"])
def test_what_does_not_exist_answers_alike(world, cast, name: str) -> None:
    url = PAGES[name].format(**{**world, name: 999_999})
    assert cast.client(cast.station_chief).get(url).status_code == 404


@pytest.mark.parametrize("who", ["mediator", "station_chief", "department"])
def test_a_post_without_csrf_token_or_page_is_not_taken(world, cast, who: str) -> None:
    browser = cast.client(getattr(cast, who), enforce_csrf_checks=True)
    assert browser.post(PAGES["sessions"]).status_code in (403, 405)


# Sessions ---------------------------------------------------------------------------------------------------


PLAN = {"planned_at": "2026-03-05T14:30", "place": "调解室", "kind": "people", "origin": "police"}


def test_convening_by_form(tracked, mediator, cast, clock) -> None:
    url = f"/cases/{tracked().case_no}/sessions/new/"
    answer = send(cast, "station_command", url, **PLAN, both_willing="on", mediator=mediator.pk)
    session = MediationSession.objects.get()
    assert answer["Location"] == f"/mediation/{session.pk}/"
    assert session.planned_at.isoformat() == "2026-03-05T06:30:00+00:00"


def test_the_command_room_must_name_a_mediator(tracked, mediator, cast, clock) -> None:
    url = f"/cases/{tracked().case_no}/sessions/new/"
    answer = send(cast, "station_command", url, **PLAN, both_willing="on")
    assert answer.status_code == 422
    assert "请选择调解员" in answer.content.decode()


def test_a_refused_convening_keeps_what_was_typed(tracked, cast, clock) -> None:
    url = f"/cases/{tracked().case_no}/sessions/new/"
    answer = send(cast, "community_officer", url, **{**PLAN, "place": "村委会二楼"})
    assert answer.status_code == 422
    assert "村委会二楼" in answer.content.decode()
    assert "须双方自愿" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("mediator", 302), ("community_officer", 302), ("station_chief", 403), ("other_mediator", 404)],
)
def test_who_records(convened, cast, clock, who: str, status: int) -> None:
    session = convened()
    url = f"/mediation/{session.pk}/"
    answer = send(cast, who, url, record="09:05 双方表示同意", result="agreed", attendance="双方到场")
    session.refresh_from_db()
    assert answer.status_code == status
    assert session.status == ("held" if status == 302 else "planned")


@pytest.mark.parametrize("fields", [{"result": "agreed", "record": ""}, {"record": "写好的笔录\u0000"}])
def test_a_refused_record_is_told(convened, cast, clock, fields: dict) -> None:
    session = convened()
    assert send(cast, "mediator", f"/mediation/{session.pk}/", **fields).status_code == 422


def test_a_second_record_keeps_the_text(held, cast, clock) -> None:
    answer = send(cast, "mediator", f"/mediation/{held().pk}/", record="再写一遍", result="failed")
    assert answer.status_code == 409


def test_the_same_form_twice_has_one_effect(tracked, cast, clock) -> None:
    url, token = f"/cases/{tracked().case_no}/sessions/new/", str(uuid.uuid4())
    browser = cast.client(cast.community_officer)
    for _ in range(2):
        browser.post(url, {**PLAN, "both_willing": "on", "form_token": token})
    assert MediationSession.objects.count() == 1


def test_names_are_masked_for_the_centre_and_numbers_for_all(world, cast) -> None:
    clear = cast.client(cast.mediator).get(PAGES["session"].format(**world)).content.decode()
    masked = cast.client(cast.centre).get(PAGES["session"].format(**world)).content.decode()
    assert "王甲" in clear
    assert "13800000001" not in clear
    assert "王*" in masked
    assert "/reveal/" in clear
    assert "/reveal/" not in masked


@pytest.mark.parametrize(
    ("who", "purpose", "status"),
    [
        ("mediator", "follow_up", 200),
        ("community_officer", "follow_up", 200),
        ("mediator", "", 422),
        ("other_mediator", "follow_up", 404),
        ("centre", "follow_up", 403),
    ],
)
def test_who_reveals_a_number(convened, cast, clock, who: str, purpose: str, status: int) -> None:
    session = convened()
    sent_to_centre(session.case, cast, clock)
    party = session.case.parties.first()
    answer = send(cast, who, f"/mediation/{session.pk}/parties/{party.pk}/reveal/", purpose=purpose)
    assert answer.status_code == status
    assert ("13800000001" in answer.content.decode()) is (status == 200)
    assert AccessLog.objects.filter(kind="reveal").count() == (status == 200)


def test_the_list_is_a_calendar(convened, held, cast, clock) -> None:
    session = convened()
    held()
    browser = cast.client(cast.mediator)
    page = browser.get("/mediation/").content.decode()
    assert "今天 3月4日 周三" in page
    assert session.case.case_no in page
    assert "已过时间" not in page
    assert "达成协议" in browser.get("/mediation/?view=held").content.decode()
    clock.advance(days=1)
    assert "已过时间，请补记结果" in cast.client(cast.mediator).get("/mediation/").content.decode()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/mediation/", "约调解"),
        ("/mediation/?view=held", "填写笔录"),
        ("/mediation/?view=performance", "履行期限"),
    ],
)
def test_an_empty_list_says_what_to_do(cast, clock, url: str, words: str) -> None:
    assert words in cast.client(cast.mediator).get(url).content.decode()


@pytest.mark.parametrize("view", ["planned", "held", "performance"])
def test_the_list_costs_the_same_for_many(
    held, convened, concluded, cast, clock, view, django_assert_num_queries
):
    for _ in range(4):
        concluded()
        convened()
        held()
    browser = cast.client(cast.community_officer)
    with django_assert_num_queries(3):
        page = browser.get(f"/mediation/?view={view}").content
    assert page.count(b'<tr class="hub-row"') == {"planned": 4, "held": 8, "performance": 8}[view]


def test_an_agreement_of_a_closed_case_keeps_its_page(concluded, cast, clock) -> None:
    agreement: Agreement = concluded()
    page = cast.client(cast.station_chief).get(f"/agreements/{agreement.number}/").content.decode()
    assert "还有 2 项未履行" in page
    assert "登记已履行" not in page
