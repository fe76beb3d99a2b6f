"""What the duty desk and the orchestrator learn about the running product, and what turns it red."""

from datetime import timedelta
from unittest import mock

import pytest
import redis
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from dispute_hub import health
from dispute_hub.outbox import services as outbox


def _see_all(at) -> None:
    for part in ("beat", *(f"queue:{queue}" for queue in settings.HUB_QUEUES)):
        outbox.beat(part, at=at)


def test_live_asks_nobody(client: Client) -> None:
    answer = client.get("/healthz/live")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.django_db
def test_deep_is_ok_when_every_part_was_seen(client: Client, clock) -> None:
    _see_all(clock.at)
    answer = client.get("/healthz/deep").json()
    assert answer["status"] == "ok", answer


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "status"), [(90, "ok"), (91, "down")])
@pytest.mark.parametrize("part", ["beat", "queue:default", "queue:deliver", "queue:heavy"])
def test_a_part_not_seen_for_ninety_seconds_is_red(
    client: Client, clock, monkeypatch: pytest.MonkeyPatch, part: str, seconds: int, status: str
) -> None:
    monkeypatch.setattr(health, "_started_at", clock.at - timedelta(hours=1))
    _see_all(clock.at)
    outbox.beat(part, at=clock.at - timedelta(seconds=seconds))
    answer = client.get("/healthz/deep")
    assert answer.json()["checks"][part]["status"] == status
    assert answer.status_code == (503 if status == "down" else 200)


@pytest.mark.django_db
def test_a_lost_broker_degrades_and_keeps_serving(client: Client) -> None:
    with mock.patch.object(redis.Redis, "ping", side_effect=redis.ConnectionError):
        answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


def test_a_lost_database_is_down(client: Client) -> None:
    with mock.patch("dispute_hub.health.connection.cursor", side_effect=OperationalError("gone")):
        answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    assert "gone" not in answer.content.decode()


@pytest.mark.django_db
def test_a_nearly_full_disk_warns(client: Client) -> None:
    with mock.patch("dispute_hub.health.shutil.disk_usage") as usage:
        usage.return_value.free = 1024**3 - 1
        assert client.get("/healthz/deep").json()["checks"]["disk"]["status"] == "degraded"
