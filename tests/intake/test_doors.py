"""Who may open which page of the intake, and what is masked there."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake import services
from intake.models import Alert, Quarantine
from tests.intake.conftest import Sender, body

NO = "33078420260304000001"
KEY = "5c2f3a1e-1111-4222-8333-444455556666"
GETS = {
    "desk": f"/desk/?call={KEY}",
    "strip": "/desk/strip/",
    "alerts": "/alerts/",
    "rows": "/alerts/rows/",
    "alert": f"/alerts/{NO}/",
    "card": f"/alerts/{NO}/card/",
    "import": "/alerts/import/",
    "quarantine": "/quarantine/",
}
# Status for each person: own centre or station, the other one, a wrong role.
ALLOWED = {
    "dispatcher": {"desk": 200, "strip": 200, "alerts": 200, "rows": 200, "alert": 200, "card": 200,
                   "import": 403, "quarantine": 403},
    "duty_commander": dict.fromkeys(GETS, 200),
    "station_command": dict.fromkeys(GETS, 200) | {"desk": 403},
    "station_chief": dict.fromkeys(GETS, 200) | {"desk": 403, "import": 403, "quarantine": 403},
    "officer": dict.fromkeys(GETS, 200) | {"desk": 403, "import": 403, "quarantine": 403},
    "bureau": dict.fromkeys(GETS, 200) | {"desk": 403},
    "other_station_command": dict.fromkeys(GETS, 200) | {"desk": 403, "alert": 404, "card": 404},
    "centre": dict.fromkeys(GETS, 403),
    "leader": dict.fromkeys(GETS, 403),
    "mediator": dict.fromkeys(GETS, 403),
    "system_admin": dict.fromkeys(GETS, 403),
}  # fmt: skip
POSTS = {
    "preview": "/desk/preview/",
    "draft": f"/desk/drafts/{KEY}/",
    "drop": f"/desk/drafts/{KEY}/drop/",
    "call": f"/desk/calls/{KEY}/",
    "text": f"/alerts/{NO}/text/",
    "dispatch": f"/alerts/{NO}/dispatch/",
    "attach": f"/alerts/{NO}/attach/",
    "detach": f"/alerts/{NO}/detach/",
    "reveal": f"/alerts/{NO}/reveal/",
}


@pytest.fixture
def alert(sender: Sender) -> Alert:
    assert sender.send(alert_no=NO).status_code == 201
    return Alert.objects.get()


@pytest.mark.parametrize("who", ALLOWED)
def test_who_may_open_which_page(alert: Alert, cast: Any, who: str) -> None:
    browser = cast.client(getattr(cast, who))
    found = {name: browser.get(url).status_code for name, url in GETS.items()}
    assert found == ALLOWED[who]


@pytest.mark.parametrize("url", [url for name, url in GETS.items() if name not in ("strip", "rows")])
def test_anonymous_people_go_to_the_log_in(cast: Any, url: str) -> None:
    answer = cast.client(None).get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("name", POSTS)
def test_a_get_changes_nothing(alert: Alert, cast: Any, name: str) -> None:
    assert cast.client(cast.dispatcher).get(POSTS[name]).status_code == 405


@pytest.mark.parametrize("name", POSTS)
def test_a_wrong_role_does_nothing(alert: Alert, cast: Any, name: str) -> None:
    who = cast.leader if name == "reveal" else cast.community_officer
    assert cast.client(who).post(POSTS[name], {}).status_code == 403


def test_an_alert_of_another_station_is_404_to_its_command_room(alert: Alert, cast: Any) -> None:
    browser = cast.client(cast.other_station_command)
    assert browser.post(f"/alerts/{NO}/attach/", {"case_no": alert.case.case_no}).status_code == 404
    assert browser.post(f"/alerts/{NO}/reveal/", {"purpose": "dispatch"}).status_code == 404


def test_lists_are_masked_and_clear_values_are_asked_for(alert: Alert, cast: Any) -> None:
    browser = cast.client(cast.dispatcher)
    for url in (GETS["alerts"], GETS["strip"], GETS["alert"], GETS["card"]):
        text = browser.get(url).content.decode()
        assert "13905790001" not in text and "楼春花" not in text
    assert "楼**" in browser.get(GETS["alerts"]).content.decode()
    answer = browser.post(f"/alerts/{NO}/reveal/", {"purpose": "dispatch"})
    assert "13905790001" in answer.content.decode()
    own_station = cast.client(cast.station_command).get(GETS["alert"]).content.decode()
    assert "楼春花" in own_station and "13905790001" not in own_station


def test_numbers_inside_the_narrative_are_masked(sender: Sender, cast: Any) -> None:
    sender.send(alert_no=NO, narrative="对方电话13812345678，身份证990784198001010010，双方争吵。")
    for url in (GETS["alerts"], GETS["strip"], GETS["alert"], GETS["card"]):
        text = cast.client(cast.dispatcher).get(url).content.decode()
        assert "13812345678" not in text and "990784198001010010" not in text


def test_markup_in_a_narrative_is_text(sender: Sender, cast: Any) -> None:
    sender.send(
        alert_no=NO, narrative='<script>alert(1)</script><b hx-get="/x">吵</b>', address='"><img onerror=1>'
    )
    for url in (GETS["alerts"], GETS["strip"], GETS["alert"], GETS["card"]):
        text = cast.client(cast.dispatcher).get(url).content.decode()
        assert "<script>alert" not in text and "<b hx-get" not in text and "<img onerror" not in text


@pytest.mark.parametrize("url", ["/alerts/", "/alerts/rows/", "/desk/strip/"])
def test_a_longer_list_needs_no_more_statements(
    sender: Sender, cast: Any, django_assert_num_queries: Any, url: str
) -> None:
    browser = cast.client(cast.dispatcher)
    counts = []
    for _ in range(2):
        for _ in range(3):
            sender.send(reporter={}, parties=[], address=f"象珠镇{uuid.uuid4().hex[:6]}")
        with CaptureQueriesContext(connection) as found:
            assert browser.get(url).status_code == 200
        counts.append(len(found.captured_queries))
    assert counts[0] == counts[1] <= 5


def test_pages_go_on_by_key(sender: Sender, cast: Any) -> None:
    for number in range(53):
        sender.send(alert_no=f"N{number:03d}", reporter={}, parties=[], address="")
    browser = cast.client(cast.dispatcher)
    first = browser.get("/alerts/")
    assert len(first.context["rows"]) == 50
    second = browser.get("/alerts/", {"cursor": first.context["next_cursor"]})
    assert len(second.context["rows"]) == 3
    assert browser.get("/alerts/", {"cursor": "garbage"}).status_code == 400


def test_today_is_what_the_page_opens_with(sender: Sender, cast: Any, clock: Any) -> None:
    sender.send(alert_no="OLD")
    clock.advance(days=1)
    sender.send(alert_no="NEW", reporter={}, parties=[])
    browser = cast.client(cast.dispatcher)
    assert [row.alert.alert_no for row in browser.get("/alerts/").context["rows"]] == ["NEW"]
    assert [row.alert.alert_no for row in browser.get("/alerts/?on=").context["rows"]] == ["NEW", "OLD"]
    assert [row.alert.alert_no for row in browser.get("/alerts/?on=2026-03-04").context["rows"]] == ["OLD"]
    assert browser.get("/alerts/?on=2026-02-30").status_code == 400


def test_later_words_dispatch_attach_and_detach_by_page(alert: Alert, sender: Sender, cast: Any) -> None:
    browser = cast.client(cast.dispatcher)
    browser.post(POSTS["text"], {"text": "对方拿起铁锹。"})
    assert browser.post(POSTS["text"], {"text": ""}).status_code == 422
    browser.post(POSTS["dispatch"], {"station": "330784-GS"})
    alert.refresh_from_db()
    assert (alert.version, alert.station.code) == (3, "330784-GS")
    sender.send(alert_no="B1", address="别处3号")
    answer = browser.post("/alerts/B1/attach/", {"case_no": alert.case.case_no})
    assert answer.status_code == 302
    assert Alert.objects.get(alert_no="B1").case_id == alert.case_id
    browser.post("/alerts/B1/detach/", {"reason": "不是同一起"})
    assert Alert.objects.get(alert_no="B1").case_id != alert.case_id


def test_a_set_aside_message_is_repaired_and_replayed(sender: Sender, cast: Any) -> None:
    import json

    said = body(alert_no="Q1", people_involved="三人")
    entry = Quarantine.objects.get(pk=sender.send(said, message_id="m").json()["quarantine_id"])
    browser, url = cast.client(cast.duty_commander), f"/quarantine/{entry.pk}/"
    assert "people_involved" in browser.get("/quarantine/").content.decode()
    assert browser.post(f"{url}repair/", {"body": json.dumps(said)}).status_code == 422
    answer = browser.post(f"{url}repair/", {"body": json.dumps(said | {"people_involved": 3})})
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.alert.alert_no, entry.alert.people_involved) == ("replayed", "Q1", 3)
    assert browser.post(f"{url}drop/", {"reason": "x"}).status_code == 409
    assert cast.client(cast.dispatcher).get(url).status_code == 403
    assert sender.send(said, message_id="m").status_code == 202


def test_a_set_aside_message_is_set_down_as_nothing(sender: Sender, cast: Any) -> None:
    pk = sender.raw(b"junk").json()["quarantine_id"]
    browser = cast.client(cast.duty_commander)
    assert browser.post(f"/quarantine/{pk}/drop/", {"reason": ""}).status_code == 422
    browser.post(f"/quarantine/{pk}/drop/", {"reason": "联调测试报文"})
    assert Quarantine.objects.get(pk=pk).state == "dropped"


def test_the_quarantine_of_another_county_is_404(sender: Sender, cast: Any) -> None:
    from dispute_hub.accounts.models import Unit

    pk = sender.raw(b"junk").json()["quarantine_id"]
    far = Unit.objects.create(code="330783", name="东阳市公安局", line="police", kind="bureau")
    stranger = cast.add("stranger", "bureau", far)
    assert cast.client(stranger).get(f"/quarantine/{pk}/").status_code == 404


def test_the_duty_desk_is_told_of_a_set_aside_message(sender: Sender) -> None:
    from dispute_hub.outbox.models import OutboxRow

    sender.raw(b"junk")
    payload = OutboxRow.objects.get(topic="notice").payload
    assert (payload["kind"], payload["role"], payload["urgency"]) == (
        "quarantine.opened",
        "duty_commander",
        "alarm",
    )


def test_the_demo_source_is_registered_once(source: Any, cast: Any, clock: Any) -> None:
    again = services.register_source(
        "110", kind="110", name="新名", reception=cast.units.reception, bureau=cast.units.bureau,
        secret=source.secret, at=clock.at,
    )  # fmt: skip
    assert (again.pk, again.name, again.opens_as, again.former_secret) == (source.pk, "新名", "scene", "")


@pytest.mark.parametrize(
    ("raw", "own", "other"), [(b'{"station": "330784-XZ", "narr', 200, 404), (b"junk", 404, 404)]
)
def test_a_command_room_repairs_what_names_its_own_station(
    sender: Sender, cast: Any, raw: bytes, own: int, other: int
) -> None:
    url = f"/quarantine/{sender.raw(raw).json()['quarantine_id']}/"
    assert cast.client(cast.station_command).get(url).status_code == own
    assert cast.client(cast.other_station_command).get(url).status_code == other
    assert cast.client(cast.duty_commander).get(url).status_code == 200
