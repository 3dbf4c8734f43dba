"""People, organisations and the hats that join them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.rules import (
    ADMINISTRATOR_CHANGE,
    REGISTRATION,
    SCHOOL,
    ChangeKind,
    ChangeState,
    FactorKind,
    OrganisationKind,
    Ownership,
    RegistrationState,
    SchoolType,
    TokenPurpose,
    WhyEnded,
)
from onex.common.actors import Role
from onex.common.ids import uuid7
from onex.common.models import Row, state_check, state_field
from onex.common.sealed import BlindIndexField, SealedJSONField, SealedTextField


class Organisation(Row):
    """Any organisation people act for. A province, city, school … is one of these with more columns (same key)."""

    kind = models.CharField(_("机构类别"), max_length=20, choices=[(k.value, k.name) for k in OrganisationKind])
    name = models.CharField(_("机构名称"), max_length=100)
    is_active = models.BooleanField(_("启用"), default=True)
    # An exam site's school: its administrators look after the site's people too.
    parent = models.ForeignKey(
        "self", verbose_name=_("上级机构"), on_delete=models.PROTECT, null=True, related_name="children"
    )

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = verbose_name
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


def _link(name: str) -> models.OneToOneField[Any, Any]:
    # A named link: Django's own would put `province`, `city`, `school` on every organisation and clash with ours.
    return models.OneToOneField(
        Organisation,
        verbose_name=_("机构"),
        on_delete=models.CASCADE,
        parent_link=True,
        primary_key=True,
        related_name=name,
    )


class Province(Organisation):
    """省级教育行政部门: the 31 mainland provinces, the Corps (兵团) and the five separately planned cities."""

    organisation = _link("as_province")
    code = models.CharField(_("行政区划代码"), max_length=6, unique=True)
    region_name = models.CharField(_("省份"), max_length=20)

    class Meta:
        verbose_name = _("省级教育行政部门")
        verbose_name_plural = verbose_name


class City(Organisation):
    """地市级教育局: the optional first level of review."""

    organisation = _link("as_city")
    province = models.ForeignKey(Province, verbose_name=_("所属省份"), on_delete=models.PROTECT, related_name="cities")
    code = models.CharField(_("行政区划代码"), max_length=6, unique=True)
    region_name = models.CharField(_("城市"), max_length=30)

    class Meta:
        verbose_name = _("地市级教育局")
        verbose_name_plural = verbose_name


class EvaluationOrg(Organisation):
    """培训评价组织."""

    organisation = _link("as_evaluation_org")
    org_code = models.CharField(_("组织机构代码"), max_length=9, unique=True)
    short_name = models.CharField(_("简称"), max_length=40)

    class Meta:
        verbose_name = _("培训评价组织")
        verbose_name_plural = verbose_name


class School(Organisation):
    """试点院校 (or a school on its way to become one)."""

    organisation = _link("as_school")
    state = state_field(SCHOOL)  # moves together with `is_active`, which shuts its people out
    province = models.ForeignKey(Province, verbose_name=_("所属省份"), on_delete=models.PROTECT, related_name="schools")
    city = models.ForeignKey(
        City, verbose_name=_("所属城市"), on_delete=models.PROTECT, related_name="schools", null=True
    )
    school_type = models.CharField(_("学校类型"), max_length=30, choices=[(t.value, t.name) for t in SchoolType])
    ownership = models.CharField(
        _("办学性质"), max_length=10, choices=[(o.value, o.name) for o in Ownership], default=Ownership.PUBLIC.value
    )
    school_code = models.CharField(_("学校标识码"), max_length=10, unique=True, null=True)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    district = models.CharField(_("所属区县"), max_length=30, blank=True)
    address = models.CharField(_("地址"), max_length=200)
    contact_name = models.CharField(_("联系人"), max_length=30)
    contact_phone = SealedTextField(_("联系电话"), default="")
    contact_email = SealedTextField(_("联系邮箱"), default="")

    class Meta:
        verbose_name = _("院校")
        verbose_name_plural = verbose_name
        constraints = (state_check(SCHOOL, "school_state_known"),)


class Department(Row):
    """院系: a part of a school that majors, classes and people belong to."""

    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.CASCADE, related_name="departments")
    name = models.CharField(_("院系名称"), max_length=60)

    class Meta:
        verbose_name = _("院系")
        verbose_name_plural = verbose_name
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("school", "name"), name="one_name_for_each_department"),)

    def __str__(self) -> str:
        return self.name


class SchoolMajor(Row):
    """开设专业: a major that a school offers, with the catalogue its code comes from."""

    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.CASCADE, related_name="majors")
    department = models.ForeignKey(
        Department, verbose_name=_("院系"), on_delete=models.SET_NULL, null=True, related_name="majors"
    )
    code = models.CharField(_("专业代码"), max_length=8)
    name = models.CharField(_("专业名称"), max_length=60)
    catalogue = models.CharField(_("目录版本"), max_length=20, default="2021", blank=True)

    class Meta:
        verbose_name = _("开设专业")
        verbose_name_plural = verbose_name
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=("school", "code"), name="one_row_per_major"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class UserManager(BaseUserManager["User"]):
    """Looks people up by account name; making people is a service."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person with an account. What they may do comes from their memberships alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(_("登录账号"), max_length=40, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    phone = SealedTextField(_("手机号"), default="")
    phone_index = BlindIndexField(_("手机号索引"), of="phone", unique=True)
    email = SealedTextField(_("邮箱"), default="")
    email_index = BlindIndexField(_("邮箱索引"), of="email", db_index=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("创建时间"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）"


class Membership(Row):
    """A hat: this person, in this role, for this organisation.

    `is_active` is whether it may be worn now. One that may not is an invitation (`invited_at`), is laid aside with all
    hats of the person at this organisation (`suspended_at`), or was taken away (neither).
    """

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("身份"), max_length=20, choices=[(r.value, r.name) for r in Role])
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("机构"), on_delete=models.PROTECT, related_name="memberships"
    )
    is_active = models.BooleanField(_("启用"), default=True)
    invited_at = models.DateTimeField(_("邀请时间"), null=True)
    suspended_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = verbose_name
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=("user", "role", "organisation"), name="one_hat_once"),
            models.CheckConstraint(
                condition=models.Q(is_active=False) | models.Q(invited_at=None, suspended_at=None),
                name="a_hat_worn_is_no_invitation",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.organisation}"


