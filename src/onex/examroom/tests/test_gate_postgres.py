"""What only PostgreSQL can do to the gate: locks on a row, notices, a lost connection. Collected with it only."""

from __future__ import annotations

import pytest
from django.db import connections

from onex.examroom.models import Answer

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


def test_an_attempt_that_somebody_is_changing_is_answered_retry_and_its_neighbour_is_kept(server, seated):
    locked, free = seated(server, count=2)
    with connections["room"].cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("select 1 from examroom_attempt where id = %s for no key update", [locked.attempts["theory"]])
        reply = locked.keep("s1", "A")
        assert reply.status_code == 202
        assert reply.json()["retry"] == [1]
        assert free.keep("s1", "A").status_code == 200
        assert locked.hand_in(0).status_code == 503
        cursor.execute("rollback")


def test_a_commit_with_a_notice_is_not_acknowledged(server, seated):
    (page,) = seated(server)
    with connections["room"].cursor() as cursor:
        cursor.execute(
            "create function warn() returns trigger language plpgsql as"
            " $$ begin raise warning 'canceling wait for synchronous replication'; return new; end $$"
        )
        cursor.execute("create trigger warn before insert on examroom_answer for each row execute function warn()")
    line = page.line("s1", "A")
    try:
        reply = page.send([line])
        assert (reply.status_code, reply.json()["error"]) == (503, "unknown")
    finally:
        with connections["room"].cursor() as cursor:
            cursor.execute("drop trigger warn on examroom_answer")
            cursor.execute("drop function warn")
    assert page.send([line]).status_code == 200
    assert Answer.objects.count() == 1


def test_a_lost_database_connection_is_not_acknowledged_and_comes_back(server, seated):
    (page,) = seated(server)
    page.keep("s1", "A")
    with connections["room"].cursor() as cursor:
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    line = page.line("s2", "B")
    reply = page.send([line])
    assert reply.status_code in (200, 503)
    assert page.send([line]).status_code == 200
    assert Answer.objects.count() == 2
