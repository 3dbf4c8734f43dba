"""Requests of people about what the platform holds about them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import School, User
from onex.common.models import Row, state_check, state_field
from onex.portal.rules import ERASURE, ErasureState
from onex.registration.models import Student

_OPEN = models.Q(state__in=[ErasureState.FILED.value, ErasureState.APPROVED.value])


class ErasureRequest(Row):
    """个人信息删除申请: for a student of a roster, for an account, or for both when they are one person."""

    state = state_field(ERASURE)
    student = models.ForeignKey(
        Student, verbose_name=_("学生"), on_delete=models.SET_NULL, null=True, related_name="erasures"
    )
    user = models.ForeignKey(
        User, verbose_name=_("用户"), on_delete=models.SET_NULL, null=True, related_name="erasures"
    )
    school = models.ForeignKey(
        School, verbose_name=_("院校"), on_delete=models.SET_NULL, null=True, related_name="erasures"
    )
    label = models.CharField(_("申请对象"), max_length=60)  # masked; nobody's once done
    reason = models.TextField(_("申请理由"), blank=True)  # empty once done
    filed_by_id = models.UUIDField(_("申请人编号"), null=True)
    filed_by = models.CharField(_("申请人"), max_length=200)
    done_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("个人信息删除申请")
        verbose_name_plural = verbose_name
        ordering = ("-created_at",)
        constraints = (
            state_check(ERASURE, "erasure_state_known"),
            models.UniqueConstraint(
                fields=("student",),
                condition=_OPEN & models.Q(student__isnull=False),
                name="one_open_erasure_a_student",
            ),
            models.UniqueConstraint(
                fields=("user",), condition=_OPEN & models.Q(user__isnull=False), name="one_open_erasure_an_account"
            ),
        )

    def __str__(self) -> str:
        return self.label
