"""Who tracks a case: found by grid → police area → post → B岗 (handbook 4), and what changes with him."""

from __future__ import annotations

from datetime import datetime

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines, grants
from dispute_hub.cases.models import Case, Status
from routing.models import Push
from routing.selectors._approvers import stays_away
from routing.services import _machine as machine
from routing.services._holding import hold
from routing.services._machine import grant_reason


def responsible_officer(case: Case, *, at: datetime) -> Post | None:
    """The responsible officer who is there now, or his B岗; None when nobody is."""
    area = people.area_of_grid(case.grid_id) if case.grid_id else None
    area_id = area.pk if area else case.area_id
    posts = people.responsible_officers(area_id, at) if area_id else []
    away = stays_away(case.pk) if posts else set()
    return next((post for post in posts if post.user_id not in away), None)


def name_addressee(case: Case, push: Push, post: Post | None) -> None:
    """Write the addressee of a push 2 into it; the station's pool while there is nobody."""
    push.addressee_unit_id = post.unit_id if post else case.station_id or case.bureau_id
    push.addressee_role = post.role if post else Role.STATION_COMMAND
    push.addressee_post = post
    push.addressee_posts = [post.pk] if post else []


def readdress_second(case: Case, push: Push, post: Post | None, *, at: datetime) -> None:
    """Give a push 2 to somebody else, with the clocks that were his, the sight of the case and its holder.

    A signature the duty leader owes and the papers the command room prepares stay with them.
    """
    former_id, former = push.addressee_post_id, machine.holder_of(push)
    name_addressee(case, push, post)
    push.save(update_fields=["addressee_post", "addressee_posts", "addressee_unit", "addressee_role"])
    holder = machine.holder_of(push)
    deadlines.hand_over(push, holder=holder, kinds=("push_second.contact", "push_second.take_over"))
    deadlines.hand_over(push, holder=holder, kinds=("push_second.sign",), held_by=former)
    if former_id and former_id != push.addressee_post_id:
        grants.end(case, grant_reason(push), ends_at=at, post_id=former_id)
    give_to_addressee(case, push, at=at)


def give_to_addressee(case: Case, push: Push, *, at: datetime) -> None:
    """The responsible officer holds the case and sees it from the entry on, sheet or no sheet."""
    if push.addressee_post_id:
        grants.give(case, grant_reason(push), at=at, post_id=push.addressee_post_id)
    if case.status == Status.TRACKING:
        hold(case, unit_id=push.addressee_unit_id, post=push.addressee_post)


def follow_duty(case: Case, push: Push, *, at: datetime) -> None:
    """Who was found at the entry may be away when the push goes out: whoever is there then gets it."""
    named = push.addressee_post
    if named is not None and people.is_there(named, at):
        return
    there = people.there_for(named, at) if named is not None else None
    post = there or responsible_officer(case, at=at)
    if post != named:
        readdress_second(case, push, post, at=at)
