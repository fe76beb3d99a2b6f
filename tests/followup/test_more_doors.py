"""Closings for the chief, supervision pages, and the API: who × page × API."""

from __future__ import annotations

import pytest

from dispute_hub.cases.models import Case
from followup import services
from followup.models import FollowUp, Supervision
from tests.followup.conftest import both, visits
from tests.followup.test_doors import OUTSIDE, send, supervision, text_of, who

__all__ = ["supervision"]
GOOD = {"mode": "call", "result_kept": True, "agreement_performed": None, "knot": False, "new_dispute": False}


@pytest.fixture
def to_close(settled, cast, clock) -> Case:
    """An orange case whose three visits found all well."""
    case = settled("orange")
    for follow_up in visits(case):
        services.record_result(
            follow_up, answers=both(), text="相安无事", actor=cast.community_officer, at=clock.at
        )
    return Case.objects.get(pk=case.pk)


# Closings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 302), ("station_chief", 200), ("station_command", 403), ("community_officer", 403),
     *((one, 403) for one in OUTSIDE)],
)  # fmt: skip
def test_who_opens_the_closings(to_close, cast, name: str | None, status: int) -> None:
    assert who(cast, name).get("/closings/").status_code == status


def test_the_chief_sees_what_the_visits_found(to_close, cast, django_assert_max_num_queries) -> None:
    browser = who(cast, "station_chief")
    with django_assert_max_num_queries(9):
        page = text_of(browser.get("/closings/"))
    assert to_close.case_no in page
    assert page.count("相安无事") == 3
    other = text_of(who(cast, "other_station_chief").get("/closings/"))
    assert to_close.case_no not in other
    assert "没有待审批的办结" in other


@pytest.mark.parametrize(
    ("name", "verdict", "reason", "status", "became"),
    [
        ("station_chief", "approve", "", 302, "closed"),
        ("station_chief", "return", "再问债务", 302, "asked again"),
        ("station_chief", "return", "", 422, "waits"),
        ("other_station_chief", "approve", "", 404, "waits"),
        ("station_command", "approve", "", 403, "waits"),
        (None, "approve", "", 302, "waits"),
    ],
)
def test_who_decides_a_closing(
    to_close, cast, name: str | None, verdict: str, reason: str, status: int, became: str
) -> None:
    answer = send(cast, name, f"/closings/{to_close.case_no}/{verdict}/", reason=reason)
    case = Case.objects.get(pk=to_close.pk)
    waits = "waits" if case.close_proposed_at else "asked again"
    assert (answer.status_code, "closed" if case.status == "closed" else waits) == (status, became)


# Supervision ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["list", "one"])
@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 302), ("bureau", 200), ("station_chief", 200), ("community_officer", 403), ("mediator", 403),
     ("officer", 403), ("auditor", 403), ("station_command", 404), ("centre", 404),
     ("other_station_command", 404), ("other_station_chief", 404)],
)  # fmt: skip
def test_who_opens_a_proposal(supervision, cast, page: str, name: str | None, status: int) -> None:
    url = "/supervisions/" if page == "list" else f"/supervisions/{supervision.pk}/"
    expected = 200 if page == "list" and status == 404 else status
    answer = who(cast, name).get(url)
    assert answer.status_code == expected
    if page == "list" and expected == 200:
        assert (supervision.case.case_no in text_of(answer)) == (status == 200)


@pytest.mark.parametrize(
    ("name", "status", "state"),
    [("bureau", 302, "issued"), ("station_chief", 403, "proposed"), ("station_command", 403, "proposed"),
     ("other_station_chief", 404, "proposed"), ("centre", 403, "proposed"), (None, 302, "proposed")],
)  # fmt: skip
@pytest.mark.parametrize(("act", "fields"), [("issue", {"demand": "补访"}), ("drop", {"text": "已补访"})])
def test_who_signs(supervision, cast, act, fields, name, status, state) -> None:
    answer = send(cast, name, f"/supervisions/{supervision.pk}/{act}/", **fields)
    row = Supervision.objects.get(pk=supervision.pk)
    assert answer.status_code == status
    assert row.status == ("dropped" if (state, act) == ("issued", "drop") else state)


@pytest.mark.parametrize(
    ("name", "status"),
    [("station_command", 302), ("station_chief", 302), ("other_station_command", 404), ("centre", 404),
     ("bureau", 403), ("community_officer", 403), (None, 302)],
)  # fmt: skip
def test_who_answers(supervision, cast, clock, name: str | None, status: int) -> None:
    services.issue_supervision(supervision, demand="补访", actor=cast.bureau, at=clock.at)
    answer = send(cast, name, f"/supervisions/{supervision.pk}/answer/", text="已补访")
    assert answer.status_code == status
    became = Supervision.objects.get(pk=supervision.pk).status
    assert became == ("answered" if status == 302 and name else "issued")


