"""R10: every task may run again and beside itself; what it does, it does once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery.app.task import Task
from django.db import connection, transaction

from dispute_hub.celery import app
from dispute_hub.outbox import egress, nudge
from tests.reliability.chores import CHORES, TURNS, WITHOUT_ROWS, Town

# Alive signs and sessions of the test's own browser are no effect.
IGNORED = {"outbox_heartbeat", "django_session", "django_migrations"}
app.loader.import_default_modules()
OWN = sorted(name for name in app.tasks if not name.startswith("celery."))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """Nothing goes to the broker, files go to the test's folder, the platform takes what it is sent."""
    settings.HUB_DATA_DIR = tmp_path
    monkeypatch.setattr(nudge, "_send", lambda *args, **said: None)
    monkeypatch.setattr(Task, "apply_async", lambda *args, **said: None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The message ids the platform was sent, in order."""
    seen: list[str] = []

    def ask(method: str, url: str, *, headers: dict[str, str], content: bytes, allowed: Any) -> Any:
        seen.append(headers["webhook-id"])
        body = f'{{"code":0,"id":"{headers["webhook-id"]}"}}'.encode()
        return egress.Answer(200, "application/json", "", body)

    monkeypatch.setattr(egress, "ask", ask)
    return seen


def content() -> dict[str, tuple[int, str]]:
    """Of every table: how many rows, and a digest of all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        names = [name for (name,) in cursor.fetchall() if name not in IGNORED]
        found = {}
        for name in names:
            # Figures that are counted anew are written anew: a row's number is no content.
            cursor.execute(f"""SELECT (to_jsonb(t) - 'id')::text FROM "{name}" t ORDER BY 1""")
            rows = [row for (row,) in cursor.fetchall()]
            found[name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def numbers(found: dict[str, tuple[int, str]]) -> dict[str, int]:
    return {name: count for name, (count, _) in found.items()}


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one if one[name] != other.get(name)]


def test_every_task_has_its_chore() -> None:
    assert [name for name in OWN if name not in CHORES] == [], "a new task needs an entry in chores.py"
    assert [name for name in CHORES if name not in OWN] == []


@pytest.mark.parametrize("name", sorted(CHORES))
def test_three_times_in_a_row_is_once(cast, clock, asked, name: str) -> None:
    args = CHORES[name](Town(cast, clock))
    before = content()
    for _ in range(TURNS.get(name, 1)):
        app.tasks[name](*args)
    once, sent = content(), list(asked)
    if name not in WITHOUT_ROWS and not name.endswith(("canary", "canaries", "clear_sessions")):
        assert differing(before, once) != [], "the chore left nothing to do"
    for _ in range(2):
        app.tasks[name](*args)
    assert differing(once, content()) == []
    assert asked == sent
    assert len(sent) == len(set(sent))


@pytest.mark.reliability
@pytest.mark.parametrize("name", sorted(CHORES))
def test_twice_at_once_is_once(committed_cast, clock, asked, figure, name: str) -> None:
    args = CHORES[name](Town(committed_cast, clock))
    expected = _tried_alone(app.tasks[name], args)
    asked.clear()
    together(lambda: app.tasks[name](*args), times=2)
    app.tasks[name](*args)  # whatever one of them left to the other is done by now
    assert differing(expected, numbers(content())) == []
    assert len(asked) == len(set(asked))
    figure("R10", f"{name}: 3 × in a row, 2 × at once", "one effect", "one effect")


def _tried_alone(task: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, int]:
    """How many rows each table has when the task runs by itself; nothing of it stays."""
    with transaction.atomic():
        for _ in range(3):
            task(*args)
        found = numbers(content())
        transaction.set_rollback(True)
    return found


def together(act: Callable[[], Any], *, times: int) -> None:
    """Run one act in so many threads at one moment; the first error is raised."""
    gate, errors = threading.Barrier(times), []

    def run() -> None:
        gate.wait()
        try:
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.mark.sabotage
def test_r10_turns_red(cast, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that forgets which rung it took tells everybody again."""
    from dispute_hub.cases.models import Deadline

    CHORES["dispute_hub.cases.tasks.sweep_deadlines"](Town(cast, clock))
    task = app.tasks["dispute_hub.cases.tasks.sweep_deadlines"]
    task()
    once = content()
    Deadline.objects.update(step=0, next_step_at=clock.at - timedelta(minutes=1))
    task()
    assert "cases_caseevent" in differing(once, content())
