"""The people of the tests themselves: they stand where the other tests believe they stand."""

import pytest

from dispute_hub.accounts import selectors
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.authentication import digest_of
from dispute_hub.accounts.models import Role


def test_every_role_has_somebody(cast) -> None:
    assert {actor.role for actor in cast.actors.values()} == set(Role.values)


def test_a_client_of_the_cast_acts_at_its_post(cast, clock) -> None:
    response = cast.client(cast.officer).get("/healthz/live")
    assert response.wsgi_request.actor == cast.officer


def test_the_clock_may_stand_anywhere(cast, clock) -> None:
    browser = cast.client(cast.officer)
    clock.advance(hours=13)
    assert browser.get("/healthz/live").wsgi_request.actor is None


def test_an_api_client_carries_its_post(cast, clock) -> None:
    _, (scheme_and_token) = next(iter(cast.api(cast.officer)._credentials.items()))
    token = scheme_and_token.removeprefix("Token ")
    assert selectors.token_post(digest_of(token), clock.at) == cast.officer.post


def test_a_unit_without_a_roster_has_everybody_on_duty(cast, clock) -> None:
    on = selectors.on_duty(cast.units.station.pk, "crew", clock.at)
    assert [PostActor(post.user, post) for post in on] == [cast.officer, cast.second_officer]


def test_an_unknown_player_is_an_error(cast) -> None:
    with pytest.raises(AttributeError):
        _ = cast.nobody
