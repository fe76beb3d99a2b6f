"""The Celery application; `celery -A dispute_hub.celery worker|beat`."""

import os

from celery import Celery
from celery.signals import celeryd_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.production")

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
