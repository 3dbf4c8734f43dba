"""Changes of a school's name or administrator wait on the desks of those who have to act."""

from __future__ import annotations

import pytest

from onex.accounts import services
from onex.accounts.tests.factories import (
    NOON,
    a_change,
    a_province,
    a_school_actor,
    an_actor,
    an_operator,
    another_province,
)
from onex.common.actors import Role
from onex.portal.queries.desk import changes_for, desk_of

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def titles(actor) -> list[str]:
    return [str(task.title) for task in desk_of(actor, NOON).tasks]


def test_a_change_waits_on_its_provinces_and_the_operators_desk_only() -> None:
    row = a_change()
    waiting = f"审核变更校名：{row.school.name}"
    assert waiting in titles(an_actor(Role.PROVINCE, a_province()))
    assert waiting in titles(an_actor(Role.OPERATOR, an_operator()))
    assert waiting not in titles(an_actor(Role.PROVINCE, another_province()))


def test_many_changes_become_one_line_that_counts_them() -> None:
    for _ in range(7):
        a_change()
    found = titles(an_actor(Role.PROVINCE, a_province()))
    assert len([title for title in found if title.startswith("审核变更校名")]) == 4
    assert "另有 3 件：待审核的院校信息变更" in found


def test_a_returned_change_waits_on_the_schools_desk_and_is_told_among_the_changes() -> None:
    actor = a_school_actor()
    row = a_change(by=actor)
    officer = an_actor(Role.PROVINCE, row.school.province)
    services.move_change(row, "return", by=officer, at=NOON, note="校名有错字")
    assert "修改并重新提交：变更校名" in titles(actor)
    told = [str(change.note) for change in changes_for(actor, NOON)]
    assert "校名有错字" in told
