"""What the sealed room stores, in its own database. Times are integer milliseconds; no key points outside.

Answers are only ever added. What an item's value is, whether a part is closed, how a seat stands: all derived.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from onex.common.ids import uuid7
from onex.examroom.rules import Part, RoomRole


class Keyed(models.Model):
    """A table of the room: a UUIDv7 key; the room's own times are integers, so no `created_at`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class RoomSession(Keyed):
    """One session of a sitting as its package told it; `id` is the session's id in `sittings`, an opaque value here."""

    title = models.CharField(_("名称"), max_length=200)
    certificate = models.CharField(_("证书"), max_length=200)
    level = models.CharField(_("等级"), max_length=200)
    site = models.CharField(_("考核站点"), max_length=200)
    starts_at = models.BigIntegerField(_("开考时间"))
    rules = models.JSONField(_("考试规则"))
    package_hash = models.CharField(_("考务包摘要"), max_length=64)
    loaded_at = models.BigIntegerField(_("载入时间"))

    class Meta:
        verbose_name = _("考场场次")
        verbose_name_plural = verbose_name
        ordering = ("starts_at", "id")

    def __str__(self) -> str:
        return self.title


class Room(Keyed):
    """A room of the session; `ref` is the package's id."""

    session = models.ForeignKey(RoomSession, models.PROTECT, related_name="rooms", verbose_name=_("考场场次"))
    ref = models.CharField(_("编号"), max_length=200)
    name = models.CharField(_("名称"), max_length=200)

    class Meta:
        verbose_name = _("考场")
        verbose_name_plural = verbose_name
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("session", "ref"), name="room_ref_once_in_session"),)

    def __str__(self) -> str:
        return self.name


class RoomStaff(Keyed):
    """An invigilator of one room or the chief of the session, known by a code's hash only."""

    session = models.ForeignKey(RoomSession, models.PROTECT, related_name="staff", verbose_name=_("考场场次"))
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="staff", verbose_name=_("考场"))
    ref = models.CharField(_("编号"), max_length=200)
    name = models.CharField(_("姓名"), max_length=200)
    role = models.CharField(_("岗位"), max_length=20, choices=[(role.value, role.name) for role in RoomRole])
    secret_hash = models.CharField(_("口令摘要"), max_length=64)

    class Meta:
        verbose_name = _("考务人员")
        verbose_name_plural = verbose_name
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("session", "ref"), name="room_staff_ref_once_in_session"),)

    def __str__(self) -> str:
        return self.name


class Form(Keyed):
    """The public part of a paper: no key ever enters the room. `body` is the canonical JSON the gate serves."""

    session = models.ForeignKey(RoomSession, models.PROTECT, related_name="forms", verbose_name=_("考场场次"))
    ref = models.CharField(_("编号"), max_length=200)
    part = models.CharField(_("部分"), max_length=12, choices=[(part.value, part.name) for part in Part])
    title = models.CharField(_("名称"), max_length=200)
    body = models.TextField(_("试卷公开部分"))
    hash = models.CharField(_("摘要"), max_length=64)

    class Meta:
        verbose_name = _("考场试卷")
        verbose_name_plural = verbose_name
        ordering = ("title", "id")
        constraints = (models.UniqueConstraint(fields=("session", "ref"), name="form_ref_once_in_session"),)

    def __str__(self) -> str:
        return self.title


