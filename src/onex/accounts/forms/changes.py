"""What a school types when its name or administrator changes, and whoever lost its account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.accounts import queries, rules
from onex.accounts.identifiers import normalised, phone_as_meant, problems_with_credit_code, problems_with_school_code
from onex.accounts.models import InstitutionChange, School
from onex.accounts.services import ChangeInput, changes
from onex.common import files
from onex.common.text import Refused

SAME, ANOTHER = "same", "another"


def _text(label: Any, length: int, help_text: Any = "") -> forms.CharField:
    # Whether it is needed is the rules' say, in their words.
    return forms.CharField(label=label, max_length=length, help_text=help_text, required=False, empty_value="")


class _ChangeForm(forms.Form):
    """What every request has: a reason and a stamped letter."""

    KIND: rules.ChangeKind
    use_required_attribute = False

    def __init__(self, *args: Any, change: InstitutionChange | None = None, **kwargs: Any) -> None:
        if change is not None and not args:
            kwargs.setdefault("initial", {name: getattr(change, name, "") for name in self.base_fields})
        super().__init__(*args, **kwargs)
        self.change = change
        for name, field in self.fields.items():
            field.required = name not in self.optional()

    def optional(self) -> tuple[str, ...]:
        """Fields that may stay empty; a letter that is kept already need not be given again."""
        return ("proof",) if self.change is not None and queries.proofs_of(self.change).exists() else ()

    def full_clean(self) -> None:
        # 必填 is shown, and asked for by the rules: one sentence for one gap.
        needed = {name: self.fields[name].required for name in type(self).base_fields}
        for name in needed:
            self.fields[name].required = False
        super().full_clean()
        for name, is_needed in needed.items():
            self.fields[name].required = is_needed

    def clean_proof(self) -> Any:
        upload = self.cleaned_data["proof"]
        if upload:
            try:
                files.check(upload, changes.PROOF_KINDS)
            except Refused as refused:
                raise ValidationError([str(reason) for reason in refused.reasons]) from refused
        return upload

    def clean_person_phone(self) -> str:
        return phone_as_meant(self.cleaned_data["person_phone"])

    def values(self) -> ChangeInput:
        """The clean input of the service."""
        given = {name: text for name, text in self.cleaned_data.items() if name in ChangeInput.__dataclass_fields__}
        return ChangeInput(kind=self.KIND, **{"reason": "", **given})

    def judge(self, school: School) -> bool:
        """Put what the rules say beside the fields; answers whether the request may be filed."""
        has_proof = bool(self.cleaned_data.get("proof")) or "proof" in self.optional()
        facts = changes.facts_of_input(self.values(), school, has_proof)
        for name, problems in rules.problems_with_change(facts).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, [str(problem) for problem in problems])
        return not self.errors


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("原因"), max_length=rules.LONGEST_REASON, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def _proof(label: Any, help_text: Any) -> forms.FileField:
    return forms.FileField(label=label, required=False, help_text=help_text)


class NameChangeForm(_ChangeForm):
    """变更校名."""

    KIND = rules.ChangeKind.NAME
    new_name = _text(_("新的学校全称"), 100, _("与新公章一致的全称。"))
    reason = _reason()
    proof = _proof(
        _("更名批文"), _("上级主管部门的更名批文或变更后的法人证书扫描件，支持 .pdf .jpg .png，不超过 20 MB。")
    )


class AdministratorChangeForm(_ChangeForm):
    """变更管理员: handed over to a colleague."""

    KIND = rules.ChangeKind.ADMINISTRATOR
    person_name = _text(_("新管理员姓名"), 30)
    person_phone = _text(_("新管理员联系电话"), 20, _("手机号，或带区号的固定电话。"))
    person_email = _text(_("新管理员邮箱"), 254, _("省里通过后，激活链接会发到这个邮箱。"))
    username = _text(
        _("新管理员登录账号"), 40, _("4 到 40 位，以字母开头。对方已有本校账号的，填写该账号，启用时会重新设置密码。")
    )
    reason = _reason()
    proof = _proof(_("盖章的变更说明"), _("加盖学校公章的扫描件，支持 .pdf .jpg .png，不超过 20 MB。"))


class RecoveryForm(_ChangeForm):
    """找回院校账号: without an account, with a stamped letter."""

    KIND = rules.ChangeKind.RECOVERY
    code = _text(_("学校标识码或统一社会信用代码"), 60, _("填写其中一个即可。"))
    person_name = _text(_("联系人姓名"), 30, _("今后由谁管理院校账号。"))
    person_phone = _text(_("联系电话"), 20, _("手机号，或带区号的固定电话。省里会致电核实。"))
    person_email = _text(_("联系邮箱"), 254, _("审核结果和激活链接会发到这个邮箱。"))
    keeps = forms.ChoiceField(
        label=_("账号由谁继续使用"),
        choices=[(SAME, _("原管理员本人，沿用原账号")), (ANOTHER, _("换一位管理员，开通新账号"))],
        widget=forms.RadioSelect,
        initial=SAME,
        required=False,
    )
    username = _text(_("新登录账号"), 40, _("只有换管理员时填写。4 到 40 位，以字母开头。"))
    reason = _reason()
    proof = _proof(_("盖章的申请函"), _("加盖学校公章的扫描件，支持 .pdf .jpg .png，不超过 20 MB。"))

    def optional(self) -> tuple[str, ...]:
        return ("username",)

    def clean_code(self) -> str:
        code = normalised(self.cleaned_data["code"])
        if not code:
            raise ValidationError(_("请填写学校标识码或统一社会信用代码"))
        # Judged by its own structure alone: whether there is such a school is not told.
        if len(code) == 18:
            problems = problems_with_credit_code(code)
        else:
            problems = problems_with_school_code(code, (code[2:4],), ("36", "41", "42", "93"))
        if problems:
            raise ValidationError([str(problem) for problem in problems])
        return code

    def values(self) -> ChangeInput:
        given = {name: text for name, text in self.cleaned_data.items() if name in ChangeInput.__dataclass_fields__}
        keeps = self.cleaned_data.get("keeps") != ANOTHER
        return ChangeInput(kind=self.KIND, **{"reason": "", **given, "keeps_administrator": keeps})

    def judge_alone(self) -> bool:
        """The same as `judge`, without looking whether anything of it is known here."""
        values = self.values()
        facts = rules.ChangeFacts(
            kind=self.KIND,
            reason=values.reason,
            person_name=values.person_name,
            person_phone=values.person_phone,
            person_email=values.person_email,
            username=values.username,
            keeps_administrator=values.keeps_administrator,
            has_proof=bool(self.cleaned_data.get("proof")),
        )
        for name, problems in rules.problems_with_change(facts).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, [str(problem) for problem in problems])
        return not self.errors
