"""Platforms are set up by one person and confirmed by another; secrets change without a gap."""

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.db import IntegrityError, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.audit import services as audit
from dispute_hub.common.errors import Conflict, Invalid, NotReady, Stale
from dispute_hub.outbox import egress, messages, wire
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.topics import FOR_MESSAGES, FOR_PLATFORMS

# What leads the data elsewhere or changes what is said: a second person looks at it (bad input 97).
CONFIRMED = ("kind", "url", "query_url", "allowed", "mapping", "topics", "serves", "receipt_path")
TIMES = ("opens_at", "closes_at")


@dataclass(frozen=True, slots=True)
class Setting:
    """A platform as its form describes it.

    Addresses are not shown, so an empty one keeps what stands; `clears_query_url` takes that one away.
    """

    name: str
    kind: str
    url: str
    query_url: str
    topics: tuple[str, ...]
    mapping: dict[str, str]
    receipt_path: str
    allowed: tuple[str, ...]
    serves: tuple[int, ...]
    rate_per_minute: int
    opens_at: time | None
    closes_at: time | None
    clears_query_url: bool = False


@transaction.atomic
def add_connector(code: str, setting: Setting, *, actor: PostActor, at: datetime) -> Connector:
    """A platform of the post's bureau, not in force before another person confirms it.

    Raises NoRight, Invalid at the field, Conflict for a code that is taken.
    """
    policy.require(actor, "connector.manage", at=at)
    _check(setting)
    bureau_id = actor.unit.bureau_id
    if bureau_id is None:
        raise Invalid("当前岗位不属于任何分（县）局，不能设置对接平台。")
    try:
        with transaction.atomic():
            made = Connector.objects.create(
                code=code, unit_id=bureau_id, changed_by=actor.user, changed_at=at,
                **_columns(setting),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("该代码已被使用。", fields={"code": ["该代码已被使用，请换一个。"]}) from error
    _trace(made, "add", actor=actor, at=at)
    return made


@transaction.atomic
def change_connector(
    connector: Connector, setting: Setting, *, version: int | None, actor: PostActor, at: datetime
) -> Connector:
    """Put other values in their place. A new address, list or mapping waits to be confirmed again;
    what is due waits with it. Raises NoRight, Invalid, Stale."""
    policy.require(actor, "connector.manage", at=at)
    connector = _locked(connector, version)
    kept = "" if setting.clears_query_url else connector.query_url
    setting = replace(setting, url=setting.url or connector.url, query_url=setting.query_url or kept)
    _check(setting)
    columns = _columns(setting)
    changed = [name for name, value in columns.items() if getattr(connector, name) != value]
    for name in changed:
        setattr(connector, name, columns[name])
    if set(changed) & set(CONFIRMED):
        connector.changed_by, connector.changed_at = actor.user, at
        connector.approved_by, connector.approved_at = None, None
    connector.version += 1
    connector.save()
    _trace(connector, "change", actor=actor, at=at, fields=changed)
    return connector


@transaction.atomic
def approve_connector(
    connector: Connector, *, version: int | None, actor: PostActor, at: datetime
) -> Connector:
    """Confirm address, list and mapping as they stand now. Raises NoRight, Stale, and Conflict for
    the person who wrote them."""
    policy.require(actor, "connector.approve", at=at)
    connector = _locked(connector, version)
    if connector.changed_by_id == actor.user.pk:
        raise Conflict("设置人不能确认自己的设置，请由另一位同事确认。")
    connector.approved_by, connector.approved_at = actor.user, at
    connector.version += 1
    connector.save(update_fields=["approved_by", "approved_at", "version"])
    _trace(connector, "approve", actor=actor, at=at)
    return connector


@transaction.atomic
def pause_connector(
    connector: Connector, *, is_paused: bool, version: int | None, actor: PostActor, at: datetime
) -> Connector:
    """Stop or go on sending; what is due waits."""
    policy.require(actor, "connector.manage", at=at)
    connector = _locked(connector, version)
    connector.is_paused, connector.version = is_paused, connector.version + 1
    connector.save(update_fields=["is_paused", "version"])
    _trace(connector, "pause" if is_paused else "resume", actor=actor, at=at)
    return connector


@transaction.atomic
def rotate_secret(connector: Connector, *, version: int | None, actor: PostActor, at: datetime) -> str:
    """A new secret, told this once; the one before it signs beside it until it is retired."""
    policy.require(actor, "connector.manage", at=at)
    connector = _locked(connector, version)
    fresh = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    connector.former_secret, connector.secret = connector.secret, fresh
    connector.rotated_at, connector.version = at, connector.version + 1
    connector.save(update_fields=["former_secret", "secret", "rotated_at", "version"])
    _trace(connector, "rotate_secret", actor=actor, at=at)
    return fresh


@transaction.atomic
def retire_secret(connector: Connector, *, version: int | None, actor: PostActor, at: datetime) -> Connector:
    """End the overlap: only the newest secret is good from now on."""
    policy.require(actor, "connector.manage", at=at)
    connector = _locked(connector, version)
    connector.former_secret, connector.version = "", connector.version + 1
    connector.save(update_fields=["former_secret", "version"])
    _trace(connector, "retire_secret", actor=actor, at=at)
    return connector


def probe_connector(connector: Connector, *, actor: PostActor, at: datetime) -> wire.Outcome:
    """Send a test now, outside queue and circuit; nothing of it is kept but the trace.

    Raises NoRight, and NotReady before the address was confirmed.
    """
    policy.require(actor, "connector.manage", at=at)
    if connector.approved_by_id is None:
        raise NotReady("该平台的设置尚未由他人确认，不能向其发送。", status=409)
    if connector.kind == Connector.Kind.WEBHOOK and not connector.secret:
        raise NotReady("请先更换密钥并交给对方平台，再测试。", status=409)
    row = OutboxRow(
        message_id=uuid.uuid4(), topic="connector.test", target=connector.code, created_at=at,
        payload={"title": "连通测试"},
    )  # fmt: skip
    _trace(connector, "test", actor=actor, at=at)
    if connector.kind == Connector.Kind.MESSAGE:
        return messages.send(row, connector)
    connector.mapping = {}
    return wire.send(row, connector, at=at)


def _locked(connector: Connector, version: int | None) -> Connector:
    row = Connector.objects.select_for_update(of=("self",)).get(pk=connector.pk)
    if version is not None and version != row.version:
        raise Stale()
    return row


def _columns(setting: Setting) -> dict[str, Any]:
    return {
        "name": setting.name, "kind": setting.kind, "url": setting.url, "query_url": setting.query_url,
        "topics": list(setting.topics), "mapping": setting.mapping, "receipt_path": setting.receipt_path,
        "allowed": list(setting.allowed), "serves": list(setting.serves),
        "rate_per_minute": setting.rate_per_minute, "opens_at": setting.opens_at,
        "closes_at": setting.closes_at,
    }  # fmt: skip


def _check(setting: Setting) -> None:
    """Every place that is wrong at once, each at its field."""
    wrong: dict[str, list[str]] = {}
    allowed: list[egress.Allowed] = []
    for line in setting.allowed:
        try:
            allowed.append(egress.read_allowed(line))
        except ValueError as error:
            wrong.setdefault("allowed", []).append(str(error))
    if not setting.allowed:
        wrong["allowed"] = ["请至少写一行允许连接的“主机:端口:网段”。"]
    known = FOR_MESSAGES if setting.kind == Connector.Kind.MESSAGE else FOR_PLATFORMS
    if not setting.topics or set(setting.topics) - set(known):
        wrong["topics"] = [f"此类平台可选：{'、'.join(known.values())}。"]
    if (setting.opens_at is None) != (setting.closes_at is None):
        wrong["closes_at"] = ["起止时间应同时填写，或同时留空（全天）。"]
    if setting.kind == Connector.Kind.MESSAGE:
        if not messages.is_service(setting.url):
            wrong["url"] = ["消息地址无效：支持钉钉、企业微信、邮件和短信网关。"]
    elif "allowed" not in wrong:
        for name, address in (("url", setting.url), ("query_url", setting.query_url)):
            try:
                if address or name == "url":
                    egress.check_url(address, allowed)
            except egress.Blocked as error:
                wrong[name] = [f"{error}。"]
    if wrong:
        raise Invalid(fields=wrong)


def _trace(
    connector: Connector, act: str, *, actor: PostActor, at: datetime, fields: list[str] | None = None
) -> None:
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, at=at, post_id=actor.post.pk, unit_id=actor.unit.pk,
        object_kind="connector", object_id=connector.pk, data={"act": act, "fields": fields or []},
    )  # fmt: skip
