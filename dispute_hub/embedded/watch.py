"""Which moving parts have not been seen for too long; the supervisor asks."""

from datetime import timedelta

from django.db import DatabaseError, connections

from dispute_hub.common import time
from dispute_hub.outbox import selectors


def silent_parts(seconds: float) -> set[str]:
    """Names of parts last seen longer ago; nothing while the database cannot be asked."""
    try:
        at = time.now()
        return {
            part for part, seen in selectors.heartbeats().items() if at - seen > timedelta(seconds=seconds)
        }
    except DatabaseError:
        return set()
    finally:
        connections.close_all()
