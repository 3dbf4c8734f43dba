"""Editions of the notice of a level in a sitting; what is announced already becomes the first of each."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import onex.common.ids


def first_editions(apps: Any, editor: Any) -> None:
    alias = editor.connection.alias
    levels = apps.get_model("registration", "ExamPlanLevel")._base_manager.using(alias)
    notices = apps.get_model("registration", "PlanNotice")._base_manager.using(alias)
    traces = apps.get_model("common", "Trace")._base_manager.using(alias)
    announced = levels.exclude(state="draft").select_related("plan")
    for row in announced.iterator():
        slots = list(row.plan.slots.order_by("starts_at"))
        if not slots:
            continue
        told = traces.filter(subject_type="registration.examplanlevel", subject_id=row.pk, verb="announce")
        last = told.order_by("at").last()
        notices.create(
            id=onex.common.ids.uuid7(),
            plan_id=row.plan_id,
            level_id=row.level_id,
            version=1,
            title=row.plan.title,
            slots=[[slot.starts_at.isoformat(), slot.ends_at.isoformat()] for slot in slots],
            ends_at=max(slot.ends_at for slot in slots),
            registration_opens_at=row.registration_opens_at,
            registration_closes_at=row.registration_closes_at,
            told_at=last.at if last is not None else row.created_at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0006_count_rosters"),
        ("catalog", "0006_mapped_majors_by_day"),
        ("common", "0004_audit_chain"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanNotice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=onex.common.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
                ("version", models.PositiveSmallIntegerField(verbose_name="通知版次")),
                ("title", models.CharField(max_length=80, verbose_name="统考名称")),
                ("slots", models.JSONField(verbose_name="考试时段")),
                ("ends_at", models.DateTimeField(verbose_name="结束时间")),
                ("registration_opens_at", models.DateTimeField(verbose_name="报名开始时间")),
                ("registration_closes_at", models.DateTimeField(verbose_name="报名截止时间")),
                ("reason", models.TextField(blank=True, verbose_name="改期原因")),
                ("told_at", models.DateTimeField(verbose_name="发布时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_notices",
                        to="catalog.certificatelevel",
                        verbose_name="证书等级",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="registration.examplan",
                        verbose_name="考试计划",
                    ),
                ),
            ],
            options={
                "verbose_name": "统考通知",
                "verbose_name_plural": "统考通知",
                "ordering": ("plan", "level", "version"),
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "level", "version"), name="one_notice_for_each_version")
                ],
            },
        ),
        migrations.RunPython(first_editions, migrations.RunPython.noop),
    ]
