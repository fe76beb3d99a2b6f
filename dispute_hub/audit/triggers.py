"""Append-only tables: the database itself refuses UPDATE, DELETE and TRUNCATE (promise A2).

Any app puts them in its model::

    class Meta:
        triggers = append_only()
"""

from __future__ import annotations

from typing import Any

import pgtrigger
from pgtrigger import compiler


class RefusalSql(compiler.UpsertTriggerSql):
    """Installation SQL without the library's `ignore` switch, which any session could set.

    ENABLE ALWAYS keeps the trigger firing under `session_replication_role = replica`. Migrations
    refer to this class: its template is frozen, a change needs a new class.
    """

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid}
                {when} {operation} ON {table}
                FOR EACH {level}
                EXECUTE PROCEDURE {execute};
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {pgid};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Refusal(pgtrigger.Trigger):
    """Raises SQLSTATE 42501 (insufficient privilege) before the statement touches a row."""

    when = pgtrigger.Before
    func = (
        "RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP "
        "USING ERRCODE = 'insufficient_privilege';"
    )

    def compile(self, model: Any) -> compiler.Trigger:
        return compiler.Trigger(
            name=self.name,
            sql=RefusalSql(
                pgid=self.get_pgid(model),
                func=self.render_func(model),
                table=model._meta.db_table,
                when=self.when,
                operation=self.operation,
                level=self.level,
            ),
        )


def append_only() -> list[pgtrigger.Trigger]:
    """The triggers of an append-only table. Row level, so a statement that matches nothing passes."""
    return [
        Refusal(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        Refusal(name="append_only_truncate", operation=pgtrigger.Truncate, level=pgtrigger.Statement),
    ]
