"""Pages of consultations: from convening to the minutes, who changes a meeting, what a page costs."""

from __future__ import annotations

import uuid

import pytest

from mediation import services
from mediation.models import Consultation, Decision
from tests.mediation.conftest import send

MEETING = "/consultations/{consultation}/"
DECIDE = "/consultations/{consultation}/entries/{entry}/"


def test_from_convening_to_the_minutes(tracked, cast, clock) -> None:
    case = tracked(colour="orange")
    answer = send(cast, "station_chief", "/consultations/", level="day", held_on="2026-03-04")
    meeting = Consultation.objects.get()
    url = f"/consultations/{meeting.pk}/"
    assert answer["Location"] == url
    assert "橙色预警，当日未化解" in cast.client(cast.station_chief).get(url).content.decode()
    send(cast, "station_chief", f"{url}agenda/", chosen=[case.pk])
    entry = meeting.agenda.get()
    assert entry.reason == "橙色预警，当日未化解"
    form = {
        "unit": cast.units.department.pk,
        "task": "核查工资清单",
        "due_on": "2026-03-06",
        "points": "人社牵头",
    }
    send(cast, "station_chief", f"{url}entries/{entry.pk}/", **form)
    decision = Decision.objects.get()
    assert decision.due_at.isoformat() == "2026-03-06T16:00:00+00:00"
    assert (
        send(cast, "other_department", f"/consultations/decisions/{decision.pk}/", text="x").status_code
        == 404
    )
    assert send(cast, "department", f"/consultations/decisions/{decision.pk}/", text=" ").status_code == 422
    send(cast, "department", f"/consultations/decisions/{decision.pk}/", text="已核对")
    send(cast, "station_chief", f"{url}close/", attendees="所长、指挥室", minutes="人社牵头。")
    page = cast.client(cast.community_officer).get(url).content.decode()
    for words in ("人社牵头", "完成：已核对", "参会人员：所长、指挥室"):
        assert words in page
    assert "列入议程</button>" not in page


@pytest.mark.parametrize(
    ("who", "act", "fields", "status"),
    [
        ("station_chief", "agenda/", {}, 422),
        ("station_chief", "agenda/", {"case_no": "JF1"}, 422),
        ("station_chief", "close/", {"attendees": "写好的名单", "minutes": ""}, 422),
        (
            "station_chief",
            "entries/{entry}/",
            {"task": "写好的任务", "due_on": "2026-03-01", "unit": ""},
            422,
        ),
        ("station_command", "close/", {"attendees": "x", "minutes": "x"}, 302),
        ("other_station_chief", "close/", {"attendees": "x", "minutes": "x"}, 404),
        ("community_officer", "close/", {"attendees": "x", "minutes": "x"}, 403),
        ("community_officer", "agenda/", {}, 403),
        (None, "close/", {}, 302),
    ],
)
def test_who_changes_a_meeting(world, cast, who, act: str, fields: dict, status: int) -> None:
    url = MEETING.format(**world) + act.format(**world)
    answer = send(cast, who, url, **fields) if who else cast.client(None).post(url, fields)
    assert answer.status_code == status
    typed = next((value for value in fields.values() if value.startswith("写好")), "")
    assert status != 422 or typed in answer.content.decode()


def test_a_task_is_given_from_the_side_panel(world, cast) -> None:
    url = DECIDE.format(**world)
    browser = cast.client(cast.station_chief)
    panel = browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in panel
    form = {
        "unit": cast.units.area.pk,
        "task": "走访",
        "due_on": "2026-03-06",
        "form_token": str(uuid.uuid4()),
    }
    answer = browser.post(url, form, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, MEETING.format(**world))


def test_a_meeting_costs_the_same_for_many(world, tracked, cast, clock, django_assert_num_queries) -> None:
    meeting = Consultation.objects.get()
    for _ in range(5):
        tracked()
        services.bring_to_consultation(
            tracked(), level="day", held_on=meeting.held_on, reason="x",
            actor=cast.station_chief, at=clock.at,
            tasks=[services.Task(cast.units.area, "走访", clock.at.replace(day=8))],
        )  # fmt: skip
    browser = cast.client(cast.station_chief)
    with django_assert_num_queries(7):
        page = browser.get(f"/consultations/{meeting.pk}/").content
    assert page.count(b"<article") == 6
