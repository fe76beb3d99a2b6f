"""Sealed columns and blind indexes on a real table."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from dispute_hub.common.fields import BlindIndexField, EncryptedBytesField, EncryptedTextField, blind_of

with isolate_apps("dispute_hub.common"):

    class Contact(models.Model):
        """A table of this test alone, made and dropped with its transaction."""

        phone = EncryptedTextField(blank=True, max_length=40)
        id_number = EncryptedTextField(null=True)
        raw = EncryptedBytesField(null=True)
        phone_blind = BlindIndexField(of="phone", db_index=True)
        phone_last4 = BlindIndexField(of="phone", last=4)
        id_blind = BlindIndexField(of="id_number", normalise="id_number")

        class Meta:
            app_label = "common"


@pytest.fixture(autouse=True)
def _table(db: None) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Contact)
    yield


def stored(column: str) -> list[bytes | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM common_contact ORDER BY id")
        return [None if value is None else bytes(value) for (value,) in cursor.fetchall()]


def test_the_table_holds_no_plain_text_and_python_holds_nothing_else() -> None:
    Contact.objects.create(phone="138 1234 5678", raw=b"\x00body")
    found = Contact.objects.get()
    assert (found.phone, found.raw, found.id_number) == ("138 1234 5678", b"\x00body", None)
    for column in ("phone", "phone_blind", "raw"):
        assert b"1234" not in (stored(column)[0] or b"")
        assert b"body" not in (stored(column)[0] or b"")


def test_empty_stays_empty_and_null_stays_null() -> None:
    Contact.objects.create(phone="")
    assert stored("phone") == [b""]
    assert stored("id_number") == stored("phone_blind") == stored("phone_last4") == [None]
    assert Contact.objects.filter(phone="").count() == 1
    assert Contact.objects.exclude(phone="").count() == 0
    assert Contact.objects.filter(id_number__isnull=True).count() == 1


@pytest.mark.parametrize(
    "asked", ["13812345678", "+86 138-1234-5678", "１３８１２３４５６７８", "008613812345678"]
)
def test_a_number_is_found_however_it_is_written(asked: str) -> None:
    Contact.objects.bulk_create([Contact(phone="138 1234 5678"), Contact(phone="13812345679"), Contact()])
    assert Contact.objects.filter(phone_blind=blind_of(Contact, "phone_blind", asked)).count() == 1


def test_the_last_four_digits_find_their_numbers() -> None:
    Contact.objects.bulk_create([Contact(phone="13812345678"), Contact(phone="0579-87115678"), Contact()])
    assert Contact.objects.filter(phone_last4=blind_of(Contact, "phone_last4", "5678")).count() == 2


def test_an_old_id_number_meets_its_new_form() -> None:
    Contact.objects.create(id_number="110105491231002")
    asked = blind_of(Contact, "id_blind", "11010519491231002x")
    assert Contact.objects.filter(id_blind=asked).count() == 1


def test_searching_for_nothing_finds_nobody() -> None:
    Contact.objects.create(phone="")
    assert Contact.objects.filter(phone_blind=blind_of(Contact, "phone_blind", "")).count() == 0


def test_a_changed_number_changes_its_index() -> None:
    contact = Contact.objects.create(phone="13812345678")
    contact.phone = "13900001111"
    contact.save()
    assert Contact.objects.filter(phone_blind=blind_of(Contact, "phone_blind", "13900001111")).exists()


@pytest.mark.parametrize(
    "lookup",
    [{"phone": "13812345678"}, {"phone__startswith": "138"}, {"phone__in": ["1"]}, {"phone__contains": "1"}],
)
def test_the_sealed_column_cannot_be_asked_directly(lookup: dict[str, object]) -> None:
    with pytest.raises(FieldError):
        Contact.objects.filter(**lookup).count()


@pytest.mark.parametrize("name", ["phone", "raw", "phone_blind", "phone_last4", "id_blind"])
def test_fields_can_be_written_to_a_migration_and_read_back(name: str) -> None:
    field = Contact._meta.get_field(name)
    _, path, args, kwargs = field.deconstruct()
    copy = type(field)(*args, **kwargs)
    assert copy.deconstruct()[1:] == (path, args, kwargs)
    assert path in MigrationWriter.serialize(field)[0].replace("import ", "")
