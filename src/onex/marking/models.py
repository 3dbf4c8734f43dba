"""Scripts as they came from the room, marking jobs, marks that are only ever added, bundles nobody can place."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import User
from onex.bank.models import Paper
from onex.bank.rules import Part
from onex.common.models import Row, state_check, state_field
from onex.marking.rules import JOB, SCRIPT
from onex.registration.models import Entry
from onex.sittings.models import ExamSession


class Script(Row):
    """答卷: one candidate's one part, as the sealed room gave it, with its scores."""

    state = state_field(SCRIPT)
    session = models.ForeignKey(
        ExamSession, verbose_name=_("考试场次"), on_delete=models.PROTECT, related_name="scripts"
    )
    entry = models.ForeignKey(Entry, verbose_name=_("报名"), on_delete=models.PROTECT, related_name="scripts")
    part = models.CharField(_("考核部分"), max_length=10, choices=[(p.value, p.name) for p in Part])
    paper = models.ForeignKey(Paper, verbose_name=_("试卷"), on_delete=models.PROTECT, related_name="scripts")
    attempt = models.UUIDField(_("考场作答编号"))
    opened_at = models.DateTimeField(_("开始作答时间"), null=True)
    handed_in_at = models.DateTimeField(_("交卷时间"), null=True)
    answers = models.JSONField(_("答案"), default=dict)
    scores = models.JSONField(_("得分明细"), default=dict)  # item code → Score.as_json()
    points = models.DecimalField(_("得分"), max_digits=5, decimal_places=1, null=True)
    chain = models.CharField(_("记录链"), max_length=8)
    late_count = models.PositiveIntegerField(_("迟到记录数"), default=0)
    bundle_hash = models.CharField(_("答卷包摘要"), max_length=64)

    class Meta:
        verbose_name = _("答卷")
        verbose_name_plural = verbose_name
        ordering = ("session", "entry", "part")
        constraints = (
            state_check(SCRIPT, "script_state_known"),
            models.UniqueConstraint(fields=("entry", "part"), name="one_script_a_part"),
        )

    def __str__(self) -> str:
        return f"{self.entry} {self.part}"

    @property
    def is_absent(self) -> bool:
        """Never opened: the candidate did not sit this part."""
        return self.opened_at is None


class MarkingJob(Row):
    """评分任务: one item of one script that a person must judge."""

    state = state_field(JOB)
    script = models.ForeignKey(Script, verbose_name=_("答卷"), on_delete=models.PROTECT, related_name="jobs")
    item = models.CharField(_("题号"), max_length=40)
    number = models.PositiveIntegerField(_("密号"))

    class Meta:
        verbose_name = _("评分任务")
        verbose_name_plural = verbose_name
        ordering = ("number",)
        constraints = (
            state_check(JOB, "job_state_known"),
            models.UniqueConstraint(fields=("script", "item"), name="one_job_an_item"),
        )

    def __str__(self) -> str:
        return str(self.number)


class Mark(Row):
    """评分: what one assessor gave, criterion by criterion. Never changed; the latest counts."""

    job = models.ForeignKey(MarkingJob, verbose_name=_("评分任务"), on_delete=models.PROTECT, related_name="marks")
    assessor = models.ForeignKey(User, verbose_name=_("考评员"), on_delete=models.PROTECT, related_name="marks")
    points = models.JSONField(_("各项得分"))  # criterion id → points as text
    remark = models.CharField(_("评语"), max_length=500, blank=True)
    at = models.DateTimeField(_("评分时间"))

    class Meta:
        verbose_name = _("评分")
        verbose_name_plural = verbose_name
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.job} {self.points}"


class StrayBundle(Row):
    """待查答卷包: came from a room and fits no entry of the session, or contradicts what is kept."""

    session = models.ForeignKey(
        ExamSession, verbose_name=_("考试场次"), on_delete=models.PROTECT, related_name="stray_bundles"
    )
    bundle_hash = models.CharField(_("答卷包摘要"), max_length=64)
    bundle = models.JSONField(_("内容"))
    reason = models.CharField(_("原因"), max_length=40)

    class Meta:
        verbose_name = _("待查答卷包")
        verbose_name_plural = verbose_name
        constraints = (models.UniqueConstraint(fields=("session", "bundle_hash"), name="one_stray_bundle_once"),)

    def __str__(self) -> str:
        return self.reason
