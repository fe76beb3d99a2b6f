"""Who may listen: asked when a stream opens and, for all of a process at once, every few seconds.

Two queries however many streams there are; a stream itself never touches the database (reliability B3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.contrib.sessions.models import Session
from django.db import close_old_connections

from dispute_hub.accounts import selectors
from dispute_hub.accounts.middleware import POST_KEY, actor_of
from dispute_hub.common import time
from dispute_hub.streams.fanout import Holder

Answer = TypeVar("Answer")
# One thread, so one connection a process, whatever the number of streams.
_desk: Final = ThreadPoolExecutor(1, thread_name_prefix="stream-rights")


def holder_of(session_key: str) -> Holder | None:
    """Whose log-in this is, None when it is nobody's (any more)."""
    return holders_of([session_key]).get(session_key)


def holders_of(session_keys: Collection[str]) -> dict[str, Holder]:
    """The holders of the sessions that still stand, by session key."""
    at = time.now()
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=at)
    sessions = {row.session_key: row.get_decoded() for row in rows}
    wanted = {said.get(POST_KEY) for said in sessions.values()}
    posts = selectors.live_posts(at).in_bulk([pk for pk in wanted if pk is not None])
    found = {}
    for key, said in sessions.items():
        actor = actor_of(said, posts.get(said.get(POST_KEY)), at=at)
        if actor is not None:
            post = actor.post
            found[key] = Holder(key, post.user_id, post.pk, post.unit_id, post.role)
    return found


async def ask(question: Callable[[], Answer]) -> Answer:
    """Have a question put to the database without keeping the event loop waiting."""
    return await asyncio.get_running_loop().run_in_executor(_desk, _put, question)


def _put(question: Callable[[], Answer]) -> Answer:
    close_old_connections()
    return question()