class Candidate(Keyed):
    """A candidate's seat. `entry` goes back in the bundle; `version` grows with every change the pulse must tell."""

    session = models.ForeignKey(RoomSession, models.PROTECT, related_name="candidates", verbose_name=_("考场场次"))
    room = models.ForeignKey(Room, models.PROTECT, related_name="candidates", verbose_name=_("考场"))
    entry = models.CharField(_("报名编号"), max_length=200)
    ticket_no = models.CharField(_("准考证号"), max_length=200, db_index=True)
    name = models.CharField(_("姓名"), max_length=200)
    masked_id = models.CharField(_("证件号码"), max_length=200)
    photo_hash = models.CharField(_("照片摘要"), max_length=64, blank=True)
    time_factor = models.FloatField(_("时间系数"), default=1.0)
    seat_no = models.CharField(_("座位号"), max_length=20)
    seat_code_hash = models.CharField(_("座位码摘要"), max_length=64)
    sign_in = models.PositiveIntegerField(_("签到次数"), default=0)
    sign_in_limit = models.PositiveIntegerField(_("允许签到次数"), default=1)
    signed_in_at = models.BigIntegerField(_("首次签到时间"), null=True)
    machine = models.CharField(_("考试机"), max_length=80, blank=True)
    admitted_at = models.BigIntegerField(_("放行时间"), null=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    class Meta:
        verbose_name = _("考生")
        verbose_name_plural = verbose_name
        ordering = ("seat_no", "id")
        constraints = (
            models.UniqueConstraint(fields=("session", "entry"), name="entry_once_in_session"),
            models.UniqueConstraint(fields=("session", "ticket_no"), name="ticket_once_in_session"),
            models.UniqueConstraint(fields=("room", "seat_no"), name="seat_once_in_room"),
            models.CheckConstraint(
                name="sign_in_within_limit", condition=models.Q(sign_in__lte=models.F("sign_in_limit"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.seat_no} {self.name}"


class Attempt(Keyed):
    """One candidate's one part. The gate's statement reads these columns and nothing else to judge a line.

    `sign_in` repeats the candidate's, so that one row answers "is this machine the current one and is it open".
    """

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="attempts", verbose_name=_("考生"))
    form = models.ForeignKey(Form, models.PROTECT, related_name="attempts", verbose_name=_("考场试卷"))
    part = models.CharField(_("部分"), max_length=12, choices=[(part.value, part.name) for part in Part])
    sign_in = models.PositiveIntegerField(_("签到次数"), default=0)
    opened_at = models.BigIntegerField(_("开始时间"), null=True)
    closes_at = models.BigIntegerField(_("结束时间"), null=True)
    grace_ms = models.PositiveIntegerField(_("宽限（毫秒）"))
    hand_in_from = models.BigIntegerField(_("最早交卷时间"), null=True)
    handed_in_at = models.BigIntegerField(_("交卷时间"), null=True)
    granted_ms = models.PositiveIntegerField(_("加时（毫秒）"), default=0)

    class Meta:
        verbose_name = _("答卷")
        verbose_name_plural = verbose_name
        ordering = ("candidate", "-part")
        constraints = (models.UniqueConstraint(fields=("candidate", "part"), name="one_attempt_for_each_part"),)

    def __str__(self) -> str:
        return f"{self.candidate} {Part(self.part).label}"


class Line(models.Model):
    """What the three tables of answer lines share. No foreign key in the database: its check costs a third of an insert
    (reference/hotpath.md) and the gate's statement reads the attempt anyway."""

    attempt = models.ForeignKey(
        Attempt, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name=_("答卷")
    )
    sign_in = models.IntegerField(_("签到次数"))
    seq = models.IntegerField(_("序号"))
    item = models.CharField(_("试题"), max_length=64)
    body = models.TextField(_("答案"))
    prev = models.BinaryField(_("前一行摘要"))
    hash = models.BinaryField(_("本行摘要"))
    at = models.BigIntegerField(_("落盘时间"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.sign_in}.{self.seq} {self.item}"


class Answer(Line):
    """A kept line, append-only. (lane, batch) names the commit it came with."""

    pk = models.CompositePrimaryKey("attempt_id", "sign_in", "seq")
    lane = models.UUIDField(_("写入通道"))
    batch = models.IntegerField(_("批次"))

    class Meta:
        verbose_name = _("答案")
        verbose_name_plural = verbose_name


class AnswerConflict(Line):
    """A line whose number was taken by another body: evidence, never scored. The first of each number is kept."""

    pk = models.CompositePrimaryKey("attempt_id", "sign_in", "seq")

    class Meta:
        verbose_name = _("冲突答案")
        verbose_name_plural = verbose_name


class AnswerLate(Line):
    """A line that came after the end or after hand-in: stored apart, never scored by itself."""

    pk = models.CompositePrimaryKey("attempt_id", "sign_in", "seq")

    class Meta:
        verbose_name = _("迟到答案")
        verbose_name_plural = verbose_name


class Batch(models.Model):
    """One commit of one writer: `digest` is over the previous head and the hashes of the lines that came with it."""

    pk = models.CompositePrimaryKey("lane", "n")
    lane = models.UUIDField(_("写入通道"))
    n = models.IntegerField(_("批次"))
    prev = models.BinaryField(_("前一批摘要"))
    digest = models.BinaryField(_("本批摘要"))
    line_count = models.IntegerField(_("行数"))
    at = models.BigIntegerField(_("落盘时间"))

    class Meta:
        verbose_name = _("答案批次")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.lane} {self.n}"


class Presence(models.Model):
    """When the gate last heard from a candidate's machine; apart from the seat so that nothing waits for it."""

    candidate = models.OneToOneField(
        Candidate, models.CASCADE, primary_key=True, related_name="presence", verbose_name=_("考生")
    )
    seen_at = models.BigIntegerField(_("最近在线时间"))

    class Meta:
        verbose_name = _("在线情况")
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return str(self.candidate_id)


class RoomEvent(Keyed):
    """What happened in the room, append-only. `by_ref` is empty when the candidate's page said it."""

    session = models.ForeignKey(RoomSession, models.PROTECT, related_name="events", verbose_name=_("考场场次"))
    room = models.ForeignKey(Room, models.SET_NULL, null=True, related_name="+", verbose_name=_("考场"))
    candidate = models.ForeignKey(Candidate, models.SET_NULL, null=True, related_name="events", verbose_name=_("考生"))
    kind = models.CharField(_("事件"), max_length=40)
    data = models.JSONField(_("附加数据"), default=dict)
    by_ref = models.CharField(_("经办人编号"), max_length=200, blank=True)
    by_label = models.CharField(_("经办人"), max_length=200, blank=True)
    at = models.BigIntegerField(_("时间"))

    class Meta:
        verbose_name = _("考场记录")
        verbose_name_plural = verbose_name
        ordering = ("at", "id")
        indexes = (models.Index(fields=("session", "at"), name="room_event_session_at"),)

    def __str__(self) -> str:
        return f"{self.at} {self.kind}"
