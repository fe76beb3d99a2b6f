"""What one arrival costs, in statements: counted, because each is a round trip while the caller waits.

The savepoints around what follows are counted too (two each: triage, complaints about officers, push 1,
the offer of an emergency), and in a test the request's own transaction is two.
"""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.common import time
from intake.models import Alert
from tests.intake.conftest import Sender, body
from triage.services import load_reference

PEOPLE: dict[str, Any] = {
    "reporter": {"name": "丙", "phone": "13905798888"},
    "parties": [{"name": "丁", "phone": "13905797777"}, {"name": "戊", "phone": "13905796666"}],
}


@pytest.fixture
def known(sender: Sender, cast: Any) -> Alert:
    """An alert of these people; what a process learns once (rules, tables) is learnt."""
    load_reference(time.now())
    assert sender.send(**PEOPLE).status_code == 201
    return Alert.objects.get()


def test_a_new_alert(sender: Sender, known: Alert, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(45):
        answer = sender.send(reporter={"name": "甲", "phone": "13905790009"})
    assert answer.json()["push"]["sign_due_at"]
    assert answer.json()["repeat"]["alerts_90d"] == 1


def test_more_people_cost_no_more(sender: Sender, known: Alert, django_assert_max_num_queries: Any) -> None:
    crowd = [{"name": f"村民{number}", "phone": f"1380579{number:04d}"} for number in range(20)]
    with django_assert_max_num_queries(45):
        sender.send(reporter={"name": "甲", "phone": "13905790009"}, parties=crowd)
    assert Alert.objects.latest("pk").case.parties.count() == 21


def test_an_alert_that_joins_a_case(sender: Sender, known: Alert, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(47):
        answer = sender.send(**PEOPLE)
    assert answer.json()["repeat"]["attached"]


def test_a_repeated_alert_elsewhere(sender: Sender, known: Alert, django_assert_max_num_queries: Any) -> None:
    """Push 2 on top, queued for the morning sheet."""
    with django_assert_max_num_queries(61):
        answer = sender.send(**PEOPLE, address="古山镇古山一村9号")
    assert answer.json()["repeat"] == {"alerts_30d": 2, "alerts_90d": 2, "attached": False}
    assert set(Alert.objects.latest("pk").case.pushes.values_list("tier", flat=True)) == {1, 2}


def test_a_new_version(sender: Sender, known: Alert, django_assert_max_num_queries: Any) -> None:
    said = body(alert_no=known.alert_no, version=2, **PEOPLE)
    with django_assert_max_num_queries(43):
        answer = sender.send(said)
    assert answer.json()["version"] == 2


def test_the_same_message_again(sender: Sender, known: Alert, django_assert_max_num_queries: Any) -> None:
    said = body(**PEOPLE)
    sender.send(said, message_id="m-1")
    with django_assert_max_num_queries(5):
        assert sender.send(said, message_id="m-1").status_code == 200
