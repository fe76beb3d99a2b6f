"""How long a session lives, and what ends it at once (reliability S5; bad input 59, 62)."""

from datetime import timedelta

import pytest
from django.test import Client

from dispute_hub.accounts.middleware import ABSOLUTE_WITHIN
from tests.cast import PASSWORD


def logged_in(username: str) -> Client:
    browser = Client()
    browser.post("/login/", {"username": username, "password": PASSWORD})
    return browser


def is_in(browser: Client, path: str = "/help/") -> bool:
    return browser.get(path).status_code == 200


@pytest.mark.parametrize(
    ("username", "within"),
    [
        ("officer", timedelta(minutes=30)),
        ("system_admin", timedelta(minutes=15)),
        ("security_admin", timedelta(minutes=15)),
        ("auditor", timedelta(minutes=15)),
    ],
)
def test_an_unused_session_ends(cast, clock, username: str, within: timedelta) -> None:
    early, late = logged_in(username), logged_in(username)
    clock.advance(seconds=within.total_seconds())
    assert is_in(early)
    clock.advance(seconds=1)
    assert not is_in(late)


def test_use_keeps_a_session_for_twelve_hours(cast, clock) -> None:
    browser, began = logged_in("officer"), clock.at
    while clock.at + timedelta(minutes=29) < began + ABSOLUTE_WITHIN:
        clock.advance(minutes=29)
        assert is_in(browser)
    clock.set(began + ABSOLUTE_WITHIN)
    assert is_in(browser)
    clock.advance(seconds=1)
    assert not is_in(browser)


def test_what_a_page_fetches_by_itself_keeps_nobody_in(cast, clock) -> None:
    browser = logged_in("officer")
    for _ in range(3):
        clock.advance(minutes=10)
        browser.get("/_menu/?at=/")
    assert is_in(browser)
    clock.advance(minutes=10)
    browser.get("/_menu/?at=/")
    clock.advance(minutes=21)
    assert not is_in(browser)


def test_a_poll_after_the_end_stops_and_leaves_the_page_alone(cast, clock) -> None:
    browser = logged_in("officer")
    clock.advance(hours=13)
    answer = browser.get("/_menu/?at=/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.content, "HX-Redirect" in answer) == (286, b"", False)


def test_a_disabled_account_is_out_at_once(cast, clock) -> None:
    browser, caller = logged_in("officer"), cast.api(cast.officer)
    cast.officer.user.is_active = False
    cast.officer.user.save()
    assert not is_in(browser)
    assert caller.get("/api/v1/worklist/").status_code in (401, 404)


def test_an_ended_post_is_out_at_once(cast, clock) -> None:
    browser = logged_in("officer")
    cast.officer.post.ends_at = clock.at
    cast.officer.post.save()
    assert not is_in(browser)


def test_a_closed_unit_is_out_at_once(cast, clock) -> None:
    browser = logged_in("officer")
    cast.units.station.is_active = False
    cast.units.station.save()
    assert not is_in(browser)


def test_a_new_password_ends_the_other_sessions(cast, clock) -> None:
    browser = logged_in("officer")
    cast.officer.user.set_password("another-password")
    cast.officer.user.save()
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/notices/?cursor=a", "/login/?next=/notices/%3Fcursor%3Da"),
        ("http://evil.example/notices/", "/login/?next=/"),
        ("", "/login/?next=/"),
    ],
)
def test_a_form_sent_after_the_end_leads_back_to_its_page(cast, clock, referer: str, back: str) -> None:
    browser = logged_in("officer")
    clock.advance(hours=13)
    answer = browser.post("/notices/read/", {"newest": "1"}, HTTP_REFERER=referer)
    assert (answer.status_code, answer["Location"]) == (302, back)


def test_a_fragment_after_the_end_sends_the_whole_page_to_the_log_in(cast, clock) -> None:
    answer = Client().get(
        "/help/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/cases/?q=1"
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/login/?next=/cases/%3Fq%3D1")
