"""`make reliability`: every promise at the strength of a profile, and the table of what was measured.

`python -m tests.reliability --profile release --seed 7 -k R7`: a longer run, another schedule, a part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.reliability import profile

FOLDER: Final = Path(__file__).resolve().parent
DOCUMENT: Final = FOLDER.parent.parent / "docs" / "reliability.md"
MARK: Final = "## Last figures\n"
# Real processes that are killed and timed have the machine to themselves; all others share its cores.
ALONE: Final = ("test_no_loss.py", "test_broker.py", "test_poison.py", "test_time.py")
HEAD: Final = ("promise", "what", "measured", "promised")


def main() -> None:
    options = _options()
    os.environ["HUB_RELIABILITY"] = options.profile
    os.environ["HUB_SEED"] = str(options.seed)
    sys.stdout.write(f"profile {options.profile}, seed {options.seed}\n")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.jsonl"
        os.environ["HUB_RELIABILITY_FIGURES"] = str(figures)
        status = _run(options)
        rows = list(_rows(figures))
    table = "\n".join(f"| {' | '.join(row)} |" for row in [HEAD, ("---",) * 4, *rows])
    took = time.monotonic() - began
    said = f"profile {options.profile}, seed {options.seed}, {took / 60:.1f} minutes, " + (
        "every promise held" if status == 0 else "PROMISES BROKEN, see above"
    )
    sys.stdout.write(f"\n{table}\n\n{said}\n")
    if options.write and status == 0:
        _keep(table, said)
    sys.exit(status)


def _run(options: argparse.Namespace) -> int:
    import pytest

    common = ["-q", "-m", "", "-p", "no:cacheprovider", *(["-k", options.only] if options.only else [])]
    alone = [str(FOLDER / name) for name in ALONE]
    others = [str(file) for file in sorted(FOLDER.glob("test_*.py")) if file.name not in ALONE]
    cores = ["-n", "2", "--dist", "loadscope"]
    ended = {_ended([*alone, "-n0", *common]), _ended([*others, *cores, *common])}
    nothing = {int(pytest.ExitCode.NO_TESTS_COLLECTED)}
    return max(ended - nothing) if ended != nothing else nothing.pop()


def _ended(arguments: list[str]) -> int:
    """The exit status of one run in a process of its own: two runs would share what the first imported."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def _rows(figures: Path) -> Iterator[tuple[str, ...]]:
    if not figures.exists():
        return
    lines = [json.loads(line) for line in figures.read_text(encoding="utf-8").splitlines()]
    for line in sorted(lines, key=lambda line: (line["promise"][0], int(line["promise"][1:]))):
        yield tuple(line[name].replace("|", "/") for name in HEAD)


def _keep(table: str, said: str) -> None:
    before, _, _ = DOCUMENT.read_text(encoding="utf-8").partition(MARK)
    cores, load = os.cpu_count(), ", ".join(f"{value:.1f}" for value in os.getloadavg())
    day = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    DOCUMENT.write_text(
        f"{before}{MARK}\nWritten by `make reliability` on {day}: {said}; {cores} cores, load {load}.\n"
        f"\n{table}\n",
        encoding="utf-8",
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--profile", choices=[*profile.PROFILES], default="ci")
    parser.add_argument("--seed", type=int, default=profile.seed())
    parser.add_argument("-k", dest="only", default="", help="only tests whose names match")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/reliability.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
