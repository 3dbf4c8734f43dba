"""Tables of the guide: what is certified, what must be mastered, how it is assessed, when, and whom to ask.

A certificate and its levels stay the same over the years; standards, schemes, calendars, books and contacts belong to
the version of the guide that prints them.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import EvaluationOrg
from onex.catalog.rules import Level, PassRuleKind, ResitFee, Stage
from onex.common.models import Row

LEVELS = [(Level.JUNIOR.value, _("初级")), (Level.INTERMEDIATE.value, _("中级")), (Level.ADVANCED.value, _("高级"))]
STAGES = [(stage.value, stage.value) for stage in Stage]
PASS_RULES = [(PassRuleKind.EACH_PART.value, _("两部分分别合格")), (PassRuleKind.WEIGHTED.value, _("按总分合格"))]
RESIT_FEES = [(ResitFee.FULL.value, _("全额")), (ResitFee.PER_PART.value, _("按部分"))]


def _name(label: Any, length: int = 60) -> models.CharField[Any, Any]:
    return models.CharField(label, max_length=length)


def _count(label: Any) -> models.PositiveIntegerField[Any, Any]:
    return models.PositiveIntegerField(label)


def _position() -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(_("次序"))


def _level() -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(_("等级"), choices=LEVELS)


class GuideVersion(Row):
    """指南版本: one year's guide. `texts` holds, by file, what is only read as words (see services)."""

    version = models.CharField(_("版本"), max_length=20, unique=True)
    year = models.PositiveSmallIntegerField(_("年度"), unique=True)
    title = _name(_("标题"), 100)
    organisation_name = _name(_("培训评价组织"))
    organisation_short_name = _name(_("简称"), 20)
    org_code = models.CharField(_("组织机构代码"), max_length=9)
    texts = models.JSONField(_("文字"))
    digest = models.CharField(_("摘要"), max_length=64)
    loaded_at = models.DateTimeField(_("载入时间"))

    class Meta:
        verbose_name = _("指南版本")
        verbose_name_plural = verbose_name
        ordering = ("year",)

    def __str__(self) -> str:
        return self.version


class MajorCatalogue(Row):
    """专业目录: an edition of a catalogue of majors. `replaced_by` is the code of the edition that took its place."""

    code = models.CharField(_("目录版本"), max_length=20, unique=True)
    name = _name(_("目录名称"))
    from_year = models.PositiveSmallIntegerField(_("启用年份"))
    replaced_by = models.CharField(_("接替版本"), max_length=20, blank=True)
    source = _name(_("来源"))

    class Meta:
        verbose_name = _("专业目录")
        verbose_name_plural = verbose_name
        ordering = ("from_year", "code")

    def __str__(self) -> str:
        return self.name

    @property
    def edition(self) -> str:
        """The year by which people call it, e.g. 2021."""
        return self.code[-4:]


