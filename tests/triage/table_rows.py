"""Rows of the tables beside these tests."""

from pathlib import Path

TABLES = Path(__file__).parent / "tables"


def rows(name: str) -> list[list[str]]:
    """Rows of a table as lists of cells; comment lines and empty lines left out."""
    lines = (TABLES / name).read_text(encoding="utf-8").splitlines()
    return [line.split("|") for line in lines if line.strip() and not line.startswith("#")]
