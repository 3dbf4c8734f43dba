"""Sittings with their slots and levels, students, rosters being imported, entries and levels already held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import EvaluationOrg, OnceToken, School, User
from onex.catalog.models import AssessmentScheme, CertificateLevel
from onex.common.masks import mask_id_number
from onex.common.models import Row, state_check, state_field
from onex.common.sealed import SealedTextField
from onex.pilots.models import PilotApplication
from onex.registration.rules.entries import ENTRY_FLOW, LIVE
from onex.registration.rules.plans import LEVEL_FLOW, Window
from onex.registration.rules.roster import GENDER_LABELS, ROSTER_FLOW, Gender
from onex.registration.rules.students import Relation
from onex.venues.models import ExamSite

GENDERS = [(gender.value, gender.name) for gender in Gender]


class ExamPlan(Row):
    """考试计划: one sitting (统考) of the year, for one or more certificate levels."""

    organisation = models.ForeignKey(
        EvaluationOrg, verbose_name=_("培训评价组织"), on_delete=models.PROTECT, related_name="exam_plans"
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    number = models.PositiveSmallIntegerField(_("统考次序"))
    title = models.CharField(_("统考名称"), max_length=80)
    # Empty for the scheme everybody sits, else the label of a variant in the catalogue (演示).
    scheme_label = models.CharField(_("考核方案标签"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("考试计划")
        verbose_name_plural = verbose_name
        ordering = ("-year", "-number")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "year", "number"), name="one_plan_for_each_number"),
        )

    def __str__(self) -> str:
        return self.title


class PlanSlot(Row):
    """考试时段: a stretch of time in which candidates of a sitting sit."""

    plan = models.ForeignKey(ExamPlan, verbose_name=_("考试计划"), on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))

    class Meta:
        verbose_name = _("考试时段")
        verbose_name_plural = verbose_name
        ordering = ("starts_at",)
        constraints = (
            models.CheckConstraint(name="slot_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))),
        )

    def __str__(self) -> str:
        return str(self.window)

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)


class ExamPlanLevel(Row):
    """考试计划的证书等级: has its own state from notice to end."""

    state = state_field(LEVEL_FLOW)
    plan = models.ForeignKey(ExamPlan, verbose_name=_("考试计划"), on_delete=models.CASCADE, related_name="levels")
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="exam_plan_levels"
    )
    # Frozen when the sitting is opened: what was sat under one version is judged by that one for ever.
    scheme = models.ForeignKey(
        AssessmentScheme, verbose_name=_("考核方案"), on_delete=models.PROTECT, related_name="exam_plan_levels"
    )
    registration_opens_at = models.DateTimeField(_("报名开始时间"))
    registration_closes_at = models.DateTimeField(_("报名截止时间"))

    class Meta:
        verbose_name = _("考试计划的证书等级")
        verbose_name_plural = verbose_name
        ordering = ("plan", "level")
        constraints = (
            state_check(LEVEL_FLOW, "plan_level_state_known"),
            models.UniqueConstraint(fields=("plan", "level"), name="one_row_for_each_plan_level"),
        )

    def __str__(self) -> str:
        return f"{self.plan} · {self.level}"

    @property
    def registration(self) -> Window:
        return Window(self.registration_opens_at, self.registration_closes_at)


class PlanNotice(Row):
    """统考通知: one edition of what was announced of a level in a sitting.

    It belongs to the certificate level, not to the row of the plan: a notice that was taken back stays known, as it was
    told, while the organisation works on the next one.
    """

    plan = models.ForeignKey(ExamPlan, verbose_name=_("考试计划"), on_delete=models.CASCADE, related_name="notices")
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="plan_notices"
    )
    version = models.PositiveSmallIntegerField(_("通知版次"))
    title = models.CharField(_("统考名称"), max_length=80)
    slots: Any = models.JSONField(_("考试时段"))  # [[starts, ends], …] in UTC, by time
    ends_at = models.DateTimeField(_("结束时间"))  # of the last slot: what is long over is no longer told
    registration_opens_at = models.DateTimeField(_("报名开始时间"))
    registration_closes_at = models.DateTimeField(_("报名截止时间"))
    reason = models.TextField(_("改期原因"), blank=True)
    told_at = models.DateTimeField(_("发布时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)

    class Meta:
        verbose_name = _("统考通知")
        verbose_name_plural = verbose_name
        ordering = ("plan", "level", "version")
        constraints = (
            models.UniqueConstraint(fields=("plan", "level", "version"), name="one_notice_for_each_version"),
        )

    def __str__(self) -> str:
        return f"{self.title} · {self.level}"

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(Window(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in self.slots)

    @property
    def registration(self) -> Window:
        return Window(self.registration_opens_at, self.registration_closes_at)


class Student(Row):
    """学生: a row of a school's roster. The ID number is sealed and found by its index."""

    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.PROTECT, related_name="students")
    name = models.CharField(_("姓名"), max_length=30)
    id_number = SealedTextField(_("身份证号"))
    id_index = models.CharField(_("身份证号索引"), max_length=64, editable=False, db_index=True)
    gender = models.CharField(_("性别"), max_length=6, choices=GENDERS)
    birth_on = models.DateField(_("出生日期"))
    student_no = models.CharField(_("学号"), max_length=30)
    entry_year = models.PositiveSmallIntegerField(_("入学年份"))
    major_code = models.CharField(_("专业代码"), max_length=8)
    major_name = models.CharField(_("专业名称"), max_length=60)
    class_name = models.CharField(_("班级"), max_length=40, blank=True)
    phone = SealedTextField(_("手机号"))
    # The student's own account. `account` is its name, reserved when the first slip is printed; `slip` is the one in
    # force, of which only the digest is known.
    user = models.ForeignKey(
        User, verbose_name=_("用户"), on_delete=models.SET_NULL, null=True, blank=True, related_name="students"
    )
    account = models.CharField(_("登录账号"), max_length=20, unique=True, null=True, blank=True)
    slip = models.OneToOneField(
        OnceToken, verbose_name=_("激活单"), on_delete=models.SET_NULL, null=True, blank=True, related_name="student"
    )

    class Meta:
        verbose_name = _("学生")
        verbose_name_plural = verbose_name
        ordering = ("student_no",)
        constraints = (
            models.UniqueConstraint(fields=("school", "id_index"), name="one_row_for_each_student"),
            models.UniqueConstraint(fields=("school", "student_no"), name="one_student_for_each_number"),
        )

    def __str__(self) -> str:
        return f"{self.name}（{self.student_no}）"

    @property
    def masked_id_number(self) -> str:
        """What lists show: the whole number is nobody's business there."""
        return mask_id_number(self.id_number)

    @property
    def gender_label(self) -> str:
        return str(GENDER_LABELS[Gender(self.gender)])


