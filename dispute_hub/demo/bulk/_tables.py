"""The tables that are filled, and the columns given for each row of them."""

from __future__ import annotations

from dispute_hub.cases.models import Case, CaseEvent, CaseGrant, Deadline, Party
from dispute_hub.demo.bulk._copying import Table
from followup.models import FollowUp
from intake.models import Alert, AlertVersion
from routing.models import AnalysisReport, Push, WorkOrder
from triage.models import Assessment


class Tables:
    """One `Table` for each; what is not named keeps the model's default."""

    def __init__(self) -> None:
        self.cases = Table(
            Case, "case_no", "status", "former_status", "phase", "title", "address", "address_key", "source",
            "colour", "colour_sentence", "level", "item_code", "side", "bureau_id", "station_id", "area_id",
            "street_id", "grid_id", "holder_unit_id", "holder_post_id", "opened_at", "last_alert_at",
            "alerts_count", "settled_at", "settle_how", "closed_at", "updated_at", "absorbed_into_id",
            "search",
        )  # fmt: skip
        self.alerts = Table(
            Alert, "source_id", "alert_no", "alert_no_key", "case_id", "attached_how", "dispatch_status",
            "received_at", "stored_at", "reporter_name", "reporter_phone", "phone_blind", "phone_last4",
            "reporter_sex", "address", "address_key", "station_id", "grid_id", "street_id", "bureau_id",
            "reception_id", "narrative", "item_class", "people_involved", "amount", "flags", "is_dispute",
            "outcome", "outcome_at", "outcome_text",
        )  # fmt: skip
        self.versions = Table(
            AlertVersion, "alert_id", "number", "content", "content_hash", "is_applied", "received_at",
            "stored_at", "author",
        )  # fmt: skip
        self.parties = Table(
            Party, "case_id", "role", "sex", "name", "phone", "phone_blind", "phone_last4", "id_number",
            "id_number_blind", "id_number_last4", "added_at",
        )  # fmt: skip
        self.events = Table(
            CaseEvent, "case_id", "kind", "at", "phase", "actor_post_id", "actor_user_id", "actor_label",
            "subject_kind", "subject_id", "data",
        )  # fmt: skip
        self._declare_work()

    def _declare_work(self) -> None:
        """What is done about a case."""
        self.assessments = Table(
            Assessment, "case_id", "alert_id", "cause_id", "colour", "case_colour", "is_dispute", "item_code",
            "item_name", "alternatives", "side", "factors", "sentence", "measures", "lead_departments",
            "rule_version", "made_at",
        )  # fmt: skip
        self.pushes = Table(
            Push, "case_id", "alert_id", "tier", "status", "entry", "entries", "colour", "addressee_unit_id",
            "addressee_role", "addressee_post_id", "addressee_posts", "queued_at", "issued_at", "signed_at",
            "signed_by_id", "arrived_at", "reported_at", "outcome", "feedback", "ended_at",
        )  # fmt: skip
        self.orders = Table(
            WorkOrder, "no", "case_id", "kind", "status", "grade", "addressee_id", "demand", "proposed_at",
            "proposed_by_id", "proposer_user_id", "approved_at", "approved_by_id", "approver_user_id",
            "sent_at", "accepted_at", "accepted_by_id", "ended_at", "settle_how", "settle_text", "settled_at",
        )  # fmt: skip
        self.reports = Table(
            AnalysisReport, "number", "order_id", "facts", "causes", "risk", "work_done", "suggestions",
            "author_id", "written_at",
        )  # fmt: skip
        self.visits = Table(
            FollowUp, "case_id", "settlement_id", "number", "mode", "status", "assignee_post_id",
            "assignee_unit_id", "assignee_role", "planned_at", "due_at", "done_at", "done_by_id", "text",
        )  # fmt: skip
        self.deadlines = Table(
            Deadline, "case_id", "subject_kind", "subject_id", "kind", "key", "holder_unit_id",
            "holder_post_id", "holder_role", "limit", "starts_at", "due_at", "next_step_at",
        )  # fmt: skip
        self.grants = Table(CaseGrant, "case_id", "unit_id", "post_id", "reason", "starts_at")

    @property
    def all(self) -> tuple[Table, ...]:
        """Parents before children."""
        return (self.cases, self.alerts, self.versions, self.parties, self.events, self.assessments,
                self.pushes, self.orders, self.reports, self.visits, self.deadlines, self.grants)  # fmt: skip
