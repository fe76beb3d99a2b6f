"""The small machine under every object with a status: a table, and a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set

from dispute_hub.common.errors import Conflict


class Transitions(dict[str, frozenset[str]]):
    """`{from: {to, …}}`. A status without an entry is final."""

    def __init__(self, table: Mapping[str, Set[str]]) -> None:
        super().__init__({str(start): frozenset(map(str, ends)) for start, ends in table.items()})

    def allows(self, start: str, to: str) -> bool:
        """True if the table has the change."""
        return to in self.get(start, frozenset())

    def check(self, start: str, to: str, *, noun: str, name_of: Callable[[str], str]) -> None:
        """Raise Conflict in words a person understands unless the table has the change."""
        if not self.allows(start, to):
            raise Conflict(
                f"{noun}当前为“{name_of(start)}”，不能改为“{name_of(to)}”。请刷新后按当前状态办理。",
                code="illegal_transition",
            )
