"""The desk without a browser: calls, drafts, preview."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection

from intake.models import Alert, DeskDraft
from tests.intake.conftest import Sender

KEY = "5c2f3a1e-1111-4222-8333-444455556666"
DESK = f"/desk/?call={KEY}"
PREVIEW, DRAFT, DROP = "/desk/preview/", f"/desk/drafts/{KEY}/", f"/desk/drafts/{KEY}/drop/"
CALL = f"/desk/calls/{KEY}/"


@pytest.fixture
def alert(sender: Sender) -> Alert:
    sender.send(alert_no="A1")
    return Alert.objects.get()


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "phone": "13905790001", "address": "象珠镇象珠一村12号", "station": "330784-XZ",
        "narrative": "邻居因界线争吵。", "act": "dispatch", **changes,
    }  # fmt: skip


def test_a_call_becomes_an_alert_and_goes_on_as_its_next_version(cast: Any) -> None:
    browser = cast.client(cast.dispatcher)
    answer = browser.post(CALL, typed())
    assert answer["Location"] == f"/desk/?call={KEY}"
    alert = Alert.objects.get()
    assert (alert.version, alert.case.status) == (1, "scene")
    browser.post(CALL, typed(other_name="应大山", armed="yes"))
    alert.refresh_from_db()
    assert (alert.version, alert.flags) == (2, ["涉刀"])
    answer = browser.post(CALL, typed(other_name="应大山", armed="yes", act="next"))
    alert.refresh_from_db()
    assert alert.version == 2
    draft = DeskDraft.objects.get()
    assert (draft.content, draft.closed_at is not None) == ("", True)


def test_one_form_token_has_one_effect(cast: Any) -> None:
    browser, token = cast.client(cast.dispatcher), str(uuid.uuid4())
    browser.post(CALL, typed(form_token=token))
    browser.post(CALL, typed(form_token=token, narrative="第二次提交"))
    assert Alert.objects.get().version == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "", "station": ""}, "address"),
        ({"narrative": ""}, "narrative"),
        ({"people_involved": "很多"}, "people_involved"),
    ],
)
def test_without_place_or_nature_nobody_is_sent_and_the_text_stays(
    cast: Any, changes: dict[str, str], field: str
) -> None:
    answer = cast.client(cast.dispatcher).post(CALL, typed(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "13905790001" in answer.content.decode()
    assert not Alert.objects.exists()


def test_an_item_instead_of_words_is_enough(cast: Any) -> None:
    cast.client(cast.dispatcher).post(CALL, typed(narrative="", stated_item="N1101"))
    assert Alert.objects.get().stated_item == "N1101"


def test_a_draft_survives_and_belongs_to_its_post(cast: Any) -> None:
    browser = cast.client(cast.dispatcher)
    assert browser.post(DRAFT, typed()).status_code == 204
    assert "邻居因界线争吵" in browser.get(DESK).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM intake_deskdraft")
        assert b"13905790001" not in bytes(cursor.fetchone()[0])
    other = cast.client(cast.duty_commander)
    assert other.get(DESK).status_code == 302
    assert other.post(DRAFT, typed()).status_code == 404
    browser.post(DROP)
    assert browser.get(DESK)["Location"] != DESK
    assert DeskDraft.objects.get().content == ""


def test_a_call_that_is_over_is_not_opened_again(cast: Any) -> None:
    browser = cast.client(cast.dispatcher)
    browser.post(CALL, typed(act="next"))
    browser.post(DRAFT, typed(narrative="另一个来电"))
    assert browser.post(CALL, typed(narrative="另一个来电")).status_code == 409
    assert Alert.objects.get().narrative == "邻居因界线争吵。"
    assert DeskDraft.objects.get().content == ""


def test_the_preview_stores_nothing_and_shows_what_came_before(alert: Alert, cast: Any) -> None:
    answer = cast.client(cast.dispatcher).post(
        PREVIEW, {"phone": "13905790001", "narrative": "邻居拿菜刀要砍人"}
    )
    text = answer.content.decode()
    assert 'data-colour="red"' in text and "<mark" in text
    assert alert.case.case_no in text and "人还在不在" in text
    assert Alert.objects.count() == 1 and not DeskDraft.objects.exists()


def test_alerts_beyond_the_own_centre_are_not_shown(alert: Alert, cast: Any) -> None:
    from dispute_hub.accounts.models import Unit

    far = Unit.objects.create(code="330783-110", name="东阳110", line="police", kind="reception")
    stranger = cast.add("stranger", "dispatcher", far)
    text = cast.client(stranger).post(PREVIEW, {"phone": "13905790001"}).content.decode()
    assert alert.case.case_no not in text
    assert cast.client(stranger).get("/alerts/A1/").status_code == 404
    answer = cast.client(stranger).post(CALL, typed(station="", attach_to=alert.case.case_no))
    assert answer.status_code == 404
