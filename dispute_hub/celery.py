"""The Celery application and the tasks that watch it."""

import os
from datetime import timedelta

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.production")

app = Celery("dispute_hub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(name="dispute_hub.celery.send_canaries")
def send_canaries() -> None:
    """Put one canary through each queue; an age over 120 s means a worker no longer consumes (M7)."""
    from django.conf import settings

    for queue in settings.HUB_QUEUES:
        canary.apply_async(args=[queue], queue=queue, expires=timedelta(seconds=60).total_seconds())


@app.task(name="dispute_hub.celery.canary")
def canary(queue: str) -> None:
    from dispute_hub.common import time
    from dispute_hub.health import mark_canary

    mark_canary(queue, at=time.now())


@app.task(name="dispute_hub.celery.clear_sessions")
def clear_sessions() -> None:
    from django.core.management import call_command

    call_command("clearsessions")


@worker_ready.connect
def _first_canaries(**_: object) -> None:
    send_canaries.apply_async()
