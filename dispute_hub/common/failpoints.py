"""Named places where a test has this process killed: what comes after them must not be needed.

Only the settings of tests name a file (`HUB_FAILPOINT_FILE`); elsewhere a point is one look at a setting.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

from django.conf import settings

POINTS: Final = (
    "intake.stored",
    "intake.committed",
    "outbox.claimed",
    "outbox.delivered",
    "platform.claimed",
    "platform.answered",
    "clocks.taken",
)


def reach(name: str) -> None:
    """End this process as a power cut would, if the file asks for this point.

    The file goes first, so that one request ends one process, whoever else comes by.
    """
    file = getattr(settings, "HUB_FAILPOINT_FILE", None)
    if not file:
        return
    try:
        if Path(file).read_text(encoding="ascii") != name:
            return
        Path(file).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
