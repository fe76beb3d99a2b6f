"""Timings of one thing done again and again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

WARM_UPS = 4


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one repeated work; `a_second` for several clients at once."""

    p50: float
    p95: float
    a_second: float = 0.0


def timed(work: Callable[[], object], *, repeat: int) -> Timing:
    """p50 and p95 of `repeat` runs after a few that only warm caches and plans."""
    for _ in range(WARM_UPS):
        work()
    return timing([_once(work) for _ in range(repeat)])


def timed_together(works: list[Callable[[], object]], *, each: int) -> Timing:
    """Several clients at once, each its own work `each` times; with the throughput of all."""
    for work in works:
        work()
    began = time.perf_counter()
    with ThreadPoolExecutor(len(works)) as pool:
        runs = pool.map(lambda work: [_once(work) for _ in range(each)], works)
        spans = [span for run in runs for span in run]
    whole = time.perf_counter() - began
    found = timing(spans)
    return Timing(found.p50, found.p95, len(spans) / whole)


def timed_while(
    work: Callable[[], object], lasts: Callable[[], bool], *, settled_after: float
) -> tuple[Timing, int, float]:
    """The work again and again while something else lasts: its timing, how often, seconds of the whole.

    What was done in the first `settled_after` seconds is not counted, unless that was all.
    """
    began = time.perf_counter()
    spans: list[tuple[float, float]] = []
    while lasts():
        spans.append((time.perf_counter() - began, _once(work)))
    whole = time.perf_counter() - began
    settled = [span for at, span in spans if at >= settled_after]
    return timing(settled or [span for _, span in spans]), len(spans), whole


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def timing(spans: list[float]) -> Timing:
    ordered = sorted(spans)
    return Timing(statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])
