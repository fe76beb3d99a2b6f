"""The Celery application; `celery -A dispute_hub.celery worker|beat`."""

import os
from typing import Any, Final

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_ready
from django.conf import settings

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
    # So that a fresh start is green before beat's first round. Never beat's own sign of life: workers that
    # start again and again must not make a dead beat look alive.
    for queue in settings.HUB_QUEUES:
        app.send_task("dispute_hub.tasks.canary", args=(queue,), queue=queue, expires=60)


@beat_init.connect
def _first_sign_of_beat(**_: object) -> None:
    # A system that stood still for days must not be told at once that beat is dead.
    app.send_task("dispute_hub.tasks.send_canaries")


@worker_ready.connect
def _watch_beat(sender: Any = None, **_: object) -> None:
    # The second trigger of every sweep: each worker asks, whoever answers acts only while beat is silent.
    wanted = {"args": ("dispute_hub.tasks.stand_in",), "kwargs": {"expires": STAND_IN_EVERY}}
    sender.timer.call_repeatedly(STAND_IN_EVERY, app.send_task, **wanted)