class Major(Row):
    """专业, with the catalogue that its code comes from."""

    code = models.CharField(_("专业代码"), max_length=8)
    name = _name(_("专业名称"))
    stage = models.CharField(_("学历层次"), max_length=10, choices=STAGES)
    catalogue = models.ForeignKey(
        MajorCatalogue,
        verbose_name=_("目录版本"),
        to_field="code",
        db_column="catalogue",
        on_delete=models.PROTECT,
        related_name="majors",
    )

    class Meta:
        verbose_name = _("专业")
        verbose_name_plural = verbose_name
        ordering = ("stage", "code")
        constraints = (models.UniqueConstraint(fields=("catalogue", "code"), name="major_code_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MajorSuccession(Row):
    """新旧专业对照: what became of a major when its catalogue was replaced; it may have gone into several."""

    old = models.ForeignKey(Major, verbose_name=_("原专业"), on_delete=models.CASCADE, related_name="successions")
    new = models.ForeignKey(Major, verbose_name=_("现专业"), on_delete=models.CASCADE, related_name="origins")
    is_draft = models.BooleanField(_("草案"))
    source = _name(_("来源"), 20)

    class Meta:
        verbose_name = _("新旧专业对照")
        verbose_name_plural = verbose_name
        ordering = ("old__code", "new__code")
        constraints = (
            models.UniqueConstraint(fields=("old", "new"), name="major_succession_once"),
            models.CheckConstraint(condition=~models.Q(old=models.F("new")), name="a_major_does_not_follow_itself"),
        )

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"


class CertificateType(Row):
    """证书 as the catalogue has it; what a person holds is another thing."""

    guide = models.ForeignKey(GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("证书编号"), max_length=3, unique=True)
    code_is_ours = models.BooleanField(_("编号由本平台设定"))
    name = _name(_("证书名称"))
    short_name = _name(_("简称"), 20)
    english_name = _name(_("英文名称"), 120)
    introduction = models.TextField(_("证书介绍"))
    sample_caption = _name(_("样例图题"))
    sample_alt = models.TextField(_("样例说明"))
    sample_picture = _name(_("样例图"))
    domain_count = _count(_("工作领域数"))
    task_count = _count(_("工作任务数"))
    skill_point_count = _count(_("技能点数"))
    issuer_name = _name(_("颁证机构"))
    issuer = models.ForeignKey(
        EvaluationOrg, verbose_name=_("培训评价组织"), on_delete=models.PROTECT, related_name="certificates"
    )

    class Meta:
        verbose_name = _("证书")
        verbose_name_plural = verbose_name
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class CertificateLevel(Row):
    """证书等级: what a school applies for and a candidate sits. `fee_fen` is what the newest guide asks."""

    certificate = models.ForeignKey(
        CertificateType, verbose_name=_("证书"), on_delete=models.PROTECT, related_name="levels"
    )
    level = _level()
    name = _name(_("名称"))
    short_name = _name(_("简称"), 30)
    fee_fen = _count(_("考核费用（分）"))
    majors: models.ManyToManyField[Major, LevelMajor] = models.ManyToManyField(
        Major, verbose_name=_("对应专业"), through="LevelMajor", related_name="levels"
    )

    class Meta:
        verbose_name = _("证书等级")
        verbose_name_plural = verbose_name
        ordering = ("certificate__code", "level")
        constraints = (
            models.UniqueConstraint(fields=("certificate", "level"), name="certificate_level_once"),
            models.CheckConstraint(condition=models.Q(level__in=[level.value for level in Level]), name="level_known"),
        )

    def __str__(self) -> str:
        return self.name


class LevelMajor(Row):
    """对应专业: from `from_on` until the day before `until_on`, students of this major may register for this level.

    `is_own` marks what the evaluation organisation has decided itself, also that a major is no longer mapped: a newly
    loaded guide leaves such rows alone.
    """

    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.CASCADE, related_name="level_majors"
    )
    major = models.ForeignKey(Major, verbose_name=_("专业"), on_delete=models.PROTECT, related_name="level_majors")
    is_draft = models.BooleanField(_("草案"))
    is_own = models.BooleanField(_("机构自行维护"), default=False)
    from_on = models.DateField(_("生效日期"), null=True, blank=True)
    until_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("对应专业")
        verbose_name_plural = verbose_name
        ordering = ("major__stage", "major__code")
        constraints = (
            models.UniqueConstraint(fields=("level", "major"), name="level_major_once"),
            models.CheckConstraint(
                condition=models.Q(from_on__isnull=True)
                | models.Q(until_on__isnull=True)
                | models.Q(until_on__gte=models.F("from_on")),
                name="level_major_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.level_id} {self.major_id}"


class WorkDomain(Row):
    """工作领域 of a level, as one year's standard has it."""

    guide = models.ForeignKey(
        GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="domains"
    )
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="domains"
    )
    code = models.CharField(_("代码"), max_length=2)
    name = _name(_("名称"))
    name_as_printed = _name(_("印作"))
    position = _position()

    class Meta:
        verbose_name = _("工作领域")
        verbose_name_plural = verbose_name
        ordering = ("level", "position")
        constraints = (models.UniqueConstraint(fields=("guide", "level", "code"), name="domain_code_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class WorkTask(Row):
    """工作任务 of a work domain."""

    domain = models.ForeignKey(WorkDomain, verbose_name=_("工作领域"), on_delete=models.PROTECT, related_name="tasks")
    code = models.CharField(_("代码"), max_length=5)
    name = _name(_("名称"))
    name_as_printed = _name(_("印作"))
    position = _position()

    class Meta:
        verbose_name = _("工作任务")
        verbose_name_plural = verbose_name
        ordering = ("domain", "position")
        constraints = (models.UniqueConstraint(fields=("domain", "code"), name="task_code_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SkillPoint(Row):
    """技能点 of a work task; a draft until the standard's own wording is at hand."""

    task = models.ForeignKey(
        WorkTask, verbose_name=_("工作任务"), on_delete=models.PROTECT, related_name="skill_points"
    )
    code = models.CharField(_("代码"), max_length=8)
    name = _name(_("名称"))
    is_draft = models.BooleanField(_("草案"))
    position = _position()

    class Meta:
        verbose_name = _("技能点")
        verbose_name_plural = verbose_name
        ordering = ("task", "position")
        constraints = (models.UniqueConstraint(fields=("task", "code"), name="skill_point_code_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AssessmentScheme(Row):
    """考核方案 of a level: one version of times, marks and rules. `label` is empty for the one everybody sits."""

    guide = models.ForeignKey(
        GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="schemes"
    )
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="schemes"
    )
    code = _name(_("方案代码"), 40)
    name = _name(_("方案名称"))
    label = models.CharField(_("标签"), max_length=20, blank=True)
    theory_minutes = _count(_("理论考核时间（分钟）"))
    theory_full_mark = _count(_("理论考核满分"))
    theory_pass_mark = _count(_("理论考核合格分"))
    theory_sections = models.JSONField(_("题型"))
    practical_minutes = _count(_("实训考核时间（分钟）"))
    practical_full_mark = _count(_("实训考核满分"))
    practical_pass_mark = _count(_("实训考核合格分"))
    pass_rule = models.CharField(_("合格规则"), max_length=20, choices=PASS_RULES)
    theory_percent = _count(_("理论考核比重（%）"))
    practical_percent = _count(_("实训考核比重（%）"))
    total_pass_mark = _count(_("总分合格线"))
    mark_decimals = models.PositiveSmallIntegerField(_("成绩保留小数位"))
    notice_days = _count(_("考前通知天数"))
    minimum_candidates = _count(_("考点最低人数"))
    entry_opens_minutes = _count(_("考前入场（分钟）"))
    latest_entry_minutes = _count(_("最迟入场（分钟）"))
    earliest_hand_in_minutes = _count(_("最早交卷（分钟）"))
    closing_grace_seconds = _count(_("收卷宽限（秒）"))
    publicity_working_days = _count(_("成绩公示（工作日）"))
    resit_keeps_passed_part = models.BooleanField(_("补考保留已合格部分"))
    resit_valid_months = _count(_("已合格部分保留（月）"))
    resit_limit = _count(_("单部分补考次数"))
    resit_absence_forfeits = models.BooleanField(_("缺考取消补考"))
    resit_fee = models.CharField(_("补考费用"), max_length=20, choices=RESIT_FEES)
    set_by_onex = models.JSONField(_("由本平台设定的项目"))

    class Meta:
        verbose_name = _("考核方案")
        verbose_name_plural = verbose_name
        ordering = ("level", "code")
        constraints = (
            models.UniqueConstraint(fields=("level", "code"), name="scheme_code_once"),
            models.UniqueConstraint(fields=("guide", "level", "label"), name="scheme_label_once"),
            models.CheckConstraint(
                condition=models.Q(theory_pass_mark__lte=models.F("theory_full_mark"))
                & models.Q(practical_pass_mark__lte=models.F("practical_full_mark")),
                name="scheme_marks_reachable",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ModuleWeight(Row):
    """模块权重: how much a work domain weighs in the practical part, in percent."""

    scheme = models.ForeignKey(
        AssessmentScheme, verbose_name=_("考核方案"), on_delete=models.CASCADE, related_name="weights"
    )
    domain = models.ForeignKey(WorkDomain, verbose_name=_("工作领域"), on_delete=models.PROTECT, related_name="weights")
    weight = models.PositiveSmallIntegerField(_("权重（%）"))
    name_as_printed = _name(_("印作"))

    class Meta:
        verbose_name = _("模块权重")
        verbose_name_plural = verbose_name
        ordering = ("scheme", "domain__position")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "domain"), name="module_weight_once"),
            models.CheckConstraint(condition=models.Q(weight__gte=1, weight__lte=100), name="module_weight_percent"),
        )

    def __str__(self) -> str:
        return f"{self.name_as_printed} {self.weight}%"


class CalendarSitting(Row):
    """统考 of the guide's calendar. `levels` are level numbers, e.g. [1, 2]."""

    guide = models.ForeignKey(
        GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="sittings"
    )
    certificate = models.ForeignKey(
        CertificateType, verbose_name=_("证书"), on_delete=models.PROTECT, related_name="calendar_sittings"
    )
    number = models.PositiveSmallIntegerField(_("次序"))
    name = _name(_("考试计划"), 20)
    levels = models.JSONField(_("等级"))

    class Meta:
        verbose_name = _("统考计划")
        verbose_name_plural = verbose_name
        ordering = ("certificate__code", "number")
        constraints = (models.UniqueConstraint(fields=("guide", "certificate", "number"), name="sitting_once"),)

    def __str__(self) -> str:
        return self.name


class CalendarSlot(Row):
    """统考时段: a half day of a sitting."""

    sitting = models.ForeignKey(
        CalendarSitting, verbose_name=_("统考计划"), on_delete=models.CASCADE, related_name="slots"
    )
    position = _position()
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))

    class Meta:
        verbose_name = _("统考时段")
        verbose_name_plural = verbose_name
        ordering = ("sitting", "position")
        constraints = (
            models.UniqueConstraint(fields=("sitting", "position"), name="slot_once"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="slot_ends_later"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class TrainingClassPlan(Row):
    """师资培训计划: a row of the training calendar; day, place and fee come with each class's notice."""

    guide = models.ForeignKey(
        GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="training_classes"
    )
    certificate = models.ForeignKey(
        CertificateType, verbose_name=_("证书"), on_delete=models.PROTECT, related_name="training_classes"
    )
    month = models.PositiveSmallIntegerField(_("培训月份"))
    level = _level()
    content = _name(_("培训内容"))
    mode = _name(_("授课形式"), 20)

    class Meta:
        verbose_name = _("师资培训计划")
        verbose_name_plural = verbose_name
        ordering = ("certificate__code", "month", "level")
        constraints = (
            models.UniqueConstraint(fields=("guide", "certificate", "month", "level"), name="training_class_once"),
            models.CheckConstraint(condition=models.Q(month__gte=1, month__lte=12), name="training_month_real"),
        )

    def __str__(self) -> str:
        return f"{self.month} {self.content}"


class Textbook(Row):
    """配套教材 of a level."""

    guide = models.ForeignKey(
        GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="textbooks"
    )
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="textbooks"
    )
    name = _name(_("书名"))
    publisher = _name(_("出版社"))
    cover = _name(_("封面图"))

    class Meta:
        verbose_name = _("配套教材")
        verbose_name_plural = verbose_name
        ordering = ("level__certificate__code", "level__level")
        constraints = (models.UniqueConstraint(fields=("guide", "level"), name="textbook_once"),)

    def __str__(self) -> str:
        return self.name


class KnowledgeUnit(Row):
    """知识单元 of a textbook: what the theory part is divided by."""

    textbook = models.ForeignKey(
        Textbook, verbose_name=_("配套教材"), on_delete=models.PROTECT, related_name="knowledge_units"
    )
    code = models.CharField(_("代码"), max_length=2)
    name = _name(_("名称"))
    is_draft = models.BooleanField(_("草案"))
    position = _position()

    class Meta:
        verbose_name = _("知识单元")
        verbose_name_plural = verbose_name
        ordering = ("textbook", "position")
        constraints = (models.UniqueConstraint(fields=("textbook", "code"), name="knowledge_unit_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RegionalContact(Row):
    """区域负责人. `provinces` are province codes, `as_printed` the guide's abbreviations of them."""

    guide = models.ForeignKey(
        GuideVersion, verbose_name=_("指南版本"), on_delete=models.PROTECT, related_name="contacts"
    )
    position = _position()
    name = _name(_("联系人"), 30)
    as_printed = _name(_("区域"))
    provinces = models.JSONField(_("省级代码"))
    phone = models.CharField(_("联系方式"), max_length=20)

    class Meta:
        verbose_name = _("区域负责人")
        verbose_name_plural = verbose_name
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("guide", "position"), name="contact_once"),)

    def __str__(self) -> str:
        return f"{self.name} {self.as_printed}"
