"""Tokens of programs, what they sent twice, where webhooks go and how that went."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import Membership, Organisation
from onex.common.models import Row
from onex.common.sealed import SealedTextField


class ApiToken(Row):
    """接口令牌: a program acts with it in somebody's hat. Only the digest of its secret is stored."""

    hat = models.ForeignKey(Membership, verbose_name=_("身份"), on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("令牌名称"), max_length=40)
    key = models.CharField(_("令牌编号"), max_length=12, unique=True)
    digest = models.CharField(_("凭证摘要"), max_length=64)
    scopes: Any = models.JSONField(_("权限"), default=list)
    networks: Any = models.JSONField(_("限定来源网段"), default=list)
    expires_at = models.DateTimeField(_("失效时间"))
    used_at = models.DateTimeField(_("最近使用时间"), null=True)  # written at most once a minute
    revoked_at = models.DateTimeField(_("吊销时间"), null=True)

    class Meta:
        verbose_name = _("接口令牌")
        verbose_name_plural = verbose_name
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name}（onex_{self.key}）"


class ApiRequest(Row):
    """接口请求记录: what was made for an Idempotency-Key, so that sending it again makes nothing new."""

    token = models.ForeignKey(ApiToken, verbose_name=_("接口令牌"), on_delete=models.CASCADE, related_name="requests")
    key = models.CharField(_("幂等键"), max_length=100)
    digest = models.CharField(_("请求摘要"), max_length=64)
    subject_id = models.UUIDField(_("对象"), null=True)
    at = models.DateTimeField(_("时间"), db_index=True)

    class Meta:
        verbose_name = _("接口请求记录")
        verbose_name_plural = verbose_name
        ordering = ("-at",)
        constraints = (models.UniqueConstraint(fields=("token", "key"), name="one_request_for_each_key"),)

    def __str__(self) -> str:
        return self.key


class WebhookEndpoint(Row):
    """事件接收地址: where an organisation wants to be told, of what, and the secret we sign with."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("机构"), on_delete=models.CASCADE, related_name="webhooks"
    )
    name = models.CharField(_("名称"), max_length=40)
    url = models.CharField(_("接收网址"), max_length=500)
    events: Any = models.JSONField(_("订阅的事件"), default=list)
    secret = SealedTextField(_("签名密钥"))
    old_secret = SealedTextField(_("原签名密钥"), default="")
    old_until = models.DateTimeField(_("原签名密钥停用时间"), null=True)
    paused_at = models.DateTimeField(_("暂停时间"), null=True)
    failure_count = models.PositiveIntegerField(_("连续失败次数"), default=0)
    delivered_at = models.DateTimeField(_("最近送达时间"), null=True)

    class Meta:
        verbose_name = _("事件接收地址")
        verbose_name_plural = verbose_name
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Row):
    """事件推送记录: one event on its way to one receiver. `next_try_at` is empty once it is over."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, verbose_name=_("事件接收地址"), on_delete=models.CASCADE, related_name="deliveries"
    )
    event_id = models.UUIDField(_("事件编号"))
    event = models.CharField(_("事件"), max_length=60)
    facts: Any = models.JSONField(_("内容"), default=dict)  # keys, states and figures; nothing about a person
    at = models.DateTimeField(_("发生时间"))
    tries = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    next_try_at = models.DateTimeField(_("下次发送时间"), null=True)
    tried_at = models.DateTimeField(_("最近发送时间"), null=True)
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    stopped_at = models.DateTimeField(_("停止时间"), null=True)
    last_status = models.PositiveSmallIntegerField(_("应答状态"), null=True)
    excerpt = models.CharField(_("应答摘要"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("事件推送记录")
        verbose_name_plural = verbose_name
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("endpoint", "event_id"), name="each_event_once_for_each_endpoint"),
            models.CheckConstraint(
                condition=models.Q(delivered_at__isnull=True) | models.Q(stopped_at__isnull=True),
                name="delivered_or_stopped",
            ),
        )
        indexes = (
            models.Index(fields=("next_try_at",), name="webhook_due", condition=models.Q(next_try_at__isnull=False)),
            models.Index(fields=("endpoint", "at"), name="delivery_of_endpoint"),
            models.Index(fields=("created_at",), name="delivery_age"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"
