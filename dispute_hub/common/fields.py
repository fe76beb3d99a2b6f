"""Columns for personal data: sealed values and the blind indexes that find them.

A model declares the sealed value and, beside it, one blind index per way it is searched::

    phone = EncryptedTextField(blank=True)
    phone_blind = BlindIndexField(of="phone", normalise="phone")
    phone_last4 = BlindIndexField(of="phone", normalise="phone", last=4)

and asks `Party.objects.filter(phone_blind=blind_of(Party, "phone_blind", "138 1234 5678"))`.
`save(update_fields=...)` must name the blind columns with their source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.lookups import Exact

from . import crypto
from .text import normalise_id_number, normalise_phone

_NORMALISERS = {"phone": normalise_phone, "id_number": normalise_id_number}


class _SealedField(models.Field):  # type: ignore[type-arg]
    """A bytea column that holds `crypto.seal` output. Empty stays empty, NULL stays NULL.

    The seal is bound to model and column name; `context` pins it when either is renamed.
    """

    empty_strings_allowed = False

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.context:
            kwargs["context"] = self.context
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        """A sealed column answers only "is it there?"; searching goes through its blind index."""
        if lookup_name == "exact":
            return _IsEmpty
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> None:
        return None

    def _context(self) -> str:
        return self.context or f"{self.model._meta.label_lower}.{self.name}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = value if prepared else self.get_prep_value(value)
        return value if value is None else connection.Database.Binary(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        value = super().get_prep_value(value)
        if value is None:
            return None
        plain = self._to_bytes(value)
        return crypto.seal(plain, self._context()) if plain else b""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        raw = bytes(value)
        return self._from_bytes(crypto.open_sealed(raw, self._context()) if raw else b"")

    def _to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def _from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError


class _IsEmpty(Exact):
    """`phone=""`: the one comparison that needs no key."""

    def get_prep_lookup(self) -> bytes:
        if self.rhs not in ("", b""):
            raise FieldError("a sealed column compares only with the empty value; use its blind index")
        return b""

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (connection.Database.Binary(value),)


class EncryptedTextField(_SealedField):
    """Text in Python, sealed bytes in the table. `max_length` counts characters, on validation."""

    empty_strings_allowed = True

    def to_python(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"max_length": self.max_length, "strip": True, **kwargs})

    def _to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def _from_bytes(self, plain: bytes) -> str:
        return plain.decode()


class EncryptedBytesField(_SealedField):
    """Raw bytes (a received body, a file's head), sealed in the table."""

    def _to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def _from_bytes(self, plain: bytes) -> bytes:
        return plain


class BlindIndexField(models.BinaryField):  # type: ignore[type-arg]
    """HMAC of the normalised sibling `of`, NULL when that is empty; filled at every save.

    `last=4` indexes the last four characters only. The HMAC's purpose is the kind of value, not
    the model, so that one telephone number meets itself across tables.
    """

    def __init__(
        self, *args: Any, of: str = "", normalise: str = "phone", last: int | None = None, **kwargs: Any
    ) -> None:
        if normalise not in _NORMALISERS:
            raise ValueError(f"normalise must be one of {sorted(_NORMALISERS)}")
        self.of, self.normalise, self.last = of, normalise, last
        kwargs = {**kwargs, "null": True, "editable": False}
        kwargs.pop("max_length", None)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("null", None)
        kwargs.pop("editable", None)
        kwargs |= {"of": self.of, "normalise": self.normalise}
        if self.last is not None:
            kwargs["last"] = self.last
        return name, path, list(args), kwargs

    def blind(self, value: str | None) -> bytes | None:
        """What this column holds for a value as a person typed it; None for nothing."""
        plain = _NORMALISERS[self.normalise](value or "")
        plain = plain[-self.last :] if self.last else plain
        if not plain:
            return None
        return crypto.blind(plain, purpose=f"{self.normalise}:{self.last or 'full'}")

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = self.blind(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)


def blind_of(model: type[models.Model], field_name: str, value: str) -> bytes:
    """What to filter a blind index by. For an empty value b"", which no row holds: Django turns a
    filter by None into IS NULL, and an empty search would find everybody without a number.
    """
    field = model._meta.get_field(field_name)
    if not isinstance(field, BlindIndexField):
        raise FieldError(f"{model._meta.label}.{field_name} is not a blind index")
    return field.blind(value) or b""
