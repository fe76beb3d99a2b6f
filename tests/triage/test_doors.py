"""Pages of triage: who opens what on whose case, what a refused form keeps, what the chief decides."""

from __future__ import annotations

import json
import re
import uuid

import pytest

from tests.triage.conftest import CALM, KNIFE
from triage import services
from triage.models import Regrade

PAGES = {
    "assessment": "/cases/{}/assessment/",
    "history": "/cases/{}/colour-history/",
    "colour": "/cases/{}/colour/",
    "level": "/cases/{}/level/",
}
STATION = ["community_officer", "station_command", "station_chief"]
ELSEWHERE = ["other_community_officer", "other_station_command", "other_station_chief"]
OUTSIDE = ["centre", "mediator", "grid_worker", "leader", "auditor", "dispatcher"]


def table() -> list[tuple[str, str | None, int]]:
    rows: list[tuple[str, str | None, int]] = [(page, None, 302) for page in PAGES]
    for page in ("assessment", "history", "colour"):
        rows += [(page, who, 200) for who in [*STATION, "bureau"]]
        rows += [(page, who, 404) for who in [*ELSEWHERE, "officer"]]
        rows += [(page, who, 403) for who in OUTSIDE]
    rows += [("level", who, 200) for who in ("community_officer", "station_command")]
    rows += [("level", who, 404) for who in ("other_community_officer", "other_station_command")]
    rows += [("level", who, 403) for who in ("officer", "station_chief", "bureau", *OUTSIDE)]
    return rows


@pytest.mark.parametrize(("page", "who", "status"), table())
def test_who_opens_what(call, cast, page: str, who: str | None, status: int) -> None:
    case = call(CALM).case
    browser = cast.client(getattr(cast, who) if who else None)
    assert browser.get(PAGES[page].format(case.case_no)).status_code == status


@pytest.mark.parametrize(
    ("url", "who", "status"),
    [
        ("/regrades/", None, 302),
        ("/regrades/", "station_chief", 200),
        ("/regrades/", "station_command", 403),
        ("/regrades/", "centre", 403),
        ("/rules/", None, 302),
        ("/rules/", "bureau", 200),
        ("/rules/", "security_admin", 200),
        ("/rules/", "station_chief", 403),
        ("/rules/", "dispatcher", 403),
    ],
)
def test_who_opens_lists(cast, clock, reference, url: str, who: str | None, status: int) -> None:
    assert cast.client(getattr(cast, who) if who else None).get(url).status_code == status


# Panels -----------------------------------------------------------------------------------------------------


def test_an_assessment_shows_its_words(call, cast) -> None:
    case = call(KNIFE + "联系电话13912345678。").case
    page = cast.client(cast.station_command).get(PAGES["assessment"].format(case.case_no)).content.decode()
    assert "<mark" in page
    assert "研判仅供参考，以现场判断为准；蓝色不等于没有危险" in page
    assert 'data-colour="red"' in page
    assert "13912345678" in page
    other = cast.client(cast.bureau).get(PAGES["assessment"].format(case.case_no)).content.decode()
    assert "13912345678" not in other


def test_narratives_are_escaped(call, cast) -> None:
    case = call("<script>alert(1)</script>对方持刀 hx-get=/x").case
    page = cast.client(cast.station_command).get(PAGES["assessment"].format(case.case_no)).content.decode()
    assert "<script>alert" not in page


def test_htmx_gets_a_panel_and_a_browser_a_page(call, cast) -> None:
    url = PAGES["colour"].format(call(CALM).case.case_no)
    browser = cast.client(cast.station_command)
    assert "<html" in browser.get(url).content.decode()
    assert "<html" not in browser.get(url, headers={"HX-Request": "true"}).content.decode()


def test_the_history_draws_its_steps(call, cast) -> None:
    call(CALM, alert_no="K1")
    case = call(KNIFE, alert_no="K1", version=2).case
    page = cast.client(cast.station_command).get(PAGES["history"].format(case.case_no)).content.decode()
    (option,) = re.findall(r'<script id="colour-history" type="application/json">(.*?)</script>', page, re.S)
    standing = json.loads(option)["series"][0]["data"]
    assert [one["value"][1] for one in standing] == [0, 3]
    assert standing[1]["name"].endswith("红 续报或更正")


