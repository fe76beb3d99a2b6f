"""The API of mediation: who may call what on whose case, and what a body must be."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.cases.models import Case
from mediation.models import Agreement, AgreementParty, Consultation, MediationSession
from tests.mediation.conftest import FACTS, seen_by_officer, sent_to_centre

SESSION = {"planned_at": "2026-03-05T14:30:00+08:00", "place": "调解室", "both_willing": True}
AGREEMENT = {
    "form": "written",
    "facts": FACTS,
    "terms": ["甲方支付乙方维修费三万元。"],
    "items": [
        {"what": "第一期", "amount": "10000.00", "due_on": "2026-03-31"},
        {"what": "第二期", "amount": 20000, "due_on": "2026-04-30"},
    ],
    "total_amount": "30000.00",
}
CONSULTATION = {
    "level": "day",
    "reason": "三日未化解",
    "decisions": [{"unit": "330784-RS", "task": "核查工资", "due_at": "2026-03-06T18:00:00+08:00"}],
}


def post(cast, who: str | None, case: Case, what: str, body: Any) -> Any:
    url = f"/api/v1/cases/{case.case_no}/{what}/"
    return cast.api(getattr(cast, who) if who else None).post(url, body, format="json")


@pytest.fixture
def case(tracked, cast, clock) -> Case:
    found = tracked()
    seen_by_officer(found, cast, clock)
    sent_to_centre(found, cast, clock)
    return found


@pytest.mark.parametrize(
    ("what", "body", "statuses"),
    [
        (
            "sessions",
            SESSION,
            {
                "other_community_officer": 404, "other_station_command": 404, "other_mediator": 404,
                "officer": 403, "station_chief": 403, "bureau": 403, "department": 403, "auditor": 403,
                "station_command": 403, "community_officer": 201, "centre": 201, None: 401,
            },
        ),
        (
            "agreements",
            AGREEMENT,
            {
                "other_community_officer": 404, "mediator": 404, "other_mediator": 404, "officer": 403,
                "centre": 403, "station_command": 403, "bureau": 403, "leader": 403, None: 401,
                "community_officer": 201,
            },
        ),
        (
            "consultations",
            CONSULTATION,
            {
                "other_station_chief": 404, "political_legal": 404, "officer": 403, "community_officer": 403,
                "centre": 403, "mediator": 403, "leader": 403, None: 401, "station_command": 201,
                "station_chief": 201, "bureau": 422,
            },
        ),
    ],
)  # fmt: skip
def test_who_calls_what(case, cast, what: str, body: dict, statuses: dict) -> None:
    found = {who: post(cast, who, case, what, body).status_code for who in statuses}
    assert found == statuses


def test_a_session_for_a_mediator(case, cast, mediator) -> None:
    said = post(cast, "station_command", case, "sessions", SESSION | {"mediator": mediator.pk}).json()
    assert (said["case_no"], said["mediator"], said["status"]) == (case.case_no, mediator.pk, "planned")
    assert MediationSession.objects.get().number == said["number"]


def test_an_agreement_with_performance_items(case, held, cast) -> None:
    session = held(case)
    body = AGREEMENT | {"session": session.number, "version": case.version}
    said = post(cast, "mediator", case, "agreements", body).json()
    assert said["case_status"] == "settled"
    assert [item["amount"] for item in said["items"]] == ["10000.00", "20000.00"]
    assert said["confirm_due_on"] == "2026-04-03"
    assert Agreement.objects.get().session == session
    named = AgreementParty.objects.order_by("id")
    assert [(one.name, one.phone) for one in named] == [("王甲", "13800000001"), ("李乙", "13800000002")]


def test_an_agreement_names_its_own_parties(case, cast) -> None:
    parties = [{"name": "王甲", "age": 45}, {"name": "永康某公司", "representative": "李乙"}]
    post(cast, "community_officer", case, "agreements", AGREEMENT | {"parties": parties})
    assert [one.representative for one in AgreementParty.objects.order_by("id")] == ["", "李乙"]


@pytest.mark.parametrize(
    ("what", "changes", "status", "field"),
    [
        ("sessions", {"planned_at": "2026-03-05T14:30:00"}, 400, "planned_at"),
        ("sessions", {"both_willing": "yes"}, 400, "both_willing"),
        ("sessions", {"both_willing": False}, 422, "both_willing"),
        ("sessions", {"mediator": 999}, 422, "mediator"),
        ("sessions", {"mediator": "1"}, 400, "mediator"),
        ("sessions", {"kind": "police"}, 422, "kind"),
        ("agreements", {"form": "sung"}, 400, "form"),
        ("agreements", {"terms": []}, 400, "terms"),
        ("agreements", {"terms": "一条"}, 400, "terms"),
        ("agreements", {"total_amount": "30000.01"}, 422, "promises"),
        ("agreements", {"total_amount": "３００００"}, 400, "total_amount"),
        ("agreements", {"items": [{"what": "x", "due_on": "2026-02-30"}]}, 400, "items"),
        ("agreements", {"facts": "长" * 4001}, 400, "facts"),
        ("agreements", {"facts": "a\u0000b"}, 400, None),
        ("agreements", {"session": "TJ1"}, 422, "session"),
        ("agreements", {"parties": [{"name": "独自一人"}]}, 422, "parties"),
        ("agreements", {"version": 99}, 409, None),
        ("consultations", {"level": "week"}, 422, "level"),
        ("consultations", {"held_on": "2026-03-03"}, 422, "held_on"),
        ("consultations", {"reason": ""}, 400, "reason"),
        (
            "consultations",
            {"decisions": [{"unit": "NO", "task": "x", "due_at": "2026-03-06T18:00:00+08:00"}]},
            422,
            "unit",
        ),
        (
            "consultations",
            {"decisions": [{"unit": "330784-RS", "task": "x", "due_at": "2026-03-04T09:00:00+08:00"}]},
            422,
            "due_at",
        ),
    ],
)
def test_what_is_refused(
    tracked, cast, clock, what: str, changes: dict, status: int, field: str | None
) -> None:
    body = {"sessions": SESSION, "agreements": AGREEMENT, "consultations": CONSULTATION}[what] | changes
    who = "station_chief" if what == "consultations" else "community_officer"
    answer = post(cast, who, tracked(), what, body)
    assert answer.status_code == status
    if field:
        assert any(name.startswith(field) for name in answer.json()["fields"])
    for model in (MediationSession, Agreement, Consultation):
        assert not model.objects.exists()


def test_an_agreement_on_a_settled_case_is_a_conflict(tracked, cast, clock) -> None:
    answer = post(cast, "community_officer", tracked(status="settled"), "agreements", AGREEMENT)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_consultation_with_its_decisions(tracked, cast, clock) -> None:
    said = post(cast, "station_chief", tracked(), "consultations", CONSULTATION).json()
    assert (said["level"], said["held_on"]) == ("day", "2026-03-04")
    assert [(one["unit"], one["task"]) for one in said["decisions"]] == [("330784-RS", "核查工资")]
