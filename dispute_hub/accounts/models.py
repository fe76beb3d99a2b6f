"""Who works here: units in one tree per line, people, the posts they hold, and who is on duty."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from dispute_hub.common.fields import EncryptedTextField


class Line(models.TextChoices):
    """The line of command a unit belongs to; trees never cross lines, links do."""

    POLICE = "police", "公安"
    GOVERNANCE = "governance", "综治"
    DEPARTMENT = "department", "部门"
    MEDIATION = "mediation", "调解组织"
    CO_GOVERNANCE = "co_governance", "共治单元"


class UnitKind(models.TextChoices):
    CITY_BUREAU = "city_bureau", "市公安局"
    BUREAU = "bureau", "县(区)公安局"
    RECEPTION = "reception", "110接警中心"
    STATION = "station", "派出所"
    POLICE_AREA = "police_area", "警务责任区"
    POLITICAL_LEGAL = "political_legal", "政法委"
    COUNTY_CENTRE = "county_centre", "县级综治中心"
    CENTRE = "centre", "街道(乡镇)综治中心"
    COMMUNITY = "community", "社区(村)"
    GRID = "grid", "网格"
    DEPARTMENT = "department", "职能部门"
    MEDIATION_ORG = "mediation_org", "调解组织"
    CO_UNIT = "co_unit", "共治单元"


class Role(models.TextChoices):
    """Role codes of the handbook, section 3; a role is held at a unit through a Post."""

    DISPATCHER = "dispatcher", "110接警员"
    DUTY_COMMANDER = "duty_commander", "110值班长"
    OFFICER = "officer", "处警民警"
    COMMUNITY_OFFICER = "community_officer", "责任民警"
    STATION_COMMAND = "station_command", "综合指挥室"
    STATION_CHIEF = "station_chief", "派出所领导"
    BUREAU = "bureau", "防控办"
    POLITICAL_LEGAL = "political_legal", "政法委"
    CENTRE = "centre", "街道综治中心"
    COUNTY_CENTRE = "county_centre", "县级综治中心"
    DEPARTMENT = "department", "部门承办人"
    GRID_WORKER = "grid_worker", "网格员"
    MEDIATOR = "mediator", "调解员"
    LEADER = "leader", "领导"
    OFFICE_CLERK = "office_clerk", "办公室"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计管理员"


ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)


class Unit(models.Model):
    """A unit of one line. `bureau` is the county bureau (or county) it belongs to: the scale-out key."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=40, blank=True)
    line = models.CharField(max_length=16, choices=Line.choices)
    kind = models.CharField(max_length=20, choices=UnitKind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    bureau = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "bureau"], name="unit_kind_bureau")]

    def __str__(self) -> str:
        return self.short_name or self.name


class UnitLink(models.Model):
    """Jurisdiction across lines: a station serves streets, a police area covers grids."""

    class Kind(models.TextChoices):
        STATION_STREET = "station_street", "派出所—街道"
        AREA_GRID = "area_grid", "警务区—网格"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    police = models.ForeignKey(Unit, models.CASCADE, related_name="links_out")
    governance = models.ForeignKey(Unit, models.CASCADE, related_name="links_in")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "police", "governance"], name="unit_link_once"),
        ]


class Users(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person. Rights come from posts only: there is no superuser, because one would bypass the policy."""

    username = models.CharField("用户名", max_length=60, unique=True)
    full_name = models.CharField("姓名", max_length=80)
    police_number = models.CharField("警号", max_length=20, blank=True)
    phone = EncryptedTextField(blank=True, default="")
    is_auxiliary = models.BooleanField("辅警", default=False)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]
    objects = Users()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["police_number"], condition=~Q(police_number=""), name="user_police_number_once"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class Post(models.Model):
    """A role at a unit held by a person. A session carries exactly one."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=20, choices=Role.choices)
    is_primary = models.BooleanField(default=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    # B岗: who does the work of this post while its holder is away or the post is not held.
    stand_in = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="stands_in_for")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "unit", "role"], name="post_once"),
            models.CheckConstraint(condition=~Q(stand_in=F("id")), name="post_stand_in_is_another"),
        ]
        indexes = [models.Index(fields=["unit", "role"], name="post_unit_role")]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_role_display()} {self.user}"


class DutyRoster(models.Model):
    """One turn of duty. Until a unit has any turn, everybody on post there counts as on duty (handbook 4).

    Which duties a kind of unit has, and who may do them, stands in `selectors.DUTIES`.
    """

    class Duty(models.TextChoices):
        CREW = "crew", "处警"
        COMMAND = "command", "指挥室"
        LEADER = "leader", "值班领导"
        DESK = "desk", "值班室"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="turns")
    post = models.ForeignKey(Post, models.CASCADE, related_name="turns")
    duty = models.CharField(max_length=10, choices=Duty.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="turn_ends_after_start"),
        ]
        indexes = [models.Index(fields=["unit", "duty", "ends_at"], name="turn_unit_duty")]


class Absence(models.Model):
    """A time in which the holder of a post is away; his B岗 does the work of the post."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=40)
    entered_by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
        ]
        indexes = [models.Index(fields=["post", "ends_at"], name="absence_post")]


class AccessToken(models.Model):
    """An API log-in; only the SHA-256 of the token is stored (12 hours, design 5)."""

    digest = models.BinaryField(max_length=32, unique=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class SubmittedForm(models.Model):
    """A form token that has had its effect: a double click or browser retry finds it and does nothing."""

    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    submitted_at = models.DateTimeField()
