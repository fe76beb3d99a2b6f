"""How a person comes in and goes out: password, post, session. Part of the doors: it holds the request."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from axes.utils import reset
from django.contrib.auth import authenticate
from django.contrib.auth import login as begin_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from dispute_hub.accounts import selectors, services
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.forms import LoginForm
from dispute_hub.accounts.middleware import POST_KEY, POSTS_KEY, SEEN_KEY, STARTED_KEY
from dispute_hub.accounts.models import Post, User
from dispute_hub.common import request_context
from dispute_hub.common.errors import OutOfScope, Refused

PENDING_KEY = "hub_pending_user_id"
PENDING_AT_KEY = "hub_pending_at"
CHOOSE_WITHIN = timedelta(minutes=5)
BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginRefused(Refused):
    """Wrong name or wrong password: one text for both, so that nobody learns which names exist."""

    status = 401
    default_code = "login_failed"
    default_message = "用户名或密码不正确，请核对后重试。"


class LockedOut(Refused):
    """Too many failures for this name, or from this address (reliability S4)."""

    status = 429
    default_code = "locked_out"
    default_message = "登录失败次数过多，请15分钟后再试；急需登录请联系本单位系统管理员。"


def knock(request: HttpRequest, form: LoginForm, *, at: datetime) -> list[Post]:
    """The posts to enter with: one, several to choose from, or none while the form is incomplete.

    Raises LoginRefused or LockedOut.
    """
    if "post" in request.POST and PENDING_KEY in request.session:
        return chosen_post(request, at=at)
    if not form.is_valid():
        return []
    given = form.cleaned_data
    user = check_password(request, given["username"], given["password"], door="page", at=at)
    return posts_for(request, user, at=at)


def check_password(request: HttpRequest, username: str, password: str, *, door: str, at: datetime) -> User:
    """The person behind name (or police number) and password. Raises LoginRefused or LockedOut.

    The hasher runs once whether or not the name is known, and a failure leaves its trace either way.
    """
    name = unicodedata.normalize("NFKC", username).strip()
    known = selectors.account_named(name)
    if selectors.failed_lately(request_context.client_ip.get(), at):
        raise LockedOut()
    user = authenticate(request, username=known.username if known else name, password=password)
    if isinstance(user, User):
        reset(username=user.username)  # a token begins no session, so the signal for it never comes
        return user
    locked = bool(getattr(request, "axes_locked_out", False))
    services.trace_failed_login(known, door=door, locked=locked, at=at)
    raise LockedOut() if locked else LoginRefused()


def posts_of(user: User, *, first: int | None = None, at: datetime) -> list[Post]:
    """The posts he may act at, the named one (else the primary one) first.

    Raises LoginRefused without any post, or when the named one is not his.
    """
    posts = sorted(selectors.posts_of(user, at), key=lambda post: post.pk != first)
    if not posts:
        raise LoginRefused("该账号当前没有岗位，请联系本单位系统管理员。", code="no_post", status=403)
    if first is not None and posts[0].pk != first:
        raise LoginRefused("所选岗位不可用，请重新选择。", code="no_post", status=403)
    return posts


def posts_for(request: HttpRequest, user: User, *, at: datetime) -> list[Post]:
    """As `posts_of`. With several, the session remembers for five minutes who is choosing."""
    posts = posts_of(user, at=at)
    if len(posts) > 1:
        request.session.cycle_key()
        request.session[PENDING_KEY], request.session[PENDING_AT_KEY] = user.pk, at.timestamp()
    return posts


def chosen_post(request: HttpRequest, *, at: datetime) -> list[Post]:
    """The post picked in the second step, as a list of one. Raises LoginRefused when the step lapsed."""
    began = request.session.get(PENDING_AT_KEY, 0.0)
    chosen = request.POST.get("post", "")
    if PENDING_KEY not in request.session or at.timestamp() - began > CHOOSE_WITHIN.total_seconds():
        raise LoginRefused("选择岗位超时，请重新登录。", code="choice_lapsed")
    posts = selectors.live_posts(at).filter(user_id=request.session[PENDING_KEY])
    found = [post for post in posts if str(post.pk) == chosen]
    if not found:
        raise LoginRefused("所选岗位不可用，请重新登录。", code="no_post")
    return found


def enter(request: HttpRequest, post: Post, *, at: datetime) -> None:
    """Begin a session at this post under a new session id (reliability S5)."""
    posts = list(selectors.posts_of(post.user, at))
    request.session.flush()
    begin_session(request, post.user, backend=BACKEND)
    request.session[STARTED_KEY] = at.isoformat()
    request.session[POSTS_KEY] = [[row.pk, str(row.unit), row.role] for row in posts]
    _stand_at(request, post, at=at)
    services.trace_login(post, door="page", at=at)


def switch(request: HttpRequest, actor: PostActor, post_id: str, *, at: datetime) -> Post:
    """Go on at another post of the same person, under a new session id. Raises OutOfScope."""
    posts = [post for post in selectors.posts_of(actor.user, at) if str(post.pk) == post_id]
    if not posts:
        raise OutOfScope("该岗位不可用，请重新选择。")
    request.session.cycle_key()
    request.session[POSTS_KEY] = [
        [row.pk, str(row.unit), row.role] for row in selectors.posts_of(actor.user, at)
    ]
    _stand_at(request, posts[0], at=at)
    services.trace_login(posts[0], door="switch", at=at, from_post_id=actor.post.pk)
    return posts[0]


def leave(request: HttpRequest, actor: PostActor, *, at: datetime) -> None:
    """End the session; its id is dead afterwards."""
    services.trace_logout(actor, at=at)
    end_session(request)


def _stand_at(request: HttpRequest, post: Post, *, at: datetime) -> None:
    request.session[POST_KEY] = post.pk
    request.session[SEEN_KEY] = at.isoformat()


def safe_next(request: HttpRequest, *, default: str) -> str:
    """Where `next` points, if that is a path of this host; else `default` (reliability 60)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if own and wanted.isprintable() else default


def lockout_answer(request: HttpRequest, response: HttpResponse, credentials: object) -> HttpResponse:
    """For django-axes: our own doors have already answered the lock in their own words."""
    return response
