"""A level's release of results, and each candidate's result."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.common.models import Row, state_check, state_field
from onex.registration.models import Entry, ExamPlanLevel
from onex.results.rules import RELEASE


class ResultRelease(Row):
    """成绩发布: all results of one level of a sitting, publicised and released together."""

    state = state_field(RELEASE)
    plan_level = models.OneToOneField(
        ExamPlanLevel, verbose_name=_("考试计划的证书等级"), on_delete=models.PROTECT, related_name="release"
    )
    publicised_at = models.DateTimeField(_("公示开始时间"), null=True)
    ends_at = models.DateTimeField(_("公示结束时间"), null=True)
    released_at = models.DateTimeField(_("发布时间"), null=True)

    class Meta:
        verbose_name = _("成绩发布")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)
        constraints = (state_check(RELEASE, "release_state_known"),)

    def __str__(self) -> str:
        return str(self.plan_level)


class Result(Row):
    """成绩: both parts and the decision; None is a part that was not sat."""

    release = models.ForeignKey(
        ResultRelease, verbose_name=_("成绩发布"), on_delete=models.PROTECT, related_name="results"
    )
    entry = models.OneToOneField(Entry, verbose_name=_("报名"), on_delete=models.PROTECT, related_name="result")
    theory = models.DecimalField(_("理论考核成绩"), max_digits=5, decimal_places=1, null=True)
    practical = models.DecimalField(_("实训考核成绩"), max_digits=5, decimal_places=1, null=True)
    passed = models.BooleanField(_("是否合格"))
    reasons = models.JSONField(_("不合格原因"), default=list)  # Say.as_json()

    class Meta:
        verbose_name = _("成绩")
        verbose_name_plural = verbose_name
        ordering = ("entry",)

    def __str__(self) -> str:
        return f"{self.entry} {self.theory} {self.practical}"
