"""What every app's tables share, and the tables that any subject may have: traces and attachments."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.common.ids import uuid7
from onex.common.workflow import Workflow


class Row(models.Model):
    """A table of ours: a UUIDv7 key made in the application and the time it was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("创建时间"), auto_now_add=True)

    class Meta:
        abstract = True


def state_field(flow: Workflow) -> models.CharField[Any, Any]:
    """The column that `common.moves.move` alone changes."""
    return models.CharField(
        _("状态"),
        max_length=24,
        default=flow.initial.value,
        choices=flow.choices,
        db_index=True,
        editable=False,
    )


def state_check(flow: Workflow, name: str) -> models.CheckConstraint:
    """The database itself refuses a state that the table does not have."""
    return models.CheckConstraint(name=name, condition=models.Q(state__in=[s.value for s in flow.states]))


# How what a trace tells of ended.
DONE, DENIED, FAILED = "done", "denied", "failed"


class Trace(Row):
    """One move, decision, export or look at something secret, append-only: who, in which hat, from where, when, why.

    Without a subject it is about the door or the platform itself (a failed sign-in, a denied address).
    """

    subject_type = models.CharField(_("对象类型"), max_length=60, blank=True)
    subject_id = models.UUIDField(_("对象"), null=True)
    verb = models.CharField(_("操作"), max_length=40)
    outcome = models.CharField(_("结果"), max_length=10, default=DONE)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    from_state = models.CharField(_("原状态"), max_length=24, blank=True)
    to_state = models.CharField(_("新状态"), max_length=24, blank=True)
    actor_id = models.UUIDField(_("操作人"), null=True)
    actor_label = models.CharField(_("操作人姓名"), max_length=200)
    hat = models.CharField(_("身份"), max_length=20)
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), blank=True)
    data = models.JSONField(_("附加数据"), default=dict)
    mac = models.CharField(_("签名"), max_length=120, blank=True, editable=False)  # key id and HMAC; see common.audit

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = verbose_name
        ordering = ("at", "id")
        indexes = (
            models.Index(fields=("subject_type", "subject_id", "at"), name="trace_subject"),
            models.Index(fields=("at", "id"), name="trace_time"),
            models.Index(fields=("actor_id", "at"), name="trace_actor"),
            models.Index(fields=("verb", "at"), name="trace_verb"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.verb}"


class ScanState(models.TextChoices):
    """What the virus scanner said of a file, where an installation has one."""

    CLEAN = "clean", _("已查毒")
    UNSCANNED = "unscanned", _("未查毒")  # no scanner was configured
    QUARANTINED = "quarantined", _("已隔离")  # it found something, or gave no answer yet


class AuditLink(models.Model):
    """The place of one trace in the hash chain, given by the sealer in commit order; append-only, kept for ever."""

    seq = models.BigIntegerField(_("链上序号"), primary_key=True)
    trace_id = models.UUIDField(_("操作记录"), unique=True)  # no foreign key: the link outlives the trace
    digest = models.CharField(_("链上摘要"), max_length=64)

    class Meta:
        verbose_name = _("审计链")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.seq} {self.digest[:12]}"


class AuditRoot(models.Model):
    """The head of the chain at the end of a day, shown to everybody: what was public cannot be rewritten."""

    day = models.DateField(_("日期"), primary_key=True)
    seq = models.BigIntegerField(_("链上序号"))
    digest = models.CharField(_("链上摘要"), max_length=64)
    made_at = models.DateTimeField(_("生成时间"))
    mac = models.CharField(_("签名"), max_length=120, editable=False)

    class Meta:
        verbose_name = _("审计存证")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.day} {self.seq} {self.digest[:12]}"


class Attachment(Row):
    """A file somebody handed in. Stored under a generated name; the name people gave it is only shown."""

    subject_type = models.CharField(_("对象类型"), max_length=60)
    subject_id = models.UUIDField(_("对象"))
    slot = models.CharField(_("用途"), max_length=40)
    original_name = models.CharField(_("文件名"), max_length=200)
    stored_name = models.CharField(_("存储名"), max_length=200, unique=True)
    content_type = models.CharField(_("类型"), max_length=100)
    size = models.PositiveIntegerField(_("大小（字节）"))
    sha256 = models.CharField(_("摘要"), max_length=64)
    actor_id = models.UUIDField(_("上传人"), null=True)
    actor_label = models.CharField(_("上传人姓名"), max_length=200)
    is_sealed = models.BooleanField(_("加密存储"), default=False)
    scan_state = models.CharField(_("查毒状态"), max_length=12, choices=ScanState.choices, default=ScanState.UNSCANNED)
    scan_note = models.CharField(_("查毒结果"), max_length=200, blank=True)  # the name of what was found
    scanned_at = models.DateTimeField(_("查毒时间"), null=True)  # empty: the scanner has not spoken yet

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = verbose_name
        ordering = ("created_at", "id")
        indexes = (
            models.Index(fields=("subject_type", "subject_id", "slot"), name="attachment_subject"),
            models.Index(
                fields=("created_at",), name="attachment_to_scan", condition=models.Q(scanned_at__isnull=True)
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="attachment_scan_state", condition=models.Q(scan_state__in=["clean", "unscanned", "quarantined"])
            ),
        )

    def __str__(self) -> str:
        return self.original_name


class LimitCount(models.Model):
    """How often something was tried at a door in its present stretch of time; see `common.limits`."""

    key = models.CharField(_("对象摘要"), max_length=64, primary_key=True)  # keyed: tells nobody who tried
    count = models.PositiveIntegerField(_("次数"))
    ends_at = models.DateTimeField(_("重新计数时间"), db_index=True)

    class Meta:
        verbose_name = _("访问计数")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
