"""What only a file can do to the gate. Collected with SQLite only."""

from __future__ import annotations

import pytest
from django.db import connections

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]


def test_a_file_that_stays_locked_is_not_acknowledged(server, seated):
    (page,) = seated(server)
    line = page.line("s1", "A")
    with connections["room"].cursor() as cursor:
        cursor.execute("begin immediate")
        reply = page.send([line])
        cursor.execute("rollback")
    assert (reply.status_code, reply.json()["error"]) == (503, "unknown")
    assert page.send([line]).status_code == 200
