"""Rows of a sweep, each on its own: one that fails keeps no other waiting (reliability R11)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

log = logging.getLogger("hub.sweep")
Row = TypeVar("Row")


def each_alone(rows: Iterable[Row], act: Callable[[Row], int], *, named: Callable[[Row], str] = str) -> int:
    """Do `act` to every row and return the sum of what it answers (a number, or whether it acted).

    `act` has a transaction of its own. What fails unexpectedly is logged by the name `named` gives, which
    must tell nothing of a person, and left to the next sweep. A database that is gone or ended us (a
    deadlock) is no fault of the row: OperationalError and InterfaceError end the sweep.
    """
    done = 0
    for row in rows:
        try:
            done += act(row)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a row failed in a sweep", extra={"act": act_name(act), "row": named(row)})
    return done


def act_name(act: Callable[..., object]) -> str:
    """Where the act is written, through whatever `partial` wrapped it in."""
    inner = getattr(act, "func", act)
    return f"{inner.__module__}.{inner.__qualname__}"
