"""Certificates: the facts as they were on the day of issue, and the signature over them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.certificates.rules import CERTIFICATE
from onex.common.models import Row, state_check, state_field
from onex.common.sealed import SealedTextField
from onex.results.models import Result


class Certificate(Row):
    """证书 held by a person. `facts` never change; the full ID number stands sealed beside them."""

    state = state_field(CERTIFICATE)
    number = models.CharField(_("证书编号"), max_length=22, unique=True)
    result = models.OneToOneField(Result, verbose_name=_("成绩"), on_delete=models.PROTECT, related_name="certificate")
    name = models.CharField(_("姓名"), max_length=30)
    id_number = SealedTextField(_("证件号码"))
    facts = models.JSONField(_("证书事项"))
    issued_on = models.DateField(_("发证日期"))
    key_id = models.CharField(_("签名密钥"), max_length=20)
    signature = models.CharField(_("签名"), max_length=100)
    qr = models.TextField(_("二维码"))

    class Meta:
        verbose_name = _("职业技能等级证书")
        verbose_name_plural = verbose_name
        ordering = ("-issued_on", "number")
        constraints = (state_check(CERTIFICATE, "certificate_state_known"),)

    def __str__(self) -> str:
        return self.number
