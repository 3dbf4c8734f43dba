"""Sessions, seats with their tickets, and the people of the room."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.bank.models import Paper
from onex.common.models import Row, state_check, state_field
from onex.common.sealed import SealedTextField
from onex.registration.models import Entry, ExamPlanLevel, PlanSlot
from onex.sittings.rules import SESSION, StaffRole
from onex.venues.models import ExamSite, SiteRoom


class ExamSession(Row):
    """考试场次: one level of a sitting at one site in one slot. Its key is also the sealed room's session id."""

    state = state_field(SESSION)
    plan_level = models.ForeignKey(
        ExamPlanLevel, verbose_name=_("考试计划的证书等级"), on_delete=models.PROTECT, related_name="sessions"
    )
    site = models.ForeignKey(ExamSite, verbose_name=_("考核站点"), on_delete=models.PROTECT, related_name="sessions")
    slot = models.ForeignKey(PlanSlot, verbose_name=_("考试时段"), on_delete=models.PROTECT, related_name="sessions")
    seed = models.BigIntegerField(_("编排种子"))
    theory_paper = models.ForeignKey(
        Paper, verbose_name=_("理论考核试卷"), on_delete=models.PROTECT, null=True, related_name="theory_sessions"
    )
    practical_paper = models.ForeignKey(
        Paper, verbose_name=_("实训考核试卷"), on_delete=models.PROTECT, null=True, related_name="practical_sessions"
    )
    package_hash = models.CharField(_("考务包摘要"), max_length=64, blank=True)
    loaded_at = models.DateTimeField(_("考场载入时间"), null=True)

    class Meta:
        verbose_name = _("考试场次")
        verbose_name_plural = verbose_name
        ordering = ("slot__starts_at", "site__name")
        constraints = (
            state_check(SESSION, "session_state_known"),
            models.UniqueConstraint(fields=("plan_level", "site", "slot"), name="one_session_a_slot"),
        )

    def __str__(self) -> str:
        return f"{self.plan_level} · {self.site}"


class Seat(Row):
    """座位: a candidate's place in a session, with the number of the ticket and the code typed at the machine."""

    session = models.ForeignKey(ExamSession, verbose_name=_("考试场次"), on_delete=models.CASCADE, related_name="seats")
    entry = models.OneToOneField(Entry, verbose_name=_("报名"), on_delete=models.PROTECT, related_name="seat")
    room = models.ForeignKey(SiteRoom, verbose_name=_("考场"), on_delete=models.PROTECT, related_name="seats")
    seat_no = models.PositiveSmallIntegerField(_("座位号"))
    ticket_no = models.CharField(_("准考证号"), max_length=14, unique=True)
    seat_code = SealedTextField(_("座位码"))

    class Meta:
        verbose_name = _("座位")
        verbose_name_plural = verbose_name
        ordering = ("session", "room__name", "seat_no")
        constraints = (models.UniqueConstraint(fields=("session", "room", "seat_no"), name="one_candidate_a_seat"),)

    def __str__(self) -> str:
        return f"{self.room.name} {self.seat_no:02d}"


class SessionStaff(Row):
    """考场工作人员: signs in at the room's console with a code of the session."""

    session = models.ForeignKey(ExamSession, verbose_name=_("考试场次"), on_delete=models.CASCADE, related_name="staff")
    room = models.ForeignKey(
        SiteRoom, verbose_name=_("考场"), on_delete=models.PROTECT, null=True, related_name="staff"
    )
    name = models.CharField(_("姓名"), max_length=30)
    role = models.CharField(_("职责"), max_length=12, choices=[(role.value, role.name) for role in StaffRole])
    code = SealedTextField(_("登录码"))

    class Meta:
        verbose_name = _("考场工作人员")
        verbose_name_plural = verbose_name
        ordering = ("session", "role", "room__name", "name")

    def __str__(self) -> str:
        return self.name
