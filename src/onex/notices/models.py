"""What was said, to whom, how it went there; what people prefer; the words that an operator changed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import Organisation, User
from onex.common.models import Row
from onex.notices.rules import Channel, Pace, Standing, Why, standing_of


class Sending(Row):
    """消息发送: one thing said to one or many people at once, its words frozen as they went out.

    Who pressed the button is the trace's to tell; a notice comes from an organisation.
    """

    code = models.CharField(_("消息类型"), max_length=60)
    subject = models.CharField(_("标题"), max_length=200)
    text = models.TextField(_("正文"))
    link = models.CharField(_("相关页面"), max_length=300, blank=True)
    is_urgent = models.BooleanField(_("紧急"), default=False)
    sender = models.ForeignKey(
        Organisation, verbose_name=_("发送机构"), on_delete=models.PROTECT, null=True, related_name="sendings"
    )  # nobody's: the platform itself
    sender_role = models.CharField(_("发送身份"), max_length=20)
    subject_type = models.CharField(_("对象类型"), max_length=60, blank=True)
    subject_id = models.UUIDField(_("对象"), null=True)
    once = models.CharField(_("只发一次的标记"), max_length=200, null=True, unique=True)
    sent_at = models.DateTimeField(_("发送时间"))

    class Meta:
        verbose_name = _("消息发送")
        verbose_name_plural = verbose_name
        ordering = ("-sent_at", "-id")
        indexes = (
            models.Index(fields=("sender", "-sent_at"), name="sending_of_sender"),
            models.Index(fields=("subject_type", "subject_id"), name="sending_subject"),
        )

    def __str__(self) -> str:
        return self.subject


class Notice(Row):
    """消息: what one person has in the inbox, in the hat it was sent to."""

    sending = models.ForeignKey(Sending, verbose_name=_("消息发送"), on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(User, verbose_name=_("收件人"), on_delete=models.CASCADE, related_name="notices")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("收件机构"), on_delete=models.PROTECT, null=True, related_name="notices"
    )  # none: for the person, whatever they wear
    role = models.CharField(_("收件身份"), max_length=20, blank=True)
    sent_at = models.DateTimeField(_("发送时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = verbose_name
        ordering = ("-sent_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("sending", "user", "organisation"), name="one_notice_of_a_sending"),
        )
        indexes = (
            models.Index(fields=("user", "-sent_at"), name="notice_of_user"),
            models.Index(fields=("user",), name="notice_unread", condition=models.Q(read_at=None)),
            models.Index(fields=("read_at",), name="notice_read"),
        )

    def __str__(self) -> str:
        return f"{self.sending_id} {self.user_id}"


class Delivery(Row):
    """送达记录: a notice on its way by one channel. How it stands is read from its times.

    `due_at` is when somebody is to send it (again); none when nobody is.
    """

    notice = models.ForeignKey(Notice, verbose_name=_("消息"), on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("渠道"), max_length=10, choices=[(c.value, c.name) for c in Channel])
    in_digest = models.BooleanField(_("每日汇总"), default=False)
    due_at = models.DateTimeField(_("应发送时间"), null=True)
    sent_at = models.DateTimeField(_("送达时间"), null=True)
    tries = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    why = models.CharField(
        _("未送达原因"), max_length=20, blank=True, choices=[(w.value, w.name) for w in Why if w.value]
    )
    tried_at = models.DateTimeField(_("最近尝试时间"), null=True)

    class Meta:
        verbose_name = _("送达记录")
        verbose_name_plural = verbose_name
        ordering = ("channel",)
        constraints = (
            models.UniqueConstraint(fields=("notice", "channel"), name="one_delivery_by_channel"),
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(due_at=None), name="what_was_sent_is_not_due"
            ),
        )
        indexes = (models.Index(fields=("due_at",), name="delivery_due", condition=models.Q(due_at__isnull=False)),)

    def __str__(self) -> str:
        return f"{self.channel} {self.notice_id}"

    @property
    def standing(self) -> Standing:
        return standing_of(sent_at=self.sent_at, due_at=self.due_at, why=self.why)


class Preference(Row):
    """接收方式: how a person wants the e-mail of one kind of notice."""

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="notice_preferences")
    code = models.CharField(_("消息类型"), max_length=60)
    pace = models.CharField(_("接收方式"), max_length=10, choices=[(p.value, p.name) for p in Pace])

    class Meta:
        verbose_name = _("接收方式")
        verbose_name_plural = verbose_name
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=("user", "code"), name="one_preference_by_kind"),)

    def __str__(self) -> str:
        return f"{self.code} {self.pace}"


class NoticeTemplate(Row):
    """消息模板: the words an operator gave a template in place of the built-in ones. Kept when they are taken back,
    so that the record of who changed what has its row.
    """

    code = models.CharField(_("消息类型"), max_length=60, unique=True)
    subject = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("正文"))
    is_urgent = models.BooleanField(_("紧急"), default=False)
    is_in_force = models.BooleanField(_("采用"), default=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    changed_at = models.DateTimeField(_("修改时间"))

    class Meta:
        verbose_name = _("消息模板")
        verbose_name_plural = verbose_name
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code
