"""What no accident may undo: a 2xx means kept, once, and delivered once; a fault costs help, never an alert.

Every test names its sabotage: what to take out of the product to see it go red.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common import time
from dispute_hub.outbox import tasks as outbox_tasks
from dispute_hub.outbox.models import Notice, OutboxRow
from intake import signatures
from intake.models import Alert, Quarantine
from routing.models import Push
from tests.browsers import serve
from tests.cast import Cast, build_cast
from tests.databases import Database
from tests.intake.conftest import SECRET, body, make_source
from tests.journeys.processes import CELERY, WORKER, OwnValkey, child, kill, wait_for
from tests.journeys.story import Town, person
from triage import services as triage

QUARREL = "两人因晒谷场地界争吵，情绪平稳，请民警到场调解。"


@pytest.fixture
def city(committing_db: Database) -> Cast:
    """象珠 committed, with its rules and its machine source."""
    cast = build_cast()
    triage.load_reference(at=time.now())
    make_source(cast.units.reception, cast.units.bureau)
    return cast


def alert_said(number: int = 1) -> dict[str, Any]:
    caller = person("章建平", f"1390579{9000 + number}")
    return body(
        alert_no=f"33078420261121{uuid.uuid4().hex[:8]}", narrative=QUARREL, reporter=caller,
        parties=[caller], address=f"象珠镇象珠一村{number}号",
    )  # fmt: skip


def send(url: str, said: dict[str, Any], message_id: str) -> httpx.Response:
    """One delivery of the 110 system over the wire."""
    raw = json.dumps(said, ensure_ascii=False).encode()
    stamp = int(time.now().timestamp())
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signatures.sign(SECRET, message_id=message_id, timestamp=stamp, raw=raw),
        "content-type": "application/json",
    }
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(f"{url}/api/v1/sources/110/alerts/", content=raw, headers=headers)


@pytest.mark.slow
def test_the_same_alert_again_and_again_is_one_case_with_one_answer(
    city: Cast, committing_db: Database, tmp_path: Path
) -> None:
    """Ten times, fifty at once, and after a kill -9 of the web process.

    Sabotage: claim the inbox row in `intake.services._inbox._claim` without `ignore_conflicts`: the second
    delivery is a 500. Leaving out the look at the stored answer alone is caught by alert number and version.
    """
    environment, log = committing_db.environment, tmp_path / "web.log"
    one, many = alert_said(1), alert_said(2)
    with serve(environment, log=log) as web:
        ten = [send(web.url, one, "m-ten") for _ in range(10)]
        with ThreadPoolExecutor(50) as senders:
            fifty = list(senders.map(lambda _: send(web.url, many, "m-fifty"), range(50)))
        os.kill(web.process.pid, signal.SIGKILL)
    with serve(environment, log=log) as web:
        ten.append(send(web.url, one, "m-ten"))
        fifty.append(send(web.url, many, "m-fifty"))
    for answers in (ten, fifty):
        assert sorted(answer.status_code for answer in answers) == [200] * (len(answers) - 1) + [201]
        assert len({answer.content for answer in answers}) == 1
    assert (Alert.objects.count(), Case.objects.count()) == (2, 2)
    assert Push.objects.filter(tier=1).count() == 2
    assert CaseEvent.objects.filter(kind="alert.received").count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_in_the_delivery_leaves_one_notice(
    city: Cast, committing_db: Database, clock_file: Path, tmp_path: Path, moment: str
) -> None:
    """The alert is committed, its worker dies with -9 before or just after it wrote the inbox entry.

    Sabotage: mark rows as sent when they are claimed (before: the notice never comes), or write notices
    without their unique message id (after: it comes twice).
    """
    environment = {**committing_db.environment, "HUB_CLOCK_FILE": str(clock_file)}
    mark, log = tmp_path / "stalled", tmp_path / "processes.log"
    stalling = [sys.executable, "-m", "tests.journeys.stalling_worker", moment, str(mark)]
    with serve(environment, log=log) as web, child(stalling, environment, log=log) as doomed:
        assert send(web.url, alert_said(), "m-1").status_code == 201
        wait_for(mark.exists, seconds=40, told="no nudge reached the worker")
        kill(doomed)
        assert OutboxRow.objects.filter(state=OutboxRow.State.LEASED).exists(), "it died holding a lease"

        clock_file.write_text("+90")  # the lease is over
        with child(WORKER, environment, log=log), child(beat(tmp_path), environment, log=log):
            wait_for(all_sent, seconds=60, told="the sweep did not deliver what the dead worker held")
    assert Notice.objects.filter(kind="push.issued").count() == 1


def beat(tmp_path: Path) -> list[str]:
    return [*CELERY, "beat", "-l", "warning", "-s", str(tmp_path / "schedule"), "--pidfile="]


def all_sent() -> bool:
    rows = OutboxRow.objects.all()
    return rows.exists() and not rows.exclude(state=OutboxRow.State.SENT).exists()


@contextmanager
def without(valkey: OwnValkey, accident: str) -> Iterator[None]:
    """Valkey killed, or standing still, within the block; back again after it."""
    (valkey.kill if accident == "killed" else valkey.freeze)()
    yield
    (valkey.start if accident == "killed" else valkey.thaw)()


@pytest.mark.slow
@pytest.mark.parametrize("accident", ["killed", "frozen"])
def test_a_minute_without_valkey_costs_no_alert(
    city: Cast, committing_db: Database, clock_file: Path, tmp_path: Path, accident: str
) -> None:
    """Intake goes on answering 201; what was not nudged is swept when Valkey is back.

    Sabotage: let `outbox.nudge` raise (alerts are answered 500 or set aside), or take `outbox.sweep` out of
    beat's schedule (the pushes of that minute are never told).
    """
    valkey, log = OwnValkey(tmp_path / "valkey.log"), tmp_path / "processes.log"
    own = {"REDIS_URL": valkey.url, "HUB_CLOCK_FILE": str(clock_file)}
    environment = {**committing_db.environment, **own}
    valkey.start()
    try:
        with (
            serve(environment, log=log) as web,
            child(WORKER, environment, log=log),
            child(beat(tmp_path), environment, log=log),
        ):
            assert send(web.url, alert_said(0), "m-0").status_code == 201
            wait_for(lambda: Notice.objects.exists(), seconds=40, told="no push was told to begin with")
            with without(valkey, accident):
                answers = [send(web.url, alert_said(n), f"m-{n}") for n in range(1, 6)]
                clock_file.write_text("+60")
            assert [answer.status_code for answer in answers] == [201] * 5
            assert max(answer.elapsed.total_seconds() for answer in answers) < 5
            wait_for(all_sent, seconds=90, told="what was not nudged was not swept")
    finally:
        valkey.kill()
    assert Alert.objects.count() == Case.objects.count() == 6
    assert not Quarantine.objects.exists()
    assert Notice.objects.filter(kind="push.issued").count() == 6


def test_an_engine_that_fails_leaves_the_alert_at_orange_on_the_stations_list(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules break: orange with `assessment_failed`, pushed, alarmed, and assessed again once mended.

    Sabotage: take `triage.services.assess` out of `lifecycle.GUARDED`: the alert is not stored as a case.
    """

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a defect of the rules")

    town.it_is("2026-03-04 10:00")
    with monkeypatch.context() as defect:
        defect.setattr("triage.engine.assess", broken)
        alert = town.call_110(QUARREL, caller=person("章建平", "13905799001"))
    assert (alert.status, alert.reply["colour"]) == ("scene", "orange")
    assert alert.factors == {"assessment_failed"}
    assert alert.reply["push"]["sign_due_at"], "pushed like any other orange one"
    assert alert.reply["alert_no"] in town.page("officer", "/pushes/")
    assert "自动流转出错" in town.notices("station_command")
    assert alert.task("station_command", "push_first.sign")["colour"] == "orange"

    town.clock.advance(minutes=1)
    outbox_tasks.sweep()
    assert "case.assessed" in alert.timeline()
    assert alert.case.item_code, "assessed by the retry"
    assert alert.colour == "orange", "lowered by a person only"
