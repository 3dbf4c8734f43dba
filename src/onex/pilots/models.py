"""Plans, applications, the majors they declare, and the ledger of places."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import Organisation, Province, School, User
from onex.catalog.models import CertificateLevel, CertificateType
from onex.common.models import Row, state_check, state_field
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    DECISIONS,
    FIELDS,
    PLACES_KINDS,
    PLACES_LABELS,
    PLAN,
    SIGNALS,
    ApplicationState,
    BatchSource,
    PlacesKind,
    PlanState,
    batch_label,
)


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
    notes = models.TextField(_("填报说明"), blank=True)
    # When the province means to have decided; reviewers are reminded before. Nothing closes by it.
    reviews_until = models.DateTimeField(_("审核截止时间"), null=True, blank=True)
    revision = models.PositiveIntegerField(_("修订号"), default=0, editable=False)  # a stale form is told by it

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


class PlanTotal(Row):
    """名额总量: the most places a province grants under a plan, for one certificate or (without one) for all."""

    plan = models.ForeignKey(PilotPlan, verbose_name=_("证书申报计划"), on_delete=models.CASCADE, related_name="totals")
    certificate = models.ForeignKey(
        CertificateType, verbose_name=_("证书"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    total = models.PositiveIntegerField(_("名额总量"))

    class Meta:
        verbose_name = _("名额总量")
        verbose_name_plural = verbose_name
        ordering = ("plan", "certificate__code")
        constraints = (
            models.UniqueConstraint(fields=("plan", "certificate"), name="one_total_for_each_certificate"),
            models.UniqueConstraint(
                fields=("plan",), condition=models.Q(certificate__isnull=True), name="one_total_for_the_whole_plan"
            ),
        )

    def __str__(self) -> str:
        return f"{self.certificate or self.plan} {self.total}"


class PlanMaterial(Row):
    """要求上传的材料: a named slot of 其他佐证材料 that a province asks for."""

    plan = models.ForeignKey(
        PilotPlan, verbose_name=_("证书申报计划"), on_delete=models.CASCADE, related_name="materials"
    )
    name = models.CharField(_("材料名称"), max_length=60)
    is_required = models.BooleanField(_("必须上传"), default=True)
    position = models.PositiveSmallIntegerField(_("次序"))

    class Meta:
        verbose_name = _("要求上传的材料")
        verbose_name_plural = verbose_name
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("plan", "name"), name="each_material_asked_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def slot(self) -> str:
        """Where the files handed in for it are kept."""
        return f"asked-{self.pk.hex}"


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
    machine_count = models.PositiveIntegerField(_("学生机台数"), null=True, blank=True)
    # What a reviewer's signals compare with other schools' texts: digests of the text without blanks and punctuation.
    staff_digest = models.CharField(_("师资情况摘要"), max_length=64, blank=True, editable=False)
    facilities_digest = models.CharField(_("场地情况摘要"), max_length=64, blank=True, editable=False)
    saved_at = models.DateTimeField(_("保存时间"), null=True, editable=False)
    revision = models.PositiveIntegerField(_("修订号"), default=0, editable=False)  # a stale screen is told by it
    submission_count = models.PositiveSmallIntegerField(_("提交次数"), default=0, editable=False)
    assignee = models.ForeignKey(
        User, verbose_name=_("经办人"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assigned_at = models.DateTimeField(_("分派时间"), null=True, editable=False)
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
        indexes = (
            models.Index(fields=("plan", "state", "submitted_at"), name="application_queue"),
            models.Index(fields=("school", "level"), name="application_of_school"),
            models.Index(fields=("staff_digest",), name="application_staff_text"),
            models.Index(fields=("facilities_digest",), name="application_rooms_text"),
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


class FieldRemark(Row):
    """逐项意见: what a reviewer who returned an application says of one of its fields, for that submission."""

    application = models.ForeignKey(
        PilotApplication, verbose_name=_("证书试点申报"), on_delete=models.CASCADE, related_name="remarks"
    )
    submission = models.PositiveSmallIntegerField(_("第几次提交"))
    field = models.CharField(_("项目"), max_length=20, choices=FIELDS)
    text = models.CharField(_("意见"), max_length=500)
    actor_id = models.UUIDField(_("操作人"), null=True)
    actor_label = models.CharField(_("操作人姓名"), max_length=200)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("逐项意见")
        verbose_name_plural = verbose_name
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "submission", "field", "actor_id"), name="one_remark_a_field"
            ),
        )

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"


class SignalWeight(Row):
    """审核提示权重: how much one signal counts in the order of the queue; without a province it is the default."""

    province = models.ForeignKey(
        Province, verbose_name=_("省份"), on_delete=models.CASCADE, null=True, blank=True, related_name="signal_weights"
    )
    code = models.CharField(_("提示"), max_length=20, choices=SIGNALS)
    weight = models.PositiveSmallIntegerField(_("权重"))

    class Meta:
        verbose_name = _("审核提示权重")
        verbose_name_plural = verbose_name
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("province", "code"), name="one_weight_for_each_signal"),
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(province__isnull=True), name="one_default_weight"
            ),
            models.CheckConstraint(condition=models.Q(weight__lte=100), name="signal_weight_at_most_100"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.weight}"


class DecisionBatch(Row):
    """批量办理: decisions on many applications between preview and confirmation, ticked on screen or from a sheet.

    `lines`: [{application, revision, decision, approved_count, note}]; `counts`: {decision: n, bad: n}.
    """

    state = state_field(DECISIONS)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("机构"), on_delete=models.PROTECT, related_name="decision_batches"
    )
    source = models.CharField(_("来源"), max_length=10, choices=[(one.value, one.name) for one in BatchSource])
    file_name = models.CharField(_("文件名"), max_length=200, blank=True)
    lines: Any = models.JSONField(_("办理内容"), default=list)
    counts: Any = models.JSONField(_("行数"), default=dict)
    actor_id = models.UUIDField(_("操作人"), null=True)
    actor_label = models.CharField(_("操作人姓名"), max_length=200)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("批量办理")
        verbose_name_plural = verbose_name
        ordering = ("-at", "-id")
        constraints = (state_check(DECISIONS, "decision_batch_state_known"),)

    def __str__(self) -> str:
        return self.file_name or str(self.pk)


class ApprovalList(Row):
    """批准名单: what a province publishes of a plan under its document number (文号), frozen as it was printed."""

    plan = models.ForeignKey(
        PilotPlan, verbose_name=_("证书申报计划"), on_delete=models.PROTECT, related_name="approval_lists"
    )
    document_no = models.CharField(_("文号"), max_length=60)
    title = models.CharField(_("标题"), max_length=120)
    issued_on = models.DateField(_("发文日期"))
    lines: Any = models.JSONField(_("名单"), default=list)  # [{school, certificate, requested, approved}]
    actor_id = models.UUIDField(_("操作人"), null=True)
    actor_label = models.CharField(_("操作人姓名"), max_length=200)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("批准名单")
        verbose_name_plural = verbose_name
        ordering = ("-at", "-id")
        constraints = (models.UniqueConstraint(fields=("plan", "document_no"), name="one_list_for_each_document"),)

    def __str__(self) -> str:
        return f"{self.document_no} {self.title}"


class RosterCount(Row):
    """在籍学生数: how many students of a major a school's roster has.

    Students are of a later app, which keeps these figures true whenever a roster changes; queues and forms of three
    thousand applications read them instead of half a million students.
    """

    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.CASCADE, related_name="roster_counts")
    major_code = models.CharField(_("专业代码"), max_length=8)
    count = models.PositiveIntegerField(_("在籍学生数"))

    class Meta:
        verbose_name = _("在籍学生数")
        verbose_name_plural = verbose_name
        ordering = ("major_code",)
        constraints = (models.UniqueConstraint(fields=("school", "major_code"), name="one_count_for_each_major"),)

    def __str__(self) -> str:
        return f"{self.major_code} {self.count}"


class PlacesMove(Row):
    """名额流水: places granted, adjusted, taken, given back or lapsed, and for what; append-only.

    Over an application, the kinds that grant add up to its `approved_count` (0 while it has none), the kinds that use
    to its `used_count`; what lapses at the end of the year changes neither.
    """

    application = models.ForeignKey(
        PilotApplication, verbose_name=_("证书试点申报"), on_delete=models.PROTECT, related_name="places_moves"
    )
    kind = models.CharField(_("类别"), max_length=10, choices=PLACES_KINDS, default=PlacesKind.TAKE.value)
    count = models.IntegerField(_("名额"))
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    subject_label = models.CharField(_("对象名称"), max_length=120, blank=True)
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

    @property
    def kind_label(self) -> str:
        return str(PLACES_LABELS[PlacesKind(self.kind)])