class SignIn(Row):
    """登录记录: one sign-in of a person in one browser, while it lasts and after. The session itself is Django's."""

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="sign_ins")
    key_digest = models.CharField(_("会话摘要"), max_length=64, unique=True)
    hat = models.ForeignKey(Membership, verbose_name=_("身份"), on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    agent = models.CharField(_("浏览器"), max_length=60, blank=True)
    began_at = models.DateTimeField(_("登录时间"))
    seen_at = models.DateTimeField(_("最近操作时间"))  # written at most once a minute
    proved_at = models.DateTimeField(_("最近验证时间"))  # password or second factor
    factor_at = models.DateTimeField(_("第二重验证时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    why_ended = models.CharField(
        _("结束原因"), max_length=20, blank=True, choices=[(w.value, w.name) for w in WhyEnded]
    )

    class Meta:
        verbose_name = _("登录记录")
        verbose_name_plural = verbose_name
        ordering = ("-seen_at",)
        indexes = (
            models.Index(fields=("user", "ended_at"), name="sign_in_of_user"),
            models.Index(fields=("began_at",), name="sign_in_time"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at:%Y-%m-%d %H:%M}"


class Authenticator(Row):
    """第二重验证: an authenticator app or a passkey that its owner enrolled."""

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="authenticators")
    kind = models.CharField(_("方式"), max_length=10, choices=[(k.value, k.name) for k in FactorKind])
    name = models.CharField(_("名称"), max_length=40)
    secret = SealedTextField(_("密钥"))  # TOTP: the shared secret; passkey: id and public key of the credential
    counter = models.BigIntegerField(_("计数"), default=0)  # last step or signature count used: none is good twice
    used_at = models.DateTimeField(_("最近使用时间"), null=True)

    class Meta:
        verbose_name = _("第二重验证")
        verbose_name_plural = verbose_name
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.name


class RecoveryCode(Row):
    """恢复代码: opens once when the second factor is lost. Only its keyed digest is stored."""

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(_("代码摘要"), max_length=64)
    used_at = models.DateTimeField(_("使用时间"), null=True)

    class Meta:
        verbose_name = _("恢复代码")
        verbose_name_plural = verbose_name
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=("user", "digest"), name="one_recovery_code_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"


class PasswordHistory(Row):
    """历次密码: hashes of the last few, to know how old the present one is and that an old one does not come back."""

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="passwords")
    password = models.CharField(_("密码摘要"), max_length=200)
    set_at = models.DateTimeField(_("设置时间"))

    class Meta:
        verbose_name = _("历次密码")
        verbose_name_plural = verbose_name
        ordering = ("-set_at", "-id")

    def __str__(self) -> str:
        return f"{self.user_id} {self.set_at:%Y-%m-%d}"


class NetworkRange(Row):
    """登记网段: addresses that a school or an exam site calls its own, where whole rooms sign in at once."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("机构"), on_delete=models.CASCADE, related_name="networks"
    )
    cidr = models.CharField(_("网段"), max_length=43, unique=True)
    label = models.CharField(_("用途"), max_length=60, blank=True)
    first = models.CharField(
        _("起始地址"), max_length=32, db_index=True
    )  # hexadecimal, so that texts sort as addresses
    last = models.CharField(_("结束地址"), max_length=32)

    class Meta:
        verbose_name = _("登记网段")
        verbose_name_plural = verbose_name
        ordering = ("first",)

    def __str__(self) -> str:
        return self.cidr


class OnceToken(Row):
    """一次性凭证: an activation, invitation or reset that works once, for a while. Only its digest is stored."""

    purpose = models.CharField(_("用途"), max_length=20, choices=[(p.value, p.name) for p in TokenPurpose])
    user = models.ForeignKey(
        User, verbose_name=_("用户"), on_delete=models.CASCADE, null=True, related_name="once_tokens"
    )
    digest = models.CharField(_("凭证摘要"), max_length=64, unique=True)
    data: Any = models.JSONField(_("附加数据"), default=dict)  # what the purpose needs; never a secret
    expires_at = models.DateTimeField(_("失效时间"))
    used_at = models.DateTimeField(_("使用时间"), null=True)
    issued_by = models.CharField(_("发放人"), max_length=200)

    class Meta:
        verbose_name = _("一次性凭证")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%Y-%m-%d %H:%M}"


def _one_waiting(field: str) -> models.UniqueConstraint:
    """Two registrations with the same number or account are never before a province at once."""
    waiting = models.Q(state=RegistrationState.PENDING.value) & ~models.Q(**{field: ""})
    return models.UniqueConstraint(fields=(field,), condition=waiting, name=f"one_waiting_registration_by_{field}")


class InstitutionRegistration(Row):
    """院校注册 (立即申报): what a school that never applied files, and its province decides."""

    state = state_field(REGISTRATION)
    province = models.ForeignKey(
        Province, verbose_name=_("所属省份"), on_delete=models.PROTECT, related_name="registrations"
    )
    city = models.ForeignKey(
        City, verbose_name=_("所属城市"), on_delete=models.PROTECT, null=True, related_name="registrations"
    )
    name = models.CharField(_("学校全称"), max_length=100)
    school_type = models.CharField(_("学校类型"), max_length=30, choices=[(t.value, t.name) for t in SchoolType])
    ownership = models.CharField(
        _("办学性质"), max_length=10, choices=[(o.value, o.name) for o in Ownership], default=Ownership.PUBLIC.value
    )
    school_code = models.CharField(_("学校标识码"), max_length=10, blank=True)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18)
    district = models.CharField(_("所属区县"), max_length=30, blank=True)
    address = models.CharField(_("地址"), max_length=200)
    legal_representative = models.CharField(_("法定代表人"), max_length=30)
    contact_name = models.CharField(_("教务处联系人"), max_length=30)
    contact_phone = SealedTextField(_("联系电话"), default="")
    contact_email = SealedTextField(_("联系邮箱"), default="")
    majors: Any = models.JSONField(_("开设专业"), default=list)  # [{code, name}]
    username = models.CharField(_("登录账号"), max_length=40)
    token = models.CharField(_("查询凭证摘要"), max_length=64, unique=True)  # SHA-256: the address itself is the key
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    handed_in: Any = SealedJSONField(_("本次提交内容"), default=dict)  # the fields as they were handed in …
    handed_in_before: Any = SealedJSONField(_("上次提交内容"), default=dict)  # … and the time before, to be compared
    school = models.OneToOneField(
        School, verbose_name=_("院校"), on_delete=models.PROTECT, null=True, related_name="registration"
    )

    class Meta:
        verbose_name = _("院校注册")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)
        constraints = (
            state_check(REGISTRATION, "registration_state_known"),
            _one_waiting("credit_code"),
            _one_waiting("school_code"),
            _one_waiting("username"),
            _one_waiting("name"),
        )

    def __str__(self) -> str:
        return self.name


class InstitutionChange(Row):
    """院校信息变更: another name, another administrator, or the way back to an account that was lost."""

    kind = models.CharField(_("变更类型"), max_length=20, choices=[(k.value, k.name) for k in ChangeKind])
    state = state_field(ADMINISTRATOR_CHANGE)
    school = models.ForeignKey(School, verbose_name=_("院校"), on_delete=models.PROTECT, related_name="changes")
    reason = models.CharField(_("原因"), max_length=500)
    old_name = models.CharField(_("原学校全称"), max_length=100)  # as it was when the request was filed
    new_name = models.CharField(_("新学校全称"), max_length=100, blank=True)
    old_user = models.ForeignKey(
        User, verbose_name=_("原管理员"), on_delete=models.PROTECT, null=True, related_name="changes_from"
    )
    person_name = models.CharField(_("新管理员姓名"), max_length=30, blank=True)
    person_phone = SealedTextField(_("新管理员电话"), default="")
    person_email = SealedTextField(_("新管理员邮箱"), default="")
    username = models.CharField(_("新管理员登录账号"), max_length=40, blank=True)
    keeps_administrator = models.BooleanField(_("沿用原管理员账号"), default=False)
    new_user = models.ForeignKey(
        User, verbose_name=_("新管理员"), on_delete=models.PROTECT, null=True, related_name="changes_to"
    )
    submitted_at = models.DateTimeField(_("提交时间"))
    decided_at = models.DateTimeField(_("办结时间"), null=True)

    class Meta:
        verbose_name = _("院校信息变更")
        verbose_name_plural = verbose_name
        ordering = ("-submitted_at",)
        constraints = (
            state_check(ADMINISTRATOR_CHANGE, "institution_change_state_known"),
            # A recovery is filed by whoever says to be the school: it must not keep the school's own request out.
            models.UniqueConstraint(
                fields=("school", "kind"),
                condition=models.Q(state__in=[ChangeState.SUBMITTED.value, ChangeState.RETURNED.value])
                & ~models.Q(kind=ChangeKind.RECOVERY.value),
                name="one_open_change_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.school} {self.kind}"