class RosterImport(Row):
    """学生名单导入: an uploaded file between preview and confirmation. Its rows are sealed and dropped afterwards."""

    state = state_field(ROSTER_FLOW)
    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.CASCADE, related_name="roster_imports")
    file_name = models.CharField(_("文件名"), max_length=200)
    lines = SealedTextField(_("文件内容"), null=True)
    counts: Any = models.JSONField(_("行数"), default=dict)  # {new, changed, same, bad}; once confirmed also kept
    actor_label = models.CharField(_("上传人姓名"), max_length=200)

    class Meta:
        verbose_name = _("学生名单导入")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)
        constraints = (state_check(ROSTER_FLOW, "roster_import_state_known"),)

    def __str__(self) -> str:
        return self.file_name


class Entry(Row):
    """报名: one student for one level of a sitting at a site; takes a place of the pilot application."""

    state = state_field(ENTRY_FLOW)
    plan_level = models.ForeignKey(
        ExamPlanLevel, verbose_name=_("考试计划的证书等级"), on_delete=models.PROTECT, related_name="entries"
    )
    student = models.ForeignKey(Student, verbose_name=_("学生"), on_delete=models.PROTECT, related_name="entries")
    id_index = models.CharField(_("身份证号索引"), max_length=64, editable=False, db_index=True)
    application = models.ForeignKey(
        PilotApplication, verbose_name=_("试点申报"), on_delete=models.PROTECT, related_name="entries"
    )
    site = models.ForeignKey(ExamSite, verbose_name=_("考核站点"), on_delete=models.PROTECT, related_name="entries")
    slot = models.ForeignKey(
        PlanSlot, verbose_name=_("考试时段"), on_delete=models.PROTECT, null=True, related_name="entries"
    )
    fee_fen = models.PositiveIntegerField(_("考核费用（分）"))
    submitted_at = models.DateTimeField(_("报名时间"))

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = verbose_name
        ordering = ("submitted_at", "id")
        indexes = (models.Index(fields=("plan_level", "site", "state"), name="entry_of_site"),)
        constraints = (
            state_check(ENTRY_FLOW, "entry_state_known"),
            # By the person, not by the roster row: two schools may both have this person.
            models.UniqueConstraint(
                fields=("plan_level", "id_index"),
                condition=models.Q(state__in=[state.value for state in LIVE]),
                name="one_live_entry_for_each_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.student} · {self.plan_level}"


class HeldLevel(Row):
    """已取得的证书等级: who holds what, told by whoever issues or revokes; keeps a second entry out."""

    id_index = models.CharField(_("身份证号索引"), max_length=64, editable=False)
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="held"
    )
    number = models.CharField(_("证书编号"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("已取得的证书等级")
        verbose_name_plural = verbose_name
        constraints = (models.UniqueConstraint(fields=("id_index", "level"), name="one_holding_for_each_level"),)

    def __str__(self) -> str:
        return self.number


class GuardianConsent(Row):
    """监护人同意: who let a student under 14 have an account, and to which words."""

    student = models.ForeignKey(
        Student, verbose_name=_("学生"), on_delete=models.CASCADE, related_name="guardian_consents"
    )
    name = models.CharField(_("监护人姓名"), max_length=30)
    relation = models.CharField(_("与学生的关系"), max_length=10, choices=[(one.value, one.name) for one in Relation])
    phone = SealedTextField(_("监护人手机号"))
    given_at = models.DateTimeField(_("同意时间"))
    text_version = models.CharField(_("告知书版本"), max_length=20)

    class Meta:
        verbose_name = _("监护人同意")
        verbose_name_plural = verbose_name
        ordering = ("-given_at",)

    def __str__(self) -> str:
        return f"{self.name}（{Relation(self.relation).label}）"
