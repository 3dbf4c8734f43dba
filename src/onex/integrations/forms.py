"""What people type of a token or a receiver; the rules judge it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.common.actors import Actor
from onex.common.text import Refused, say
from onex.integrations import queries
from onex.integrations.models import WebhookEndpoint
from onex.integrations.rules import EVENTS, LIVES, networks_of, problems_with_url
from onex.integrations.services import EndpointInput, TokenInput


class TokenForm(forms.Form):
    """签发令牌: for which program, what it may do, for how long, from where."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("令牌名称"), max_length=40, help_text=_("使用它的系统，例如：教务系统。会出现在办理记录里。")
    )
    scopes = forms.MultipleChoiceField(
        label=_("权限"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只给需要的。持令牌的程序看到的和您本人看到的一样多。"),
        error_messages={"required": _("请至少选择一项权限。")},
    )
    days = forms.TypedChoiceField(
        label=_("有效期"), coerce=int, choices=[(n, say("{n} 天", n=n)) for n in LIVES], initial=90
    )
    networks = forms.CharField(
        label=_("限定来源网段"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("可不填。填写后只能从这些地址使用，每行一个，例如 203.0.113.0/28。"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(scope.code, f"{scope.label}（{scope.code}）") for scope in queries.scopes_for(actor)]

    def clean_networks(self) -> str:
        """Mistakes stand beside the field."""
        try:
            networks_of(self.cleaned_data["networks"])
        except Refused as refused:
            raise ValidationError([str(reason) for reason in refused.reasons]) from refused
        return str(self.cleaned_data["networks"])

    def values(self, at: datetime) -> TokenInput:
        """The clean input of the service."""
        given = self.cleaned_data
        return TokenInput(given["name"], given["scopes"], at + timedelta(days=given["days"]), given["networks"])


class EndpointForm(forms.Form):
    """事件接收地址: where to, and of what."""

    use_required_attribute = False

    name = forms.CharField(label=_("名称"), max_length=40, help_text=_("接收事件的系统，例如：教务系统。"))
    url = forms.CharField(
        label=_("接收网址"),
        max_length=500,
        help_text=_("https 开头的域名网址，例如 https://jwc.example.edu.cn/onex。不能指向内部网络。"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=_("订阅的事件"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一种事件。")},
    )

    def __init__(self, *args: Any, endpoint: WebhookEndpoint | None = None, **kwargs: Any) -> None:
        if endpoint is not None:
            kwargs.setdefault("initial", {"name": endpoint.name, "url": endpoint.url, "events": endpoint.events})
        super().__init__(*args, **kwargs)
        events: Any = self.fields["events"]
        events.choices = [(one.code, f"{one.label}（{one.code}）") for one in EVENTS.values()]

    def clean_url(self) -> str:
        """What the text of the address tells stands beside the field; where its name leads is the service's to ask."""
        problems = problems_with_url(self.cleaned_data["url"], loopback=settings.WEBHOOKS_TO_LOOPBACK)
        if problems:
            raise ValidationError([str(problem) for problem in problems])
        return str(self.cleaned_data["url"])

    def values(self) -> EndpointInput:
        """The clean input of the service."""
        given = self.cleaned_data
        return EndpointInput(given["name"], given["url"], given["events"])
