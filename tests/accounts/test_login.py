"""How a person comes in and goes out (reliability S4, S5; bad input 57-60, 64, 65)."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client

from dispute_hub.accounts.middleware import POST_KEY
from dispute_hub.accounts.models import Role
from dispute_hub.audit.models import AccessLog
from reports.menu import home_of
from tests.cast import PASSWORD

WRONG = "用户名或密码不正确"
LOCKED = "登录失败次数过多"


def knock(browser: Client, username: str = "officer", password: str = PASSWORD, **more):
    return browser.post("/login/", {"username": username, "password": password, **more})


def actor_of(browser: Client):
    return browser.get("/help/").wsgi_request.actor


def kinds() -> list[str]:
    return list(AccessLog.objects.order_by("id").values_list("kind", flat=True))


def test_a_person_with_one_post_is_in(cast, clock) -> None:
    browser = Client()
    answer = knock(browser)
    assert (answer.status_code, answer["Location"]) == (302, home_of("officer"))
    assert actor_of(browser) == cast.officer
    trace = AccessLog.objects.get(kind="login")
    assert (trace.user_id, trace.post_id) == (cast.officer.user.pk, cast.officer.post.pk)


def test_the_police_number_is_a_name_too(cast, clock) -> None:
    browser = Client()
    knock(browser, "330001")
    assert actor_of(browser) == cast.officer


def test_a_user_name_wins_over_another_mans_number(cast, clock) -> None:
    namesake = cast.add("330001", Role.OFFICER, cast.units.other_station)
    browser = Client()
    knock(browser, "330001")
    assert actor_of(browser) == namesake


def test_several_posts_ask_for_one(cast, clock) -> None:
    second = cast.add_post(cast.officer, Role.COMMUNITY_OFFICER, cast.units.area)
    browser = Client()
    answer = knock(browser, next="/notices/")
    assert "选择本次岗位" in answer.content.decode()
    assert actor_of_redirects(browser)
    answer = browser.post("/login/", {"post": second.post.pk, "next": "/notices/"})
    assert answer["Location"] == "/notices/"
    assert actor_of(browser) == second


def actor_of_redirects(browser: Client) -> bool:
    return browser.get("/help/")["Location"].startswith("/login/")


def test_the_choice_of_a_post_lapses(cast, clock) -> None:
    second = cast.add_post(cast.officer, Role.COMMUNITY_OFFICER, cast.units.area)
    browser = Client()
    knock(browser)
    clock.advance(minutes=5, seconds=1)
    answer = browser.post("/login/", {"post": second.post.pk})
    assert (answer.status_code, "选择岗位超时" in answer.content.decode()) == (401, True)


def test_nobody_chooses_a_post_that_is_not_his(cast, clock) -> None:
    cast.add_post(cast.officer, Role.COMMUNITY_OFFICER, cast.units.area)
    browser = Client()
    knock(browser)
    assert browser.post("/login/", {"post": cast.station_chief.post.pk}).status_code == 401
    assert actor_of_redirects(browser)


def test_a_post_without_a_password_is_nothing(cast, clock) -> None:
    browser = Client()
    assert browser.post("/login/", {"post": cast.officer.post.pk}).status_code == 422
    assert actor_of_redirects(browser)


def test_without_any_post_nobody_is_in(cast, clock) -> None:
    cast.officer.post.ends_at = clock.at
    cast.officer.post.save()
    answer = knock(Client())
    assert (answer.status_code, "没有岗位" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("officer", "wrong-password"),
        ("nobody", PASSWORD),
        ("nobody", "wrong-password"),
        ("officer", PASSWORD + " "),
        ("officer", PASSWORD + "x" * 80),
        ("officеr", PASSWORD),  # a Cyrillic е
    ],
)
def test_every_failure_says_the_same(cast, clock, username: str, password: str) -> None:
    answer = knock(Client(), username, password)
    assert (answer.status_code, WRONG in answer.content.decode()) == (401, True)
    assert kinds() == ["login_failed"]
    assert password not in str(AccessLog.objects.values())


def test_the_name_may_be_full_width_or_spaced(cast, clock) -> None:
    browser = Client()
    knock(browser, " ｏｆｆｉｃｅｒ ")
    assert actor_of(browser) == cast.officer


@pytest.mark.parametrize(
    ("field", "value"), [("username", ""), ("username", "a\0b"), ("password", ""), ("password", "x" * 1001)]
)
def test_an_impossible_form_is_answered_at_the_field(cast, clock, field: str, value: str) -> None:
    answer = knock(Client(), **{field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]


def test_a_disabled_account_fails_like_a_wrong_password(cast, clock) -> None:
    cast.officer.user.is_active = False
    cast.officer.user.save()
    answer = knock(Client())
    assert (answer.status_code, WRONG in answer.content.decode()) == (401, True)


@pytest.mark.parametrize("username", ["officer", "nobody"])
def test_the_fifth_failure_locks_for_a_quarter_of_an_hour(cast, clock, username: str) -> None:
    browser = Client()
    statuses = [knock(browser, username, "wrong-password").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 401, 429]
    answer = knock(Client(), username, PASSWORD)
    assert (answer.status_code, LOCKED in answer.content.decode()) == (429, True)


def test_the_lock_opens_by_itself(cast, clock) -> None:
    browser = Client()
    for _ in range(5):
        knock(browser, password="wrong-password")
    attempt = AccessAttempt.objects.get()
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - timedelta(minutes=14))
    assert knock(browser).status_code == 429
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - timedelta(minutes=15, seconds=5))
    assert knock(browser).status_code == 302


def test_success_forgets_the_failures_before(cast, clock) -> None:
    for _ in range(3):
        for _ in range(4):
            assert knock(Client(), password="wrong-password").status_code == 401
        assert knock(Client()).status_code == 302


def test_a_lock_is_one_mans_own(cast, clock) -> None:
    for _ in range(5):
        knock(Client(), password="wrong-password")
    assert knock(Client(), "second_officer").status_code == 302


def test_spraying_from_one_address_is_stopped(cast, clock) -> None:
    for number in range(20):
        assert knock(Client(), f"name{number}", "wrong-password").status_code == 401
    assert knock(Client()).status_code == 429
    clock.advance(seconds=61)
    assert knock(Client()).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/notices/?cursor=a", "/notices/?cursor=a"),
        ("//evil.example", ""),
        ("https://evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("/\\evil.example", ""),
        ("\\\\evil.example", ""),
        ("/%0d%0aSet-Cookie:x=1\r\nX: y", ""),
        ("", ""),
    ],
)
def test_after_the_log_in_only_pages_of_this_host(cast, clock, wanted: str, given: str) -> None:
    assert knock(Client(), next=wanted)["Location"] == (given or home_of("officer"))


def test_the_log_in_page_keeps_no_foreign_next(cast, clock) -> None:
    page = Client().get("/login/", {"next": "https://evil.example/"}).content.decode()
    assert "evil.example" not in page


def test_a_session_id_planted_before_is_not_used(cast, clock) -> None:
    browser = Client()
    browser.get("/login/")
    planted = browser.session
    planted["x"] = 1
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    knock(browser)
    assert browser.session.session_key != planted.session_key
    assert "x" not in browser.session


def test_a_log_in_without_its_token_is_refused(cast, clock) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = knock(browser)
    assert answer.status_code == 403


def test_log_out_kills_the_session(cast, clock) -> None:
    browser = Client()
    knock(browser)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert browser.post("/logout/")["Location"] == "/login/"
    browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert actor_of_redirects(browser)
    assert kinds() == ["login", "logout"]


@pytest.mark.parametrize("path", ["/logout/", "/post/", "/search/", "/notices/read/"])
def test_a_get_changes_nothing(cast, clock, path: str) -> None:
    assert cast.client(cast.officer).get(path).status_code == 405


def test_switching_the_post_is_a_new_session_and_a_trace(cast, clock) -> None:
    second = cast.add_post(cast.officer, Role.COMMUNITY_OFFICER, cast.units.area)
    browser = cast.client(cast.officer)
    before = browser.session.session_key
    assert browser.post("/post/", {"post": second.post.pk}).status_code == 302
    assert browser.session.session_key != before
    assert actor_of(browser) == second
    trace = AccessLog.objects.get(kind="login")
    assert trace.data == {"door": "switch", "from_post": cast.officer.post.pk}
    menu = browser.get("/help/").content.decode()
    assert menu.count('name="post"') == 2


@pytest.mark.parametrize("post", ["", "0", "x", "²"])
def test_switching_to_nothing_is_a_404(cast, clock, post: str) -> None:
    assert cast.client(cast.officer).post("/post/", {"post": post}).status_code == 404


def test_switching_to_another_mans_post_is_a_404_and_leaves_a_trace(cast, clock) -> None:
    browser = cast.client(cast.officer)
    assert browser.post("/post/", {"post": cast.station_chief.post.pk}).status_code == 404
    assert browser.session[POST_KEY] == cast.officer.post.pk
    assert kinds() == ["refusal"]
