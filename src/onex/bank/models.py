"""Items with their keys, and papers that keep a copy of every item they use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import EvaluationOrg
from onex.bank.rules import PAPER, Part
from onex.catalog.models import CertificateLevel, WorkTask
from onex.common.models import Row, state_check, state_field


class Item(Row):
    """试题: one question or practical task. `content` is the whole of it, key and explanation included."""

    organisation = models.ForeignKey(
        EvaluationOrg, verbose_name=_("培训评价组织"), on_delete=models.PROTECT, related_name="items"
    )
    code = models.CharField(_("题号"), max_length=40, unique=True)
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="items"
    )
    kind = models.CharField(_("题型"), max_length=20)
    task = models.ForeignKey(WorkTask, verbose_name=_("工作任务"), on_delete=models.PROTECT, related_name="items")
    unit = models.CharField(_("知识单元"), max_length=20, blank=True)
    title = models.CharField(_("题目"), max_length=200)
    points = models.DecimalField(_("分值"), max_digits=5, decimal_places=1)
    difficulty = models.FloatField(_("预估难度"), null=True)
    content = models.JSONField(_("内容"))
    is_active = models.BooleanField(_("可用"), default=True)

    class Meta:
        verbose_name = _("试题")
        verbose_name_plural = verbose_name
        ordering = ("code",)
        indexes = (models.Index(fields=("level", "kind"), name="item_level_kind"),)

    def __str__(self) -> str:
        return self.code


class Paper(Row):
    """试卷: one part of one level, frozen before a sitting may use it."""

    state = state_field(PAPER)
    organisation = models.ForeignKey(
        EvaluationOrg, verbose_name=_("培训评价组织"), on_delete=models.PROTECT, related_name="papers"
    )
    level = models.ForeignKey(
        CertificateLevel, verbose_name=_("证书等级"), on_delete=models.PROTECT, related_name="papers"
    )
    part = models.CharField(_("考核部分"), max_length=10, choices=[(p.value, p.name) for p in Part])
    number = models.PositiveIntegerField(_("卷号"))
    title = models.CharField(_("试卷名称"), max_length=100)
    seed = models.BigIntegerField(_("组卷种子"), null=True)

    class Meta:
        verbose_name = _("试卷")
        verbose_name_plural = verbose_name
        ordering = ("level", "part", "number")
        constraints = (
            state_check(PAPER, "paper_state_known"),
            models.UniqueConstraint(fields=("level", "part", "number"), name="one_paper_a_number"),
        )

    def __str__(self) -> str:
        return self.title


class PaperSection(Row):
    """大题或模块: a kind in theory, a work domain in the practical."""

    paper = models.ForeignKey(Paper, verbose_name=_("试卷"), on_delete=models.CASCADE, related_name="sections")
    order = models.PositiveSmallIntegerField(_("顺序"))
    code = models.CharField(_("代码"), max_length=20)
    title = models.CharField(_("名称"), max_length=60)
    points = models.DecimalField(_("应得总分"), max_digits=5, decimal_places=1)

    class Meta:
        verbose_name = _("试卷部分")
        verbose_name_plural = verbose_name
        ordering = ("paper", "order")
        constraints = (models.UniqueConstraint(fields=("paper", "code"), name="one_section_a_code"),)

    def __str__(self) -> str:
        return self.title


class PaperItem(Row):
    """卷中试题: the item as it was when the paper was made; later changes of the bank do not reach it."""

    section = models.ForeignKey(
        PaperSection, verbose_name=_("试卷部分"), on_delete=models.CASCADE, related_name="items"
    )
    order = models.PositiveSmallIntegerField(_("顺序"))
    item = models.ForeignKey(Item, verbose_name=_("试题"), on_delete=models.PROTECT, related_name="uses")
    content = models.JSONField(_("内容"))

    class Meta:
        verbose_name = _("卷中试题")
        verbose_name_plural = verbose_name
        ordering = ("section", "order")
        constraints = (models.UniqueConstraint(fields=("section", "order"), name="one_item_a_place"),)

    def __str__(self) -> str:
        return f"{self.section} {self.order}"
