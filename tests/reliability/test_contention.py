"""C1: many act on one order in the same second; one succeeds, the others learn what happened."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from dispute_hub.cases.models import CaseEvent
from routing.models import OrderStatus, WorkOrder
from tests.reliability import profile
from tests.reliability.chores import Town
from tests.reliability.test_tasks import together
from tests.routing.orders import Story

TYPED = "经核对属于古山镇辖区，请改派"
# What each may try on an order that was sent; the statuses it would lead to. An order that was accepted
# may still be returned, so these two never meet in one round.
ACTS = {
    "accept": ("centre", {}, OrderStatus.ACCEPTED),
    "return": ("centre", {"reason_code": "wrong_unit", "text": TYPED}, OrderStatus.RETURNED),
    "recall": ("station_command", {"text": TYPED}, OrderStatus.RECALLED),
}
MOST_CLIENTS = 20
ROUNDS = (("accept", "recall"), ("return", "recall"), ("accept",), ("recall",))


@pytest.fixture
def town(committed_cast: Any, clock: Any) -> Town:
    return Town(committed_cast, clock)


def contend(town: Town, order: WorkOrder, clients: int, chance: Any) -> list[SimpleNamespace]:
    """So many browsers send an act each at one moment; what each was answered."""
    answers: list[SimpleNamespace] = []
    names = chance.choice(ROUNDS)
    chosen = [chance.choice(names) for _ in range(clients)]
    waiting = [(name, town.cast.client(getattr(town.cast, ACTS[name][0]))) for name in chosen]
    for _, browser in waiting:
        browser.raise_request_exception = False

    def send() -> None:
        name, browser = waiting.pop()
        said = {"form_token": str(uuid.uuid4()), **ACTS[name][1]}
        answer = browser.post(f"/orders/{order.no}/{name}/", said)
        page = answer.content.decode() if answer.status_code != 302 else ""
        answers.append(SimpleNamespace(act=name, status=answer.status_code, page=page))
        connection.close()

    together(send, times=clients)
    return answers


def judged(order: WorkOrder, answers: list[SimpleNamespace]) -> list[str]:
    """What went wrong in one round."""
    found = []
    won = [one for one in answers if one.status == 302]
    if len(won) != 1:
        found.append(f"{order.no}: {len(won)} of {len(answers)} succeeded")
    row = WorkOrder.objects.get(pk=order.pk)
    if won and row.status != ACTS[won[0].act][2]:
        found.append(f"{order.no}: {won[0].act} succeeded, yet it is {row.status}")
    ends = CaseEvent.objects.filter(subject_kind="workorder", subject_id=order.pk, kind__in=EVENTS)
    if ends.count() != 1:
        found.append(f"{order.no}: {ends.count()} side effects")
    for one in answers:
        if one.status == 302:
            continue
        if one.status != 409 or order.no not in one.page:
            found.append(f"{order.no}: {one.act} answered {one.status}")
        elif "text" in ACTS[one.act][1] and TYPED not in one.page:
            found.append(f"{order.no}: what was typed is gone")
    return found


EVENTS = ("order.accepted", "order.returned", "order.recalled")


def played(town: Town, rounds: int, most: int) -> list[str]:
    chance, found = profile.schedule(), []
    story = Story(town.cast, town.clock, lambda *_, **fields: town.call(**fields))
    for _ in range(rounds):
        order = story.sent()
        found += judged(order, contend(town, order, chance.randint(2, most), chance))
    return found


def test_c1_one_of_many_succeeds(town, hardness, figure) -> None:
    most = 8 if hardness.name == "slice" else MOST_CLIENTS
    found = played(town, hardness.rounds, most)
    figure("C1", f"wrong answers in {hardness.rounds} rounds of 2 to {most} clients", len(found), "0")
    assert found == []


def test_c1_the_loser_is_told_who_when_and_what(town) -> None:
    story = Story(town.cast, town.clock, lambda *_, **fields: town.call(**fields))
    order = story.accepted()
    said = {"form_token": str(uuid.uuid4()), "text": TYPED}
    late = town.cast.client(town.cast.station_command).post(f"/orders/{order.no}/recall/", said)
    page = late.content.decode()
    assert late.status_code == 409
    assert TYPED in page
    assert f"当前为“办理中”（{town.cast.centre.label} 03-04 09:00）" in page


@pytest.mark.sabotage
def test_c1_turns_red(town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock on the case, and with it the check of the status under that lock.

    The table's own constraints then still end some of them with an error: that is no answer either.
    """
    from dispute_hub.cases.models import Case

    monkeypatch.setattr(type(Case.objects.all()), "select_for_update", lambda rows, *args, **said: rows.all())
    assert played(town, 2, 8) != []