@pytest.mark.parametrize(
    ("name", "verdict", "status", "became"),
    [("bureau", "accept", 302, "closed"), ("bureau", "return", 302, "issued"),
     ("station_command", "accept", 403, "answered"), ("station_chief", "accept", 403, "answered"),
     ("other_station_chief", "accept", 404, "answered")],
)  # fmt: skip
def test_who_checks(supervision, cast, clock, name: str, verdict: str, status: int, became: str) -> None:
    services.issue_supervision(supervision, demand="补访", actor=cast.bureau, at=clock.at)
    services.answer_supervision(supervision, text="已补访", actor=cast.station_command, at=clock.at)
    answer = send(cast, name, f"/supervisions/{supervision.pk}/check/{verdict}/", text="无录音")
    assert (answer.status_code, Supervision.objects.get(pk=supervision.pk).status) == (status, became)


def test_a_refused_demand_is_asked_for_again(supervision, cast) -> None:
    answer = send(cast, "bureau", f"/supervisions/{supervision.pk}/issue/", demand=" ")
    assert answer.status_code == 422
    assert "请填写督办要求" in text_of(answer)


def test_supervisions_cost_the_same_for_many(settled, cast, clock, django_assert_max_num_queries) -> None:
    for _ in range(6):
        settled("yellow")
    from dispute_hub.cases import deadlines

    clock.advance(days=17)
    deadlines.sweep(at=clock.at)
    browser = who(cast, "bureau")
    with django_assert_max_num_queries(6):
        assert text_of(browser.get("/supervisions/")).count('<tr class="hub-row"') == 6


# API --------------------------------------------------------------------------------------------------------


def call(cast, name: str | None, url: str, body: dict):
    return cast.api(getattr(cast, name) if name else None).post(f"/api/v1{url}", body, format="json")


@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 401), ("community_officer", 200), ("station_command", 200), ("other_community_officer", 404),
     ("mediator", 404), ("officer", 403), ("station_chief", 403), ("centre", 403)],
)  # fmt: skip
def test_who_sends_a_result(settled, cast, name: str | None, status: int) -> None:
    follow_up = visits(settled("orange"))[0]
    answer = call(cast, name, f"/follow-ups/{follow_up.pk}/result/", GOOD)
    assert answer.status_code == status
    assert FollowUp.objects.get(pk=follow_up.pk).status == ("done" if status == 200 else "planned")


def test_a_result_without_side_counts_for_both(settled, cast) -> None:
    case = settled("yellow")
    answer = call(cast, "station_command", f"/follow-ups/{visits(case)[0].pk}/result/", GOOD)
    assert answer.json() == {
        "id": visits(case)[0].pk, "status": "done", "case_no": case.case_no, "case_status": "closed",
        "colour": "yellow", "is_bad": False, "sides_left": [], "close_proposed": False,
    }  # fmt: skip


def test_a_result_with_side_waits_for_the_other(settled, cast) -> None:
    case = settled("yellow")
    url = f"/follow-ups/{visits(case)[0].pk}/result/"
    first = call(cast, "station_command", url, GOOD | {"side": "reporter"}).json()
    assert (first["status"], first["sides_left"]) == ("planned", ["other"])
    assert call(cast, "station_command", url, GOOD | {"side": "other"}).json()["status"] == "done"


def test_a_relapse_by_the_api_reopens(settled, cast) -> None:
    url = f"/follow-ups/{visits(settled('orange'))[0].pk}/result/"
    answer = call(cast, "community_officer", url, GOOD | {"result_kept": False, "text": "又吵了"}).json()
    assert (answer["case_status"], answer["is_bad"]) == ("tracking", True)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [({"mode": "fax"}, 400, "mode"), ({"result_kept": "yes"}, 400, "result_kept"),
     ({"knot": None}, 422, "result_kept"), ({"side": "neighbour"}, 400, "side"),
     ({"text": "好" * 2001}, 400, "text")],
)  # fmt: skip
def test_a_bad_result_names_its_field(settled, cast, change: dict, status: int, field: str) -> None:
    url = f"/follow-ups/{visits(settled('yellow'))[0].pk}/result/"
    answer = call(cast, "station_command", url, GOOD | change)
    assert answer.status_code == status
    assert field in answer.json()["fields"]


def test_a_second_result_is_a_conflict(settled, cast) -> None:
    url = f"/follow-ups/{visits(settled('orange'))[0].pk}/result/"
    call(cast, "station_command", url, GOOD)
    assert call(cast, "station_command", url, GOOD).status_code == 409


@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 401), ("station_chief", 200), ("other_station_chief", 404), ("station_command", 403),
     ("community_officer", 403), ("bureau", 403)],
)  # fmt: skip
def test_who_closes_by_the_api(to_close, cast, name: str | None, status: int) -> None:
    assert call(cast, name, f"/cases/{to_close.case_no}/close/", {}).status_code == status
    closed = Case.objects.get(pk=to_close.pk).status == "closed"
    assert closed == (status == 200)


@pytest.mark.parametrize(("body", "status"), [({"version": 99}, 409), ({"version": "1"}, 400)])
def test_a_stale_closing(to_close, cast, body: dict, status: int) -> None:
    assert call(cast, "station_chief", f"/cases/{to_close.case_no}/close/", body).status_code == status


def test_a_closing_nobody_asked_for(settled, cast) -> None:
    case = settled("red")
    assert call(cast, "station_chief", f"/cases/{case.case_no}/close/", {}).status_code == 409
