"""The demo city's grid platform: set up, confirmed and paused; nothing leaves until somebody resumes it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dispute_hub.accounts.models import Post, Role, Unit
from dispute_hub.demo.units import COUNTY
from dispute_hub.outbox.management.commands.grid_platform_simulator import DEMO_SECRET
from dispute_hub.outbox.models import Connector
from dispute_hub.outbox.topics import FOR_PLATFORMS

CODE: Final = "grid"
ADDRESS: Final = "http://127.0.0.1:8090/orders"


def build_platform(units: dict[str, Unit], posts: dict[str, Post], *, at: datetime) -> Connector:
    """The connector to `grid_platform_simulator` on its usual port. Safe to run again."""
    county = units[COUNTY]
    writer = _holder(posts, Role.SYSTEM_ADMIN)
    reader = _holder(posts, Role.BUREAU)
    connector, _ = Connector.objects.get_or_create(
        code=CODE,
        defaults={
            "name": "基层治理四平台（模拟）", "kind": Connector.Kind.WEBHOOK, "unit": county, "url": ADDRESS,
            "query_url": ADDRESS, "topics": list(FOR_PLATFORMS), "allowed": ["127.0.0.1:8090:127.0.0.0/8"],
            "secret": DEMO_SECRET, "is_paused": True, "changed_by": writer.user, "changed_at": at,
            "approved_by": reader.user, "approved_at": at,
        },
    )  # fmt: skip
    return connector


def _holder(posts: dict[str, Post], role: Role) -> Post:
    return next(post for post in posts.values() if post.role == role)
