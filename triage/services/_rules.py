"""Which rules are in force, and the reference data they come from."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.db import transaction

from triage import engine
from triage.models import RuleSet, TaxonomyItem
from triage.services._rule_notices import alarm_unusable

log = logging.getLogger(__name__)
Status = RuleSet.Status
# Versions in force that this process could not use, until their managers have been told.
_unusable: set[str] = set()


@dataclass(frozen=True, slots=True)
class Named:
    """Compiled rules with the digest of the content they were made from."""

    digest: str
    rules: engine.RuleSet


def digest_of(content: Mapping[str, Any]) -> str:
    """The name of a rule set's content: SHA-256 of its canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def _package() -> tuple[str, engine.RuleSet]:
    rules = engine.load_rules()
    return digest_of(rules.draft), rules


def rules_in_force() -> engine.RuleSet:
    """The compiled rules of the active version; without a usable one, the package's own. One query."""
    return named_rules_in_force().rules


def named_rules_in_force() -> Named:
    """The rules in force with their digest.

    One query, so that a new version is in force in every process with its commit; compiled once per
    process and content. A version that no longer compiles, as after an upgrade, gives way to the
    package's own rules: an alert is always read. `tell_unusable` says so to those who can mend it.
    """
    digest = RuleSet.objects.filter(status=Status.ACTIVE).values_list("digest", flat=True).first()
    try:
        return named_rules(digest or _package()[0])
    except engine.RuleError as error:
        log.error("rules in force cannot be used", extra={"digest": digest, "error": str(error)})
        _unusable.add(str(digest))
        return Named(*_package())


def tell_unusable(*, at: datetime) -> None:
    """Alarm those who manage rules if this process met a version in force that it could not use.

    Once for a version and the package that stands in. No query while all is well.
    """
    for digest in sorted(_unusable):
        with transaction.atomic():
            active = RuleSet.objects.filter(status=Status.ACTIVE, digest=digest).first()
            if active is not None:
                alarm_unusable(active, stand_in=_package()[0], at=at)
            transaction.on_commit(partial(_unusable.discard, digest))


def digest_in_force() -> str:
    """The digest of the rules in force; one query."""
    return named_rules_in_force().digest


def named_rules(digest: str) -> Named:
    """The rules of a stored content, or the package's own; compiled once per process.

    Raises RuleError for content that cannot be used, IndexError for a digest that no rule set has.
    """
    package_digest, package = _package()
    rules = package if digest == package_digest else _compiled(digest)
    if isinstance(rules, engine.RuleError):
        raise rules
    return Named(digest, rules)


@lru_cache(maxsize=4)
def _compiled(digest: str) -> engine.RuleSet | engine.RuleError:
    """The refusal is kept as well: compiling again for every alert would cost intake a second each."""
    content = RuleSet.objects.filter(digest=digest).values_list("content", flat=True)[0]
    try:
        return engine.compile_rules(content)
    except engine.RuleError as error:
        return error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return engine.RuleError(f"{type(error).__name__}: {error}")


@transaction.atomic
def load_reference(at: datetime) -> None:
    """Load the list of matters and rule set version 1 from the package's data files. Safe to repeat.

    Version 1 becomes active only while no other version is. A matter that left the list is kept,
    inactive: cases point at it.
    """
    _load_taxonomy()
    digest, rules = _package()
    is_first = not RuleSet.objects.filter(status=Status.ACTIVE).exists()
    stored, created = RuleSet.objects.get_or_create(
        version=rules.version,
        defaults={
            "content": rules.draft,
            "digest": digest,
            "note": "随产品提供的初始规则",
            "created_at": at,
            "status": Status.ACTIVE if is_first else Status.RETIRED,
            "activated_at": at if is_first else None,
        },
    )
    if not created and stored.author_id is None and stored.digest != digest:
        # The package brought a corrected version 1 that nobody here has edited.
        stored.content, stored.digest = rules.draft, digest
        stored.save(update_fields=["content", "digest"])
    named_rules_in_force()
    tell_unusable(at=at)


def _load_taxonomy() -> None:
    items = [
        TaxonomyItem(
            code=item.code,
            name=item.name,
            class_code=item.class_code,
            class_name=item.class_name,
            side=item.side,
            lead_departments=list(item.lead_departments),
            national_codes=list(item.national_codes),
        )
        for item in engine.load_taxonomy().items.values()
    ]
    columns = ["name", "class_code", "class_name", "side", "lead_departments", "national_codes", "is_active"]
    TaxonomyItem.objects.bulk_create(
        items, update_conflicts=True, unique_fields=["code"], update_fields=columns
    )
    TaxonomyItem.objects.exclude(code__in=[item.code for item in items]).update(is_active=False)
