"""The table of what was measured, printed and kept in docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.db import connection

FILE = Path(__file__).resolve().parent.parent.parent / "docs" / "benchmarks.md"
Measured = dict[int, dict[str, Any]]


def table(measured: Measured) -> str:
    """Markdown: p50 and p95 at each size, bare SQL beside them, large by small."""
    sizes = list(measured)
    head = ["work"] + [f"{size:,} cases: p50 / p95 ms (bare SQL p50)" for size in sizes]
    rows = [[*head, "large ÷ small"], ["---"] + ["---:"] * (len(sizes) + 1)]
    for name in measured[sizes[0]]:
        rows.append([name, *(_cell(*measured[size][name]) for size in sizes), _ratio(measured, name)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(ours: Any, bare: Any) -> str:
    rate = f", {ours.a_second:.0f} a second" if ours.a_second else ""
    return f"{ours.p50:.1f} / {ours.p95:.1f} ({bare.p50:.2f}){rate}"


def _ratio(measured: Measured, name: str) -> str:
    small, large = (measured[size][name][0].p50 for size in (min(measured), max(measured)))
    return f"{large / small:.2f}" if len(measured) > 1 else "—"


def write(text: str, *, command: str) -> None:
    """Keep the table with the machine, the versions, the day and the command; the other sections stay."""
    first = (
        "# Benchmarks\n\n"
        "Written by `make bench`; every figure is of one run on one machine. p50 and p95 are milliseconds\n"
        "through HTTP (uvicorn, one process, loopback), after warm-up. The bare SQL reads (or inserts) the\n"
        "same rows in the same run, without rendering, rights, triage, clocks or events. Each size has a\n"
        "database of its own, loaded by `load_city` with cases spread over ten years; the larger city's\n"
        "station has ten times the cases, so its morning sheet shows that many more rows.\n\n"
        f"{_circumstances(command)}\n{text}\n"
    )
    _keep([first, *_sections()[1:]])


def write_triage(text: str, *, command: str) -> None:
    """Keep the table of triage."""
    words = (
        "Written by `python -m tests.bench triage`. The engine is measured in a fresh process on every\n"
        "third alert of the training corpus, in processor time, the best of three rounds; the word cutter\n"
        "(`rjieba`) cuts the same texts in the same process. The replay tries a version in which every red\n"
        "factor is orange on a city loaded by `load_city`, with one worker, while one client sends alerts\n"
        "through HTTP as fast as they are answered. One replay uses one core at most; a second worker would\n"
        "take the one that the intake lives on."
    )
    write_section("Triage", words, text, command=command)


def write_section(title: str, words: str, text: str, *, command: str) -> None:
    """Keep one subject's table under its heading, in its old place or last; what others wrote stays."""
    section = f"## {title}\n\n{words}\n\n{_circumstances(command)}\n{text}\n"
    parts = _sections()
    places = [place for place, part in enumerate(parts) if part.startswith(f"## {title}\n")]
    if places:
        parts[places[0]] = section
    else:
        parts.append(section)
    _keep(parts)


def _sections() -> list[str]:
    """What stands before the first heading of a subject, then each subject."""
    return re.split(r"(?m)^(?=## )", FILE.read_text(encoding="utf-8"))


def _keep(parts: list[str]) -> None:
    FILE.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def _circumstances(command: str) -> str:
    """The machine, the versions, the day, the command."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"- Machine: {os.cpu_count()} cores, {platform.machine()}, {_memory()}; "
        f"load average at the end {load}\n"
        f"- Versions: Python {platform.python_version()}, Django {django.get_version()}, "
        f"PostgreSQL {postgres}\n"
        f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"
        f"- Command: `{command}`\n"
    )


def _memory() -> str:
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return "memory unknown"
    return f"{pages * size / 2**30:.0f} GB memory"
