"""The Celery application; `celery -A dispute_hub.celery worker|beat`."""

import os
from typing import Any, Final

from celery import Celery
from celery.signals import celeryd_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.production")

STAND_IN_EVERY: Final = 30.0

app = Celery("dispute_hub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["dispute_hub"])


@celeryd_init.connect
def _give_way(sender: str = "", **_: object) -> None:
    """Imports and replays take what intake and pages leave of the processors (reliability, 5.2)."""
    if sender.startswith("heavy@"):
        os.nice(10)


@worker_ready.connect
def _first_canaries(**_: object) -> None:
    # So that a fresh start is green before beat's first round.
    app.send_task("dispute_hub.tasks.send_canaries")


@worker_ready.connect
def _watch_beat(sender: Any = None, **_: object) -> None:
    # The second trigger of every sweep: each worker asks, whoever answers acts only while beat is silent.
    wanted = {"args": ("dispute_hub.tasks.stand_in",), "kwargs": {"expires": STAND_IN_EVERY}}
    sender.timer.call_repeatedly(STAND_IN_EVERY, app.send_task, **wanted)
