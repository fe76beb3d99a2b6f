"""A worker on one replay, as a process of its own: `python -m tests.bench.replaying ID`; ends with it."""

from __future__ import annotations

import os
import sys

import django


def main(replay_id: int) -> None:
    """Slice by slice, as the queue hands them to a worker."""
    os.nice(10)  # as the worker of the heavy queue
    django.setup()
    from dispute_hub.common import time
    from triage import services

    while services.run_slice(replay_id, at=time.now()):
        pass


if __name__ == "__main__":
    main(int(sys.argv[1]))
