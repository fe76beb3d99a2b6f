"""A worker that stops in the middle of a delivery: `python -m tests.journeys.stalling_worker before FILE`.

It takes rows as the real one does, then stands still before (or just after) the inbox entry is written and
makes FILE to say so; the test kills it there. Only a process of its own can be killed with -9.
"""

import sys
import time
from pathlib import Path
from typing import Any

import django

from dispute_hub.celery import app


def main(moment: str, mark: Path) -> None:
    django.setup()
    from dispute_hub.outbox import services

    deliver = services.deliver_notice

    def stall(row: Any, *, at: Any) -> None:
        if moment == "after":
            deliver(row, at=at)
        mark.write_text(str(row.pk))
        time.sleep(600)

    services.deliver_notice = stall  # type: ignore[assignment]
    app.worker_main(["worker", "-P", "solo", "-Q", "deliver", "-l", "warning", "--without-gossip"])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
