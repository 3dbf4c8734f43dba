"""Site applications, sites and their rooms."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import EvaluationOrg, Organisation, School
from onex.catalog.models import CertificateLevel
from onex.common.models import Row, state_check, state_field
from onex.common.sealed import SealedTextField
from onex.venues.rules import EDITABLE, FLOW, SITE_FLOW, Standing


class SiteApplication(Row):
    """考核站点申请: what the guide's form asks, addressed to one evaluation organisation."""

    state = state_field(FLOW)
    school = models.ForeignKey(
        School, verbose_name=_("院校"), on_delete=models.PROTECT, related_name="site_applications"
    )
    organisation = models.ForeignKey(
        EvaluationOrg, verbose_name=_("申报对象"), on_delete=models.PROTECT, related_name="site_applications"
    )
    changes = models.ForeignKey(
        "ExamSite",
        verbose_name=_("变更的站点"),
        on_delete=models.PROTECT,
        null=True,
        related_name="change_applications",
    )  # empty: the application asks for a new site
    name = models.CharField(_("考核站点名称"), max_length=120, blank=True)
    region = models.CharField(_("考核站点地址"), max_length=60, blank=True)
    address = models.CharField(_("详细地址"), max_length=200, blank=True)
    contact_name = models.CharField(_("联系人姓名"), max_length=30, blank=True)
    contact_phone = SealedTextField(_("联系人电话"), default="")
    contact_email = SealedTextField(_("联系人邮箱"), default="")
    levels = models.ManyToManyField(CertificateLevel, verbose_name=_("考核证书"), related_name="site_applications")
    description = models.TextField(_("考核站点简介"), blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)

    class Meta:
        verbose_name = _("考核站点申请")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)
        constraints = (
            state_check(FLOW, "site_application_state_known"),
            models.UniqueConstraint(
                fields=("school", "organisation"),
                condition=models.Q(state__in=["draft", "pending", "returned"]),
                name="one_open_site_application",
            ),
        )

    def __str__(self) -> str:
        return self.name or str(_("未命名的考核站点"))

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE


class RoomFacts(Row):
    """What is written down of a machine room (`RoomInput`)."""

    name = models.CharField(_("考场名称"), max_length=40)
    machine_count = models.PositiveSmallIntegerField(_("考试机数量"))
    spare_count = models.PositiveSmallIntegerField(_("备用机数量"), default=0)
    place = models.CharField(_("位置"), max_length=60, blank=True, default="")
    server_count = models.PositiveSmallIntegerField(_("服务器数量"), default=0)
    camera_count = models.PositiveSmallIntegerField(_("摄像头数量"), default=0)
    addresses = models.CharField(_("机器网段"), max_length=200, blank=True, default="")
    is_accessible = models.BooleanField(_("无障碍"), default=False)

    class Meta:
        abstract = True


class ApplicationRoom(RoomFacts):
    """A room as the application describes it; becomes a SiteRoom on approval."""

    application = models.ForeignKey(
        SiteApplication, verbose_name=_("考核站点申请"), on_delete=models.CASCADE, related_name="rooms"
    )

    class Meta:
        verbose_name = _("申报考场")
        verbose_name_plural = verbose_name
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ExamSite(Row):
    """考核站点: where candidates of certain certificate levels sit, confirmed year by year."""

    state = state_field(SITE_FLOW)
    application = models.OneToOneField(
        SiteApplication, verbose_name=_("考核站点申请"), on_delete=models.PROTECT, related_name="site"
    )
    unit = models.OneToOneField(
        Organisation, verbose_name=_("考点机构"), on_delete=models.PROTECT, related_name="exam_site"
    )  # the organisation whose hats the site's own people wear
    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.PROTECT, related_name="sites")
    organisation = models.ForeignKey(
        EvaluationOrg, verbose_name=_("培训评价组织"), on_delete=models.PROTECT, related_name="sites"
    )
    name = models.CharField(_("考核站点名称"), max_length=120)
    region = models.CharField(_("考核站点地址"), max_length=60)
    address = models.CharField(_("详细地址"), max_length=200)
    contact_name = models.CharField(_("联系人姓名"), max_length=30)
    contact_phone = SealedTextField(_("联系人电话"), default="")
    contact_email = SealedTextField(_("联系人邮箱"), default="")
    levels = models.ManyToManyField(CertificateLevel, verbose_name=_("考核证书"), related_name="sites")
    valid_until = models.DateField(_("有效期至"))  # that day included
    reminded_until = models.DateField(_("已提醒的有效期"), null=True)  # the last day that people were reminded of

    class Meta:
        verbose_name = _("考核站点")
        verbose_name_plural = verbose_name
        ordering = ("name",)
        constraints = (
            state_check(SITE_FLOW, "site_state_known"),
            models.UniqueConstraint(
                fields=("school", "organisation"),
                condition=~models.Q(state="revoked"),
                name="one_site_for_each_organisation",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == Standing.ACTIVE


class SiteRoom(RoomFacts):
    """考场: a machine room of a site."""

    site = models.ForeignKey(ExamSite, verbose_name=_("考核站点"), on_delete=models.CASCADE, related_name="rooms")

    class Meta:
        verbose_name = _("考场")
        verbose_name_plural = verbose_name
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("site", "name"), name="one_name_for_each_room"),)

    def __str__(self) -> str:
        return f"{self.site} {self.name}"
