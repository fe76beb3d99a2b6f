"""Whatever is written for somebody says so on the channel "hub_live", in the transaction that writes it.

A message is "transaction kind keys": `p12` a post, `u5` everybody at a unit, `u5:officer` one role there,
`-p12` whose own act it was. No names, no case numbers. Statement triggers on what every change writes
anyway (outbox rows, events, alerts, notices), so that no service can forget to say it and bulk writes say
it once.
"""

from typing import Final

from django.db import migrations

# Longer than a message may be: everybody is asked to look (PostgreSQL allows 8000 bytes).
LONGEST: Final = 7000

SAY: Final = f"""
CREATE FUNCTION hub_live_say(kind text, keys text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE said text := array_to_string(keys, ',');
BEGIN
  IF keys IS NULL OR keys = '{{}}' THEN RETURN; END IF;
  IF length(said) > {LONGEST} THEN kind := '*'; said := '*'; END IF;
  PERFORM pg_notify('hub_live', pg_current_xact_id()::text || ' ' || kind || ' ' || said);
END $$;

CREATE FUNCTION hub_live_key(post_id text, unit_id text, role text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN post_id IS NOT NULL THEN 'p' || post_id
              WHEN role <> '' THEN 'u' || unit_id || ':' || role
              ELSE 'u' || unit_id END
$$;
"""

OUTBOX: Final = """
CREATE FUNCTION hub_live_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hub_live_say(kind, array_agg(DISTINCT key)) FROM (
    SELECT payload->>'kind' AS kind,
           hub_live_key(payload->>'post_id', payload->>'unit_id', payload->>'role') AS key
    FROM added WHERE topic = 'notice') AS told
  WHERE key IS NOT NULL GROUP BY kind;
  RETURN NULL;
END $$;
CREATE TRIGGER hub_live_outbox AFTER INSERT ON outbox_outboxrow
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hub_live_outbox();
"""

NOTICES: Final = """
CREATE FUNCTION hub_live_notices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hub_live_say('notice', array_agg(DISTINCT hub_live_key(post_id::text, unit_id::text, role)))
  FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER hub_live_notices AFTER INSERT ON outbox_notice
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hub_live_notices();
"""

# Those who see the case by its own columns. A crew hears of a push by its notice; its colleagues only when
# somebody took the push. Outside the police nobody hears of a case but by a notice addressed to him.
EVENTS: Final = """
CREATE FUNCTION hub_live_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hub_live_say(kind, array_agg(DISTINCT key)) FROM (
    SELECT added.kind, added.actor_post_id, told.key
    FROM added JOIN cases_case c ON c.id = added.case_id
    CROSS JOIN LATERAL (VALUES
      ('u' || c.station_id || ':station_command'), ('u' || c.station_id || ':station_chief'),
      ('u' || c.area_id || ':community_officer'), ('u' || c.bureau_id || ':bureau'),
      (CASE WHEN added.kind LIKE 'push.%' AND added.kind NOT IN ('push.issued', 'push.queued')
            THEN 'u' || c.station_id || ':officer' END),
      ('-p' || added.actor_post_id)) AS told(key)
    WHERE told.key IS NOT NULL) AS said
  GROUP BY kind, actor_post_id;
  RETURN NULL;
END $$;
CREATE TRIGGER hub_live_events AFTER INSERT ON cases_caseevent
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hub_live_events();
"""

ALERTS: Final = """
CREATE FUNCTION hub_live_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hub_live_say(TG_ARGV[0], array_agg(DISTINCT 'u' || reception_id)) FROM added
  WHERE reception_id IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER hub_live_alerts_new AFTER INSERT ON intake_alert
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hub_live_alerts('alert.received');
CREATE TRIGGER hub_live_alerts_changed AFTER UPDATE ON intake_alert
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hub_live_alerts('alert.changed');
"""

UNDO: Final = """
DROP TRIGGER hub_live_alerts_changed ON intake_alert;
DROP TRIGGER hub_live_alerts_new ON intake_alert;
DROP TRIGGER hub_live_events ON cases_caseevent;
DROP TRIGGER hub_live_notices ON outbox_notice;
DROP TRIGGER hub_live_outbox ON outbox_outboxrow;
DROP FUNCTION hub_live_alerts(), hub_live_events(), hub_live_notices(), hub_live_outbox(),
  hub_live_key(text, text, text), hub_live_say(text, text[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
        ("cases", "0001_initial"),
        ("intake", "0001_initial"),
    ]
    operations = [migrations.RunSQL(SAY + OUTBOX + NOTICES + EVENTS + ALERTS, UNDO)]
