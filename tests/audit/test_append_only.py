"""The database itself refuses to alter what was written (promise A2)."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError

from dispute_hub.audit import services
from dispute_hub.audit.models import AccessLog, Seal

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)
TABLES = [model._meta.db_table for model in (*services.ledger_models(), Seal)]


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        act()


@pytest.fixture(autouse=True)
def _rows(db: None) -> None:
    services.record("login", actor_user_id=None, at=AT)
    services.seal_block(AT)
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE stops at the pending key checks first


@pytest.mark.parametrize("model", [AccessLog, Seal])
def test_the_orm_cannot_alter_or_delete(model: type[models.Model]) -> None:
    row = model._default_manager.first()
    assert row is not None
    refused(row.save)
    refused(row.delete)
    refused(model._default_manager.all().delete)
    refused(
        lambda: (
            model._default_manager.update(table="x") if model is Seal else AccessLog.objects.update(kind="x")
        )
    )


@pytest.mark.parametrize("table", ["audit_accesslog", "audit_seal"])
@pytest.mark.parametrize("guard", ["", "SET LOCAL session_replication_role = replica; "])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
    ],
)
def test_raw_sql_cannot_either_nor_a_replica_session(table: str, guard: str, statement: str) -> None:
    column = "kind" if table == "audit_accesslog" else "root"
    refused(lambda: sql(guard + statement.format(table=table, column=column)))


def test_an_upsert_cannot_overwrite() -> None:
    row = AccessLog.objects.get()
    refused(
        lambda: sql(
            "INSERT INTO audit_accesslog (id, at, kind, object_kind, object_id, request_id, data) "
            f"VALUES ({row.pk}, now(), 'login', '', '', '', '{{}}') "
            "ON CONFLICT (id) DO UPDATE SET kind = 'logout'"
        )
    )


def test_the_librarys_own_switch_opens_nothing() -> None:
    refused(lambda: sql("SET LOCAL pgtrigger.ignore = '{}'; DELETE FROM audit_accesslog"))
    names = "SELECT string_agg(tgname, ',') FROM pg_trigger WHERE tgrelid = 'audit_accesslog'::regclass"
    with connection.cursor() as cursor:
        cursor.execute(names)
        listed = cursor.fetchone()[0]
    refused(lambda: sql(f"SET LOCAL pgtrigger.ignore = '{{{listed}}}'; DELETE FROM audit_accesslog"))


@pytest.mark.parametrize("table", TABLES)
def test_every_ledger_table_has_its_triggers_always_on(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass "
            "AND tgname LIKE 'pgtrigger_append_only%%' AND tgenabled = 'A'",
            [table],
        )
        assert cursor.fetchone()[0] == 2


def test_an_act_whose_trace_cannot_be_written_rolls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise A5, as every service relies on it: the trace is in the act's own transaction."""
    before = AccessLog.objects.count()
    with pytest.raises(ValueError, match="no_such_kind"), transaction.atomic():
        services.record("login", actor_user_id=None, at=AT)
        services.record("no_such_kind", actor_user_id=None, at=AT)
    assert AccessLog.objects.count() == before
