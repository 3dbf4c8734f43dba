"""Plans, applications, the majors they declare, and the ledger of places."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import Province, School
from onex.catalog.models import CertificateLevel, CertificateType
from onex.common.models import Row, state_check, state_field
from onex.pilots.rules import APPLICATION_BY_CITY, PLAN, ApplicationState, PlanState, batch_label


class PilotPlan(Row):
    """证书申报计划: when and for what the schools of a province may apply."""

    state = state_field(PLAN)
    province = models.ForeignKey(Province, verbose_name=_("省份"), on_delete=models.PROTECT, related_name="pilot_plans")
    year = models.PositiveSmallIntegerField(_("申报年度"))
    batch = models.PositiveSmallIntegerField(_("申报批次"))
    opens_at = models.DateTimeField(_("申报开始时间"))
    closes_at = models.DateTimeField(_("申报结束时间"))
    corrections_until = models.DateTimeField(_("审核修改截止时间"), null=True, blank=True)
    requires_majors = models.BooleanField(_("是否要求按专业填报"), default=False)
    requires_city_approval = models.BooleanField(_("是否要求地市级教育局审批"), default=False)
    all_certificates = models.BooleanField(_("开放全部证书"), default=True)
    certificates = models.ManyToManyField(
        CertificateType, verbose_name=_("开放证书范围"), related_name="pilot_plans", blank=True
    )

    class Meta:
        verbose_name = _("证书申报计划")
        verbose_name_plural = verbose_name
        ordering = ("-year", "-batch")
        constraints = (
            state_check(PLAN, "pilot_plan_state_known"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="pilot_plan_closes_after_opening"
            ),
            models.UniqueConstraint(
                fields=("province", "year", "batch"),
                condition=~models.Q(state=PlanState.CANCELLED.value),
                name="one_plan_for_each_batch",
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} {batch_label(self.batch)}"


class PilotApplication(Row):
    """证书试点申报: one school asks for training places in one level of a certificate."""

    state = state_field(APPLICATION_BY_CITY)
    plan = models.ForeignKey(
        PilotPlan, verbose_name=_("证书申报计划"), on_delete=models.PROTECT, related_name="applications"
    )
    school = models.ForeignKey(
        School, verbose_name=_("院校"), on_delete=models.PROTECT, related_name="pilot_applications"
    )
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("试点证书"), on_delete=models.PROTECT, related_name="pilot_applications"
    )
    requested_count = models.PositiveIntegerField(_("申请培训总人数"), default=0)
    approved_count = models.PositiveIntegerField(_("批准培训总人数"), null=True)
    used_count = models.PositiveIntegerField(_("已使用培训数"), default=0)
    teaching_staff = models.TextField(_("师资情况"), blank=True)
    facilities = models.TextField(_("场地情况"), blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    decided_at = models.DateTimeField(_("审核时间"), null=True)

    class Meta:
        verbose_name = _("证书试点申报")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)
        constraints = (
            state_check(APPLICATION_BY_CITY, "pilot_application_state_known"),
            models.CheckConstraint(
                condition=models.Q(approved_count__isnull=True, used_count=0)
                | models.Q(approved_count__isnull=False, used_count__lte=models.F("approved_count")),
                name="no_more_places_used_than_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_count__isnull=True)
                | models.Q(approved_count__lte=models.F("requested_count")),
                name="no_more_places_approved_than_asked",
            ),
            models.UniqueConstraint(
                fields=("plan", "school", "level"),
                condition=~models.Q(state=ApplicationState.WITHDRAWN.value),
                name="one_application_for_each_level",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} {self.level}"

    @property
    def left_count(self) -> int:
        """Places that may still be taken."""
        return (self.approved_count or 0) - self.used_count


class DeclaredMajor(Row):
    """拟申报专业: when there are any, only students of these majors may register."""

    application = models.ForeignKey(
        PilotApplication, verbose_name=_("证书试点申报"), on_delete=models.CASCADE, related_name="declared_majors"
    )
    code = models.CharField(_("专业代码"), max_length=8)
    name = models.CharField(_("专业名称"), max_length=60)

    class Meta:
        verbose_name = _("拟申报专业")
        verbose_name_plural = verbose_name
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=("application", "code"), name="each_major_declared_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PlacesMove(Row):
    """名额流水: places taken (positive) or given back (negative), and for what; append-only.

    The sum over an application is its `used_count`.
    """

    application = models.ForeignKey(
        PilotApplication, verbose_name=_("证书试点申报"), on_delete=models.PROTECT, related_name="places_moves"
    )
    count = models.IntegerField(_("名额"))
    reason = models.CharField(_("事由"), max_length=100, blank=True)
    subject_type = models.CharField(_("对象类型"), max_length=60)
    subject_id = models.UUIDField(_("对象"))
    actor_id = models.UUIDField(_("操作人"), null=True)
    actor_label = models.CharField(_("操作人姓名"), max_length=200)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("名额流水")
        verbose_name_plural = verbose_name
        ordering = ("at", "id")
        constraints = (models.CheckConstraint(condition=~models.Q(count=0), name="a_places_move_moves_something"),)
        indexes = (models.Index(fields=("application", "subject_type", "subject_id"), name="places_by_subject"),)

    def __str__(self) -> str:
        return f"{self.count:+d} {self.reason}"
