"""From the commit to the page: within two seconds, to the addressee alone, nothing missed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from dispute_hub.outbox import services as outbox
from dispute_hub.outbox import tasks as outbox_tasks
from routing import selectors, services
from tests.browsers import serve
from tests.cast import Cast
from tests.routing.conftest import KNIFE
from tests.streams.ears import PATH, Ear

pytestmark = pytest.mark.slow
Listen = Callable[..., Ear]


def tell(post_id: int, at: Any, kind: str = "push.issued") -> None:
    outbox.notify(outbox.Message(kind=kind, title="一推送", post_id=post_id), at=at, case_id=None)


def test_a_push_is_heard_within_two_seconds_by_its_officer_and_no_stranger(
    listen: Listen, cast: Cast, call: Any
) -> None:
    with listen(cast.officer) as officer, listen(cast.other_officer) as stranger:
        officer.settle(), stranger.settle()
        start = time.monotonic()
        call(KNIFE, officers=("330001",))
        heard = officer.next("look", seconds=2)
        assert "push.issued" in heard.kinds
        assert heard.at - start < 2
        assert heard.number.isdigit()
        assert stranger.hears_nothing()


@pytest.mark.parametrize("who", ["station_command", "bureau", "dispatcher", "duty_commander"])
def test_command_rooms_hear_of_a_call_of_their_own(listen: Listen, cast: Cast, call: Any, who: str) -> None:
    with listen(getattr(cast, who)) as ear, listen(cast.other_station_command) as stranger:
        ear.settle(), stranger.settle()
        call(KNIFE)
        assert ear.next("look", seconds=2).kinds & {"push.issued", "alert.received"}
        assert stranger.hears_nothing()


def test_no_word_of_a_message_is_personal(listen: Listen, cast: Cast, call: Any) -> None:
    with listen(cast.station_command) as ear:
        ear.settle()
        call(KNIFE)
        assert all(part.replace("own:", "").replace(".", "").replace("_", "").split("=")[0].isalpha()
                   for part in ear.next("look").data.split())  # fmt: skip


def test_who_signs_knows_it_as_his_own_act(listen: Listen, cast: Cast, call: Any, clock: Any) -> None:
    push = selectors.first_push_of(call(KNIFE))
    assert push is not None
    with listen(cast.officer) as officer, listen(cast.second_officer) as colleague:
        officer.settle(), colleague.settle()
        services.sign_push(push, actor=cast.officer, at=clock.at)
        assert "push.signed" in colleague.next("look", seconds=2).kinds
        assert "own:push.signed" in officer.next("look", seconds=2).kinds


def test_what_is_rolled_back_is_never_said(listen: Listen, cast: Cast, clock: Any) -> None:
    with listen(cast.officer) as ear:
        ear.settle()
        with transaction.atomic():
            tell(cast.officer.post.pk, clock.at)
            transaction.set_rollback(True)
        assert ear.hears_nothing()


def test_the_bell_hears_of_the_inbox(listen: Listen, cast: Cast, clock: Any) -> None:
    tell(cast.officer.post.pk, clock.at)
    with listen(cast.officer) as ear:
        ear.settle()
        outbox_tasks.sweep()
        assert ear.next("look", seconds=2).kinds == {"notice"}


def test_a_page_that_was_away_hears_what_it_missed_once(listen: Listen, cast: Cast, clock: Any) -> None:
    post_id = cast.officer.post.pk
    with listen(cast.officer) as ear:
        ear.settle()
        tell(post_id, clock.at)
        last_id = ear.next("look").number
    tell(post_id, clock.at)
    tell(post_id, clock.at)
    with listen(cast.officer, last_id=last_id) as ear:
        assert ear.next("look").data == "push.issued=2"
        assert ear.hears_nothing(seconds=1)
    with listen(cast.officer, last_id="of another life") as ear:
        ear.next("again", seconds=2)


def test_two_processes_hear_the_same(
    listen: Listen, environment: dict[str, str], cast: Cast, clock: Any, tmp_path: Path
) -> None:
    with serve(environment, log=tmp_path / "second.log") as second:
        with listen(cast.officer) as here, listen(cast.officer, url=second.url) as there:
            here.settle(), there.settle()
            tell(cast.officer.post.pk, clock.at)
            heard, also = here.next("look", seconds=2), there.next("look", seconds=2)
            assert heard.number == also.number
            # The other process continues where this one's page stopped: both know the order of commits.
            tell(cast.officer.post.pk, clock.at)
            there.next("look")
        with listen(cast.officer, url=second.url, last_id=heard.number) as moved:
            assert moved.next("look").data == "push.issued=1"


@pytest.mark.sabotage
def test_without_the_trigger_nobody_hears(listen: Listen, cast: Cast, clock: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_outboxrow DISABLE TRIGGER hub_live_outbox")
    with listen(cast.officer) as ear:
        ear.settle()
        tell(cast.officer.post.pk, clock.at)
        heard = not ear.hears_nothing()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_outboxrow ENABLE TRIGGER hub_live_outbox")
    assert not heard


def test_a_log_in_is_needed_and_nothing_else_is_there(served: Any, listen: Listen, cast: Cast) -> None:
    with listen(None) as ear:
        assert ear.status == 403
    name = "hub_session"
    with httpx.Client(base_url=served.url, trust_env=False) as http:
        assert http.get(PATH, headers={"cookie": f"{name}=invented"}).status_code == 403
        assert http.get("/streams/elsewhere/").status_code == 404
        assert http.post(PATH).status_code == 405
        answer = http.get(PATH)
        assert (answer.headers["cache-control"], answer.content) == ("no-store", b"")


def test_a_foreign_page_cannot_listen_with_our_cookie(served: Any, cast: Cast) -> None:
    cookie = next(iter(cast.client(cast.officer).cookies.values()))
    said = {"cookie": f"{cookie.key}={cookie.value}", "sec-fetch-site": "cross-site"}
    assert httpx.get(served.url + PATH, headers=said, trust_env=False).status_code == 403


def test_the_sixth_stream_is_refused_and_a_closed_one_makes_room(listen: Listen, cast: Cast) -> None:
    client = cast.client(cast.officer)
    ears = [listen(cast.officer, client=client) for _ in range(6)]
    for ear in ears[:5]:
        ear.__enter__()
        ear.settle()
    with ears[5] as sixth:
        assert sixth.status == 429
    with listen(cast.second_officer) as colleague:
        assert colleague.status == 200
    ears[0].__exit__()
    time.sleep(0.5)
    with listen(cast.officer, client=client) as again:
        assert again.status == 200
    for ear in ears[1:5]:
        ear.__exit__()


HOW_RIGHTS_END = ("log_out", "post_ends", "account_disabled", "post_switched")


def test_rights_that_end_end_the_stream(listen: Listen, cast: Cast, clock: Any) -> None:
    """reliability S5: within thirty seconds, whatever ended them; a colleague goes on listening."""
    ears = {}
    for how in HOW_RIGHTS_END:
        actor = cast.add(f"leaves_{how}", "officer", cast.units.station)
        client = cast.client(actor)
        ears[how] = listen(actor, client=client)
        ears[how].__enter__()
        _end_rights(how, actor, client, cast, clock.at)
    with listen(cast.second_officer) as colleague:
        start = time.monotonic()
        for how, ear in ears.items():
            assert ear.ends(seconds=30 - (time.monotonic() - start)), how
        assert not colleague.is_over


def _end_rights(how: str, actor: Any, client: Any, cast: Cast, at: Any) -> None:
    if how == "log_out":
        Session.objects.get(session_key=client.session.session_key).delete()
    elif how == "post_ends":
        actor.post.ends_at = at
        actor.post.save()
    elif how == "account_disabled":
        actor.user.is_active = False
        actor.user.save()
    else:
        session = client.session
        session["hub_post_id"] = cast.add_post(actor, "officer", cast.units.other_station).post.pk
        session.save()


def test_streams_hold_one_connection_for_questions_and_one_to_listen(
    listen: Listen, served: Any, cast: Cast
) -> None:
    ears = [listen(actor) for actor in list(cast.actors.values())[:20]]
    for ear in ears:
        ear.__enter__()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] <= 3  # with the page that said the process lives
    for ear in ears:
        ear.__exit__()


def test_a_lost_listener_is_told_and_everybody_looks_when_it_is_back(
    listen: Listen, cast: Cast, clock: Any
) -> None:
    with listen(cast.officer) as ear:
        ear.settle()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ear.next("cut", seconds=3)
        tell(cast.officer.post.pk, clock.at)
        ear.next("again", seconds=5)
        tell(cast.officer.post.pk, clock.at)
        ear.next("look", seconds=2)


def test_the_process_ends_at_once_and_says_good_bye(listen: Listen, served: Any, cast: Cast) -> None:
    with listen(cast.officer) as ear:
        ear.settle()
        start = time.monotonic()
        served.process.terminate()
        assert ear.ends(seconds=3)
        served.process.wait(5)
        assert time.monotonic() - start < 5
