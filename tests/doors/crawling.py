"""Every page as the people who may open it get it, fetched once a module."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

from django.urls import reverse

from tests.doors.addresses import doors
from tests.doors.reach import QUERIES, arguments, object_of
from tests.doors.test_matrix import expected
from tests.doors.world import World

# Between them they open every page there is.
READERS = (
    "dispatcher", "duty_commander", "officer", "community_officer", "station_command", "station_chief",
    "bureau", "political_legal", "centre", "department", "grid_worker", "mediator", "leader",
    "security_admin", "auditor", "system_admin",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One answer. `thing` is the object behind the address, "" for a list or a page of one's own."""

    name: str
    who: str
    thing: str
    is_api: bool
    headers: dict[str, str]
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} as {self.who}"

    @property
    def is_html(self) -> bool:
        return self.kind == "text/html"


def crawl(world: World) -> list[Page]:
    """Each page for each reader that has the right and the reach; binary papers without their text."""
    found = []
    for who in READERS:
        browser, caller = (make(getattr(world.cast, who)) for make in (world.cast.client, world.cast.api))
        for door in doors():
            if "GET" not in door.acts or "public" in door.acts.values():
                continue
            if expected(door, who, "GET") != "opens":
                continue
            url = reverse(door.name, kwargs=arguments(door, world)) + QUERIES.get(door.name, "")
            answer = (caller if door.is_api else browser).get(url)
            kind = answer.headers.get("Content-Type", "").partition(";")[0]
            is_text = kind.startswith("text/") or kind == "application/json"
            body = answer.content.decode() if is_text and not answer.streaming else ""
            headers = dict(answer.headers)
            found.append(Page(door.name, who, object_of(door), door.is_api, headers, kind, body))
    return found


class Markup(HTMLParser):
    """What a browser makes of a page: elements with attributes, and the text of each with its element."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr", "col"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.inside[-1] if self.inside else "", data.strip()))
