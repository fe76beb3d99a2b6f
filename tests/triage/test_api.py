"""The API of triage: who may call what on whose case, 200 at once, 202 to wait; a preview stores nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.triage.conftest import CALM, KNIFE
from triage.models import Assessment, Regrade

COLOUR, LEVEL = "/api/v1/cases/{}/colour/", "/api/v1/cases/{}/level/"
PREVIEW = "/api/v1/triage/preview/"


def post(cast: Any, who: str | None, url: str, body: dict) -> Any:
    return cast.api(getattr(cast, who) if who else None).post(url, body, format="json")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ("community_officer", 200),
        ("station_command", 200),
        ("station_chief", 200),
        ("bureau", 200),
        ("other_station_command", 404),
        ("other_community_officer", 404),
        ("officer", 404),
        ("centre", 403),
        ("mediator", 403),
        ("dispatcher", 403),
        ("leader", 403),
        ("auditor", 403),
    ],
)
def test_who_raises_whose_colour(call, cast, clock, who: str | None, status: int) -> None:
    case = call(CALM).case
    answer = post(cast, who, COLOUR.format(case.case_no), {"colour": "red", "reason": "有刀"})
    assert answer.status_code == status
    case.refresh_from_db()
    assert case.colour == ("red" if status == 200 else "blue")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ("community_officer", 202),
        ("station_command", 202),
        ("officer", 403),
        ("station_chief", 403),
        ("bureau", 403),
        ("other_station_command", 404),
        ("centre", 403),
    ],
)
def test_who_asks_to_lower_a_level(call, cast, clock, who: str | None, status: int) -> None:
    case = call(KNIFE).case
    answer = post(cast, who, LEVEL.format(case.case_no), {"level": "low", "reason": "双方和解"})
    assert answer.status_code == status
    case.refresh_from_db()
    assert case.level == "high"
    assert Regrade.objects.count() == (status == 202)


def test_lowering_answers_202_and_says_until_when(call, cast, clock) -> None:
    case = call(KNIFE).case
    url = COLOUR.format(case.case_no)
    answer = post(cast, "station_command", url, {"colour": "yellow", "reason": "刀系切菜所用"})
    assert answer.status_code == 202
    said = answer.json()
    assert (said["status"], said["colour"], said["from"], said["to"]) == ("proposed", "red", "red", "yellow")
    assert said["approve_due_at"]


def test_raising_answers_200(call, cast, clock) -> None:
    case = call(CALM).case
    answer = post(cast, "station_command", LEVEL.format(case.case_no), {"level": "high", "reason": "积怨"})
    assert (answer.status_code, answer.json()["level"]) == (200, "high")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"colour": "green", "reason": "x"}, 400, "colour"),
        ({"colour": "red"}, 400, "reason"),
        ({"colour": "red", "reason": ""}, 400, "reason"),
        ({"colour": "red", "reason": 5}, 400, "reason"),
        ({"colour": "red", "reason": "长" * 501}, 400, "reason"),
        ({"colour": ["red"], "reason": "x"}, 400, "colour"),
        ({"colour": "blue", "reason": "x"}, 409, None),
        ({"colour": "red", "reason": "x", "version": 99}, 409, None),
    ],
)
def test_what_is_refused(call, cast, clock, body: dict, status: int, field: str | None) -> None:
    case = call(CALM).case
    answer = post(cast, "station_command", COLOUR.format(case.case_no), body)
    assert answer.status_code == status
    if field:
        assert field in answer.json()["fields"]
    assert not Regrade.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ("dispatcher", 200),
        ("duty_commander", 200),
        ("officer", 200),
        ("bureau", 200),
        ("centre", 403),
        ("mediator", 403),
        ("auditor", 403),
    ],
)
def test_who_previews(cast, clock, who: str | None, status: int) -> None:
    assert post(cast, who, PREVIEW, {"narrative": KNIFE}).status_code == status


def test_a_preview_says_why_and_stores_nothing(cast, clock) -> None:
    body = {"narrative": KNIFE, "people_involved": 2, "amount": "300.00", "flags": ["涉刀"], "unknown": 1}
    said = post(cast, "dispatcher", PREVIEW, body).json()
    assert said["colour"] == "red"
    assert said["sentence"].startswith("红：")
    assert {"code", "name"} == set(said["item"])
    assert len(said["measures"]) == 3
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"narrative": 5},
        {"narrative": "a\u0000b"},
        {"narrative": "x", "people_involved": "三"},
        {"narrative": "x", "people_involved": -1},
        {"narrative": "x", "amount": True},
        {"narrative": "x", "received_at": "2026-03-04T09:00:00"},
        {"narrative": "x" * 10_001},
    ],
)
def test_what_a_preview_refuses(cast, clock, body: dict) -> None:
    assert post(cast, "dispatcher", PREVIEW, body).status_code == 400


def test_an_empty_narrative_is_previewed(cast, clock) -> None:
    assert post(cast, "dispatcher", PREVIEW, {"narrative": ""}).status_code == 200
