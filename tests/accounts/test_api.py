"""`POST /token/` and what a token opens."""

from datetime import timedelta

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from dispute_hub.accounts import doors
from dispute_hub.accounts.models import AccessToken, Role
from dispute_hub.audit.models import AccessLog
from tests.cast import PASSWORD


def ask(**body):
    sent = {"username": "officer", "password": PASSWORD, **body}
    return APIClient().post("/api/v1/token/", sent, format="json")


def test_a_token_lasts_twelve_hours(cast, clock) -> None:
    answer = ask()
    assert answer.status_code == 200
    body = answer.json()
    assert body["expires_at"] == "2026-03-04T21:00:00+08:00"
    assert body["posts"][0] == {"id": cast.officer.post.pk, "unit": "330784-XZ", "role": "officer"}
    stored = AccessToken.objects.get()
    assert body["token"].encode() not in bytes(stored.digest)
    caller = APIClient(headers={"authorization": f"Token {body['token']}"})
    assert caller.post("/api/v1/token/", {}, format="json").status_code == 400
    assert AccessLog.objects.get().data == {"door": "token"}


def test_the_primary_post_unless_one_is_named(cast, clock) -> None:
    second = cast.add_post(cast.officer, Role.COMMUNITY_OFFICER, cast.units.area)
    assert ask().json()["posts"][0]["role"] == "officer"
    assert ask(post=second.post.pk).json()["posts"][0]["role"] == "community_officer"
    assert AccessToken.objects.last().post == second.post


def test_another_mans_post_gives_no_token(cast, clock) -> None:
    answer = ask(post=cast.station_chief.post.pk)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_post")
    assert not AccessToken.objects.exists()


def test_failures_are_alike(cast, clock) -> None:
    bodies = [ask(password="wrong").json(), ask(username="nobody").json()]
    assert {body["code"] for body in bodies} == {"login_failed"}
    assert bodies[0]["message"] == bodies[1]["message"]


def test_pages_and_api_share_one_lock(cast, clock) -> None:
    for _ in range(5):
        ask(password="wrong")
    answer = ask()
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
    page = APIClient().post("/login/", {"username": "officer", "password": PASSWORD})
    assert page.status_code == 429


def test_a_token_forgets_the_failures_before(cast, clock) -> None:
    for _ in range(3):
        for _ in range(4):
            assert ask(password="wrong").status_code == 401
        assert ask().status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": None}, "username"),
        ({"username": "a" * 61}, "username"),
        ({"password": 12345678}, "password"),
        ({"password": ["x"]}, "password"),
        ({"password": "x" * 1001}, "password"),
        ({"post": "1"}, "post"),
        ({"post": True}, "post"),
    ],
)
def test_a_wrong_type_is_named(cast, clock, body: dict, field: str) -> None:
    answer = ask(**body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_a_password_is_not_trimmed(cast, clock) -> None:
    assert ask(password=f" {PASSWORD} ").status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_only_post(cast, clock, method: str) -> None:
    answer = getattr(APIClient(), method)("/api/v1/token/", {"a": 1}, format="json")
    assert answer.status_code == 405


class WhoAmI(APIView):
    acts = {"GET": "self.use", "POST": "sheet.sign"}

    def get(self, request) -> Response:
        return Response(doors.actor_of(request).label)

    post = delete = get


def call(token: str, method: str = "get"):
    request = getattr(APIRequestFactory(), method)("/x/", headers={"authorization": f"Token {token}"})
    return WhoAmI.as_view()(request)


def test_a_token_acts_at_its_post_for_its_time(cast, clock) -> None:
    token = ask().json()["token"]
    assert call(token).data == "象珠派出所 处警民警 处警一"
    clock.advance(hours=12, seconds=-1)
    assert call(token).status_code == 200
    clock.advance(seconds=1)
    assert call(token).status_code == 401
    assert call("made-up").status_code == 401


def test_a_token_has_the_rights_of_its_post_only(cast, clock) -> None:
    assert call(ask().json()["token"], "post").status_code == 403
    assert call(ask().json()["token"], "delete").status_code == 403  # declared by nobody
    assert call(ask().json()["token"], "put").status_code == 405  # and this one is not there at all


def test_a_chiefs_act_opens_to_who_leads_the_duty(cast, clock) -> None:
    token = ask().json()["token"]
    assert call(token, "post").status_code == 403
    cast.roster(cast.officer, "leader", clock.at, clock.at + timedelta(hours=1))
    assert call(token, "post").status_code == 200
    clock.advance(hours=1)
    assert call(token, "post").status_code == 403


@pytest.mark.parametrize("end", ["post", "unit", "user"])
def test_a_token_dies_with_post_unit_or_account(cast, clock, end: str) -> None:
    token, post = ask().json()["token"], cast.officer.post
    if end == "post":
        post.ends_at = clock.at
        post.save()
    else:
        thing = getattr(post, end)
        thing.is_active = False
        thing.save()
    assert call(token).status_code == 401
