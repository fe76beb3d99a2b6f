"""Senders of alerts: registered, their secrets changed without a gap."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Status
from dispute_hub.common.errors import Invalid
from intake.models import Source, SourceKind
from intake.signatures import is_secret

# handbook 4: these two go to the scene at once; the others wait for a person or are tracked, as configured.
AT_ONCE = (SourceKind.ALARM_110, SourceKind.WINDOW)


@transaction.atomic
def register_source(
    code: str,
    *,
    kind: str,
    name: str,
    reception: Unit | None,
    bureau: Unit | None,
    secret: str,
    at: datetime,
    opens_as: str = "",
) -> Source:
    """Make a machine source known, or bring its entry up to date; the same call again changes nothing.

    `opens_as` is the status its cases are born with: scene for 110 and window, else pool unless told.
    A source with a bureau may speak for that county only.
    """
    _check(secret)
    opening = opens_as or (Status.SCENE if kind in AT_ONCE else Status.POOL)
    fields = {"kind": kind, "name": name, "reception": reception, "bureau": bureau, "opens_as": opening}
    source, is_new = Source.objects.update_or_create(
        code=code, defaults=fields, create_defaults={**fields, "secret": secret, "rotated_at": at}
    )
    if not is_new and source.secret != secret:
        rotate_secret(source, secret=secret, at=at)
    return source


@transaction.atomic
def rotate_secret(source: Source, *, secret: str, at: datetime) -> Source:
    """Put a new secret in force; the one before it stays good until the next change (two live secrets)."""
    _check(secret)
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.secret != secret:
        source.former_secret, source.secret, source.rotated_at = source.secret, secret, at
        source.save(update_fields=["secret", "former_secret", "rotated_at"])
    return source


def retire_former_secret(source: Source) -> None:
    """End the overlap: only the newest secret is good from now on."""
    Source.objects.filter(pk=source.pk).update(former_secret="")


def desk_of(unit: Unit, *, kind: str = SourceKind.ALARM_110) -> Source:
    """The source under which a unit's own people log alerts; made at its first call."""
    name = f"{unit}{SourceKind(kind).label}接报" if kind != SourceKind.ALARM_110 else f"{unit}接警台"
    source, _ = Source.objects.get_or_create(
        code=f"desk:{kind}:{unit.code}"[:60],
        defaults={
            "kind": kind,
            "name": name[:100],
            "reception": unit,
            "bureau": unit.bureau,
            "opens_as": Status.SCENE if kind in AT_ONCE else Status.POOL,
        },
    )
    return source


def referral_desk(unit: Unit, *, reception: Unit | None, at_once: bool) -> Source:
    """The source under which a centre or department hands a police matter over (部门流转).

    `at_once`: an emergency, born at the scene with push 1; else a clue in the pool until the police take it.
    """
    source, _ = Source.objects.get_or_create(
        code=f"referral:{'now' if at_once else 'pool'}:{unit.code}"[:60],
        defaults={
            "kind": SourceKind.DEPARTMENT,
            "name": f"{unit}{'紧急' if at_once else ''}流转"[:100],
            "reception": reception,
            "bureau": unit.bureau,
            "opens_as": Status.SCENE if at_once else Status.POOL,
        },
    )
    return source


def _check(secret: str) -> None:
    if not is_secret(secret):
        hint = "密钥应以 whsec_ 开头，后接至少 24 字节的 Base64。"
        raise Invalid(hint, code="bad_secret", fields={"secret": [hint]})
