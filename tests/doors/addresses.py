"""Every address of the product as its door declares it: whose act it is, by which method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Door:
    """One address. `acts` by method; an act of None is a method that nobody declared."""

    route: str
    name: str
    is_api: bool
    acts: dict[str, str | None]

    def __str__(self) -> str:
        return f"/{self.route} ({self.name})"


def doors() -> list[Door]:
    """All of them, in the order of the URL conf."""
    return [_read(route, pattern) for route, pattern in _walk(get_resolver().url_patterns, "")]


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def _read(route: str, pattern: URLPattern) -> Door:
    view: Any = pattern.callback
    asked = getattr(view, "cls", None)
    if asked is None:
        act, methods = getattr(view, "act", None), getattr(view, "methods", ("GET",))
        return Door(route, pattern.name or "", False, dict.fromkeys(methods, act))
    acts: dict[str, str] = getattr(asked, "acts", {})
    methods = [method for method in ASKED if hasattr(asked, method.lower())]
    declared = {method: acts.get(method, getattr(asked, "act", "")) or None for method in methods}
    return Door(route, pattern.name or "", True, declared)
