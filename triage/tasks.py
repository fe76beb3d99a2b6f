"""Doors for the worker and beat: a replay goes on slice by slice."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.common import time
from triage import selectors, services


@shared_task(name="triage.tasks.replay_slice")
def replay_slice(replay_id: int) -> None:
    """Try the next alerts of a replay, then stand in line again: imports get their turn between."""
    if services.run_slice(replay_id, at=time.now()):
        replay_slice.delay(replay_id)


@shared_task(name="triage.tasks.revive_replays")
def revive_replays() -> None:
    """Go on with replays whose worker was lost; a request that stands too long lapses before the next."""
    for replay_id in selectors.silent_replays(time.now()):
        replay_slice.apply_async(args=(replay_id,), expires=60)
