"""The API of pushes and of what their holders do: who × call, and the shapes of design section 5."""

import pytest

from dispute_hub.cases.models import Case
from routing import selectors
from tests.routing.conftest import CALM

FEEDBACK = {"outcome": "unsettled", "text": "原因：口角。经过：劝解。结果：未谈拢。"}


@pytest.fixture
def push(call):
    return selectors.first_push_of(call(CALM))


def url(push, act):
    return f"/api/v1/pushes/{push.pk}/{act}/"


class TestJourney:
    def test_sign_arrive_feed_back(self, push, cast):
        api = cast.api(cast.officer)
        signed = api.post(url(push, "sign"), {}, format="json")
        assert signed.status_code == 200
        assert signed.json()["status"] == "signed"
        assert api.post(url(push, "arrive"), {}, format="json").json()["status"] == "arrived"
        told = {**FEEDBACK, "officers": ["330001", "330002"], "suggest_push_second": True}
        answer = api.post(url(push, "feedback"), told, format="json").json()
        assert (answer["status"], answer["case_status"]) == ("reported", "tracking")

    def test_the_later_signature_learns_who_and_when(self, push, cast):
        cast.api(cast.officer).post(url(push, "sign"), {}, format="json")
        late = cast.api(cast.second_officer).post(url(push, "sign"), {}, format="json")
        assert late.status_code == 409
        assert late.json()["code"] == "already_signed"
        assert "处警一" in late.json()["changed"]["who"]
        assert late.json()["changed"]["at"]

    def test_on_behalf_over_the_radio(self, push, cast):
        told = {"on_behalf_of": "330001", "how": "radio"}
        answer = cast.api(cast.station_command).post(url(push, "sign"), told, format="json")
        assert answer.status_code == 200
        assert "处警一" in answer.json()["signed_by"]

    def test_contact_then_settle(self, push, cast):
        officer, responsible = cast.api(cast.officer), cast.api(cast.community_officer)
        officer.post(url(push, "sign"), {}, format="json")
        officer.post(url(push, "feedback"), FEEDBACK, format="json")
        case = f"/api/v1/cases/{push.case.case_no}"
        contact = responsible.post(f"{case}/contacts/", {"mode": "phone", "text": "约见"}, format="json")
        assert contact.status_code == 201
        told = {"how": "agreement", "text": "书面协议", "agreement_no": "XY1"}
        assert responsible.post(f"{case}/settle/", told, format="json").json()["status"] == "settled"

    def test_the_command_room_confirms_no_dispute(self, push, cast):
        officer = cast.api(cast.officer)
        officer.post(url(push, "sign"), {}, format="json")
        officer.post(url(push, "feedback"), {"outcome": "not_dispute", "text": "走失。"}, format="json")
        told = {"as": "not_dispute", "text": "已核对"}
        answer = cast.api(cast.station_command).post(
            f"/api/v1/cases/{push.case.case_no}/confirm/", told, format="json"
        )
        assert answer.json()["status"] == "not_dispute"

    def test_a_decision_in_a_case_file(self, push, cast):
        told = {
            "step": "decided",
            "kind": "administrative",
            "number": "金永公(象)行罚1号",
            "decision": "penalty",
        }
        address = f"/api/v1/cases/{push.case.case_no}/case-files/"
        assert cast.api(cast.officer).post(address, told, format="json").status_code == 201
        assert Case.objects.get().events.filter(kind="case_file.decided").exists()

    @pytest.mark.parametrize(
        ("body", "status"),
        [({}, 400), ({"outcome": "great", "text": "x"}, 400), ({"outcome": "settled", "text": 1}, 400)],
    )
    def test_bad_feedback_is_named(self, push, cast, body, status):
        api = cast.api(cast.officer)
        api.post(url(push, "sign"), {}, format="json")
        answer = api.post(url(push, "feedback"), body, format="json")
        assert answer.status_code == status
        assert set(answer.json()["fields"]) <= {"outcome", "text"}


ACTS = ("get", "sign", "arrive", "feedback", "contacts", "settle", "confirm")
# who -> status of each call, in the order of ACTS, on a fresh, unsigned push of 象珠
WHO = {
    "officer": (200, 200, 409, 409, 201, 403, 403),
    "community_officer": (200, 200, 409, 409, 201, 200, 403),
    "station_command": (200, 422, 409, 409, 201, 200, 200),
    "station_chief": (200, 422, 403, 403, 403, 403, 403),
    "other_officer": (404, 404, 404, 404, 404, 403, 403),
    "other_station_command": (404, 404, 404, 404, 404, 404, 404),
    "centre": (403, 403, 403, 403, 403, 403, 403),
    "auditor": (403, 403, 403, 403, 403, 403, 403),
    None: (401, 401, 401, 401, 401, 401, 401),
}
BODIES = {
    "sign": {},
    "arrive": {},
    "feedback": FEEDBACK,
    "contacts": {"mode": "visit", "text": "走访双方"},
    "settle": {"how": "oral_agreement", "text": "口头协议"},
    "confirm": {"as": "void", "text": "回拨核实为误拨"},
}


@pytest.mark.parametrize(
    ("who", "act", "status"), [(w, a, s) for w, row in WHO.items() for a, s in zip(ACTS, row, strict=True)]
)
def test_who_may_call_what(push, cast, who, act, status):
    api = cast.api(getattr(cast, who) if who else None)
    if act == "get":
        assert api.get(f"/api/v1/pushes/{push.pk}/").status_code == status
        return
    address = (
        url(push, act)
        if act in ("sign", "arrive", "feedback")
        else f"/api/v1/cases/{push.case.case_no}/{act}/"
    )
    assert api.post(address, BODIES[act], format="json").status_code == status
