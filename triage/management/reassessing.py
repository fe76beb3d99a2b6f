"""What a process of `manage.py reassess` does. Imports no models: it is loaded before Django is set up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.services import Reassessed

Batches = Iterator[list[int]]


def run(batches: Batches, *, jobs: int, dry_run: bool) -> Iterator[list[Reassessed]]:
    """Results batch by batch as they come; one process is this one, more are spawned.

    Left early (Ctrl-C), it waits for the batches under way and begins no other.
    """
    if jobs == 1:
        for batch in batches:
            yield work(batch, dry_run=dry_run)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_prepare)
    running: set[Future[list[Reassessed]]] = set()
    try:
        for batch in batches:
            running.add(pool.submit(work, batch, dry_run=dry_run))
            if len(running) >= 2 * jobs:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in running)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def work(batch: list[int], *, dry_run: bool) -> list[Reassessed]:
    """One batch of alerts, in the process at hand."""
    from dispute_hub.accounts.actor import SYSTEM
    from dispute_hub.common import time
    from dispute_hub.outbox import nudge
    from triage import services

    if dry_run:
        return services.try_reassessing(batch)
    with nudge.held():
        return services.reassess_many(batch, actor=SYSTEM, at=time.now())


def _prepare() -> None:
    """A process of its own: Ctrl-C is the parent's business, which lets this batch be finished."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import django

    django.setup()
