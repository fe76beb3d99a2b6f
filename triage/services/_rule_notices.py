"""Who hears of a version of the rules: those who may bring it into force, those who had a hand in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import OutboxRow
from triage.models import RuleSet

# Any constant: it only has to differ from the other advisory locks of the product.
ALARM_LOCK = 0x5EA9


def hands_in(rule_set: RuleSet) -> set[int]:
    """Ids of everybody who drafted, changed or submitted it: none of them may bring it into force."""
    people = {rule_set.author_id, rule_set.submitted_by_id, *rule_set.editors}
    return {pk for pk in people if pk is not None}


def tell_reviewers(rule_set: RuleSet, *, at: datetime) -> int:
    """A draft waits for a second person: a notice to every post that may be that person; how many."""
    title = f"研判规则第{rule_set.version}版待审核启用"
    body = f"{rule_set.submitted_by} 提交：{rule_set.note}。请看过版本对比和试算结果后审核启用。"
    posts = _managers(at).exclude(user_id__in=hands_in(rule_set))
    return _tell(posts, rule_set, "rules.submitted", title, body, at=at)


def tell_hands(
    rule_set: RuleSet, people: Collection[int], title: str, body: str, *, actor: PostActor, at: datetime
) -> int:
    """What became of a submission: a notice to those who had a hand in it, but for who did this; how many."""
    posts = _managers(at).filter(user_id__in=set(people) - {actor.user.pk})
    return _tell(posts, rule_set, "rules.decided", title, body, at=at)


def alarm_unusable(rule_set: RuleSet, *, stand_in: str, at: datetime) -> int:
    """The version in force cannot be used by this product: an alarm to all who may mend it, once.

    `stand_in` names the package's rules that are used instead: another upgrade alarms anew. How many were
    told; 0 when they were before, or when another process tells them at this moment.
    """
    title = f"研判规则第{rule_set.version}版不能使用，已改用产品自带规则"
    body = (
        f"产品更新后，生效的第{rule_set.version}版缺少研判所需的内容；在新版启用之前，警情按产品自带规则"
        f"（内容指纹 {stand_in[:8]}）研判。请由该版起草新版，按提示补齐后提交启用。"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ALARM_LOCK])
        is_mine = cursor.fetchone()[0]
    told = OutboxRow.objects.filter(topic="notice", payload__kind="rules.unusable", payload__body=body)
    if not is_mine or told.exists():
        return 0
    return _tell(_managers(at), rule_set, "rules.unusable", title, body, at=at, urgency="alarm")


def _managers(at: datetime) -> QuerySet[Post]:
    """Every post of the deployment that may manage rules."""
    return live_posts(at).filter(role__in=policy.MATRIX["rules.manage"])


def _tell(
    posts: QuerySet[Post],
    rule_set: RuleSet,
    kind: str,
    title: str,
    body: str,
    *,
    at: datetime,
    urgency: str = "important",
) -> int:
    link = f"/rules/{rule_set.pk}/"
    messages = [
        outbox.Message(kind=kind, title=title, body=body[:400], link=link, urgency=urgency, post_id=pk)
        for pk in posts.values_list("pk", flat=True)
    ]
    return outbox.notify_many([(message, None) for message in messages], at=at)