@pytest.mark.parametrize(("page", "allowed"), [("assessment", 18), ("history", 12), ("colour", 10)])
def test_panels_cost_few_queries(call, cast, page: str, allowed: int, django_assert_max_num_queries) -> None:
    url = PAGES[page].format(call(KNIFE).case.case_no)
    browser = cast.client(cast.station_command)
    with django_assert_max_num_queries(allowed):
        browser.get(url, headers={"HX-Request": "true"})


# Forms ------------------------------------------------------------------------------------------------------


def send(cast, who: str, url: str, **fields):
    token = {"form_token": str(uuid.uuid4()), "reason_code": "other"}
    return cast.client(getattr(cast, who)).post(url, token | fields, headers={"HX-Request": "true"})


def test_a_raise_by_form(call, cast) -> None:
    case = call(CALM).case
    answer = send(cast, "station_command", PAGES["colour"].format(case.case_no), to="red", reason="有刀")
    case.refresh_from_db()
    assert (answer.status_code, case.colour) == (200, "red")
    assert "已生效" in answer.content.decode()


def test_a_lowering_by_form_waits(call, cast) -> None:
    case = call(KNIFE).case
    answer = send(cast, "community_officer", PAGES["level"].format(case.case_no), to="low", reason="和解")
    assert "须所领导审批" in answer.content.decode()
    assert Regrade.objects.get().status == "proposed"


def test_an_officer_may_raise_but_not_ask_to_lower(call, cast) -> None:
    case = call(KNIFE).case
    answer = send(cast, "station_chief", PAGES["colour"].format(case.case_no), to="blue", reason="x")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"to": "red", "reason": ""}, 422, "理由"),
        ({"to": "red", "reason": "已写的理由", "reason_code": ""}, 422, "理由类别"),
        ({"to": "red", "reason": "已写的理由", "reason_code": "misread"}, 422, "请选择一项升高的理由"),
        ({"to": "", "reason": "已写的理由"}, 422, "已写的理由"),
        ({"to": "blue", "reason": "已写的理由"}, 409, "已写的理由"),
        ({"to": "red", "reason": "已写的理由", "row_version": "99"}, 409, "已写的理由"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(call, cast, fields: dict, status: int, said: str) -> None:
    case = call(CALM).case
    answer = send(cast, "station_command", PAGES["colour"].format(case.case_no), **fields)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not Regrade.objects.exists()


# Approvals --------------------------------------------------------------------------------------------------


@pytest.fixture
def proposed(call, cast, clock) -> Regrade:
    return services.regrade(
        call(KNIFE).case, kind="colour", to="yellow", reason="刀系切菜所用", actor=cast.community_officer,
        at=clock.at,
    )  # fmt: skip


def test_the_chief_sees_difference_and_reason(proposed, cast) -> None:
    page = cast.client(cast.station_chief).get("/regrades/").content.decode()
    assert "红 → 黄" in page
    assert "刀系切菜所用" in page
    assert "责任民" in page
    assert "刀系切菜所用" not in cast.client(cast.other_station_chief).get("/regrades/").content.decode()


def test_an_empty_list_says_what_comes_here(cast, clock) -> None:
    assert "没有待审批的降级申请" in cast.client(cast.station_chief).get("/regrades/").content.decode()


@pytest.mark.parametrize(
    ("who", "verdict", "status"),
    [
        ("station_chief", "approve", 200),
        ("other_station_chief", "approve", 404),
        ("station_command", "approve", 403),
        ("community_officer", "approve", 403),
        ("station_chief", "reject", 422),
    ],
)
def test_who_decides(proposed, cast, who: str, verdict: str, status: int) -> None:
    answer = send(cast, who, f"/regrades/{proposed.pk}/{verdict}/", text="")
    proposed.refresh_from_db()
    assert answer.status_code == status
    assert proposed.status == ("approved" if status == 200 else "proposed")


def test_the_list_costs_the_same_for_many(proposed, call, cast, clock, django_assert_max_num_queries) -> None:
    for number in range(5):
        case = call(KNIFE, phone=f"1390000000{number}", address=f"象珠镇象珠二村{number}号").case
        services.regrade(case, kind="level", to="low", reason="x", actor=cast.station_command, at=clock.at)
    browser = cast.client(cast.station_chief)
    with django_assert_max_num_queries(8):
        assert browser.get("/regrades/", headers={"HX-Request": "true"}).content.count(b"<article") == 6


def test_the_rules_are_shown(cast, clock, reference) -> None:
    page = cast.client(cast.bureau).get("/rules/").content.decode()
    assert "扬言伤害特定人" in page
    assert "第1版" in page
