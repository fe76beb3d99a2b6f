"""Who does something: a person at a post, a machine source, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dispute_hub.accounts.models import Post, Unit, User


@dataclass(frozen=True, slots=True)
class PostActor:
    """A person acting at one post; rights are those of this post only."""

    user: User
    post: Post

    @property
    def role(self) -> str:
        return self.post.role

    @property
    def role_name(self) -> str:
        return self.post.get_role_display()

    @property
    def unit(self) -> Unit:
        return self.post.unit

    @property
    def label(self) -> str:
        """As printed in the timeline, for instance "象珠派出所 责任民警 张三"."""
        return f"{self.post.unit} {self.role_name} {self.user.full_name}"


@dataclass(frozen=True, slots=True)
class SourceActor:
    """A machine that sends alerts; `unit_id` is the reception centre it speaks for."""

    code: str
    unit_id: int | None

    @property
    def label(self) -> str:
        return f"来源 {self.code}"


@dataclass(frozen=True, slots=True)
class PlatformActor:
    """A platform that works on orders for the unit they were sent to, `unit_id`."""

    code: str
    name: str
    unit_id: int | None

    @property
    def label(self) -> str:
        return f"基层治理平台（{self.name}）"


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The product itself: followers of events and sweeps."""

    @property
    def label(self) -> str:
        return "系统"


SYSTEM: Final = SystemActor()
Actor = PostActor | SourceActor | PlatformActor | SystemActor


def user_id_of(actor: Actor) -> int | None:
    """The person's id for a foreign key, or None for machines and the system."""
    return actor.user.pk if isinstance(actor, PostActor) else None


def post_id_of(actor: Actor) -> int | None:
    """The post's id for a foreign key, or None for machines and the system."""
    return actor.post.pk if isinstance(actor, PostActor) else None


def unit_id_of(actor: Actor) -> int | None:
    """The unit somebody acts for: a person that of the post, a machine the one it speaks for."""
    if isinstance(actor, PostActor):
        return actor.post.unit_id
    return None if isinstance(actor, SystemActor) else actor.unit_id
