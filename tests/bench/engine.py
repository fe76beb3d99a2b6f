"""What the engine alone costs: run in a process of its own, prints one JSON object. No framework."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

import psutil

CORPUS = Path(__file__).resolve().parent.parent.parent / "triage" / "corpus"
AT = datetime(2026, 3, 4, 1, tzinfo=UTC)
ROUNDS = 3


def main() -> None:
    """Import and load, memory, assessments a second beside the word cutter on the same texts."""
    began = perf_counter()
    from triage import engine

    rules = engine.load_rules()
    engine.load_taxonomy()
    loaded_within = perf_counter() - began
    reports = [engine.Report(narrative=text, received_at=AT) for text in narratives()]
    engine.assess(reports[0], rules)
    loaded = psutil.Process().memory_info().rss
    seconds = min(_spent(lambda: [engine.assess(report, rules) for report in reports]) for _ in range(ROUNDS))
    after = psutil.Process().memory_info().rss
    import rjieba

    rjieba.cut(reports[0].narrative)
    cutting = min(_spent(lambda: [rjieba.cut(report.narrative) for report in reports]) for _ in range(ROUNDS))
    found = {
        "alerts": len(reports),
        "characters": sum(len(report.narrative) for report in reports) / len(reports),
        "import_seconds": loaded_within,
        "loaded_mb": loaded / 2**20,
        "after_mb": after / 2**20,
        "a_second": len(reports) / seconds,
        "cut_a_second": len(reports) / cutting,
        "times_cutting": seconds / cutting,
    }
    sys.stdout.write(json.dumps(found))


def narratives() -> list[str]:
    """Every third alert of the training corpus: all items, in the voices of those who write them down."""
    lines = [
        line
        for file in sorted(CORPUS.glob("*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.count("|") >= 3 and not line.startswith("#")
    ]
    return [line.split("|")[3] for line in lines[::3]]


def _spent(work: object) -> float:
    """Seconds of processor time: neighbours on the machine cost no assessments."""
    began = process_time()
    work()  # type: ignore[operator]
    return process_time() - began


if __name__ == "__main__":
    main()
