"""The two halves of `./onex bench roster` that need Django: making the files, and uploading them as a school does.

Requests go through the whole of Django (every middleware, sessions, templates) by its test client: a preview is the
upload and the page it leads to. The peak of each phase is this process's own, read from the system, set back between.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MAJOR = ("530701", "电子商务")
FIRST_BORN = date(2005, 1, 1)
MB = 1_000_000


def rows_of(count: int, changed: int = 0) -> list[dict[str, str]]:
    """So many students of one school; the first `changed` of them in another class than otherwise."""
    from onex.accounts.identifiers import check_character

    found = []
    for n in range(count):
        start = f"320101{FIRST_BORN + timedelta(days=n // 999):%Y%m%d}{n % 999 + 1:03d}"
        found.append(
            {
                "name": "欧阳" + chr(0x4E00 + n % 5_000),
                "id_number": start + check_character(start),
                "student_no": f"2024{n:06d}",
                "entry_year": "2024",
                "major_code": MAJOR[0],
                "major_name": MAJOR[1],
                "class_name": f"电商24{n // 45 % 90:02d}{'改' if n < changed else ''}",
                "phone": f"138{n:08d}",
            }
        )
    return found


def make(folder: Path, rows: int) -> None:
    """Both files: everybody new, and a tenth with another class."""
    from onex.common import sheets
    from onex.registration.services.rosters import COLUMNS

    (folder / "first.xlsx").write_bytes(sheets.write(COLUMNS, rows_of(rows)))
    (folder / "second.xlsx").write_bytes(sheets.write(COLUMNS, rows_of(rows, changed_of(rows))))


def changed_of(rows: int) -> int:
    return rows // 10


class Meter:
    """Seconds, CPU and the most memory of a phase."""

    def __init__(self) -> None:
        self.phases: list[dict[str, Any]] = []

    def measure(self, phase: str, do: Callable[[], dict[str, int]]) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        began, cpu = time.perf_counter(), time.process_time()
        counts = do()
        self.phases.append(
            {
                "phase": phase,
                "seconds": round(time.perf_counter() - began, 2),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "peak_mb": _status("VmHWM"),
                "counts": counts,
            }
        )


def _status(name: str) -> int:
    """A figure of this process as the system tells it, in MB."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    return round(int(found[1]) * 1024 / MB) if found else 0


def work(folder: Path, rows: int) -> dict[str, Any]:
    """Preview and import of a new roster, then of the same one with changes."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import reverse

    from onex.accounts.tests.factories import a_hat, a_school, signed_in_with
    from onex.common.actors import Role
    from onex.common.airlock.run import opened
    from onex.common.models import Trace
    from onex.common.sheets import MAX_ROWS
    from onex.registration.models import RosterImport, Student

    school = a_school(majors=dict([MAJOR]))
    client = signed_in_with(Client(SERVER_NAME="127.0.0.1"), a_hat(Role.SCHOOL, school), factor=True)
    seen = ""

    def expect(answer: Any, status: int) -> Any:
        if answer.status_code != status:
            raise SystemExit(f"{answer.request['PATH_INFO']} answered {answer.status_code}")
        return answer

    def upload(name: str) -> dict[str, int]:
        nonlocal seen
        body = (folder / name).read_bytes()
        sent = client.post(reverse("registration:student-import"), {"file": SimpleUploadedFile("名单.xlsx", body)})
        page = expect(client.get(expect(sent, 302)["Location"]), 200).content.decode()
        found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
        seen = found[1] if found else ""
        return dict(RosterImport.objects.defer("lines").get(state="preview").counts)

    def confirm(**ticks: str) -> dict[str, int]:
        roster = RosterImport.objects.defer("lines").get(state="preview")
        move = reverse("registration:import-move", args=[roster.pk, "confirm"])
        expect(client.post(move, {"seen": seen, **ticks}), 302)
        return dict(RosterImport.objects.defer("lines").get(pk=roster.pk).counts)

    expect(client.get(reverse("registration:student-list")), 200)  # templates and addresses are read once
    expect(client.get(reverse("registration:student-import")), 200)
    base_mb, load, meter = _status("VmRSS"), os.getloadavg()[0], Meter()
    meter.measure("preview", lambda: upload("first.xlsx"))
    meter.measure("import", confirm)
    meter.measure("preview again", lambda: upload("second.xlsx"))
    meter.measure("update", lambda: confirm(column="class_name"))
    raw = (folder / "first.xlsx").read_bytes()
    return {
        "rows": rows,
        "changed": changed_of(rows),
        "students": Student.objects.filter(school=school).count(),
        "updated": Trace.objects.filter(verb="update_by_roster").count(),
        "file_bytes": len(raw),
        "phases": meter.phases,
        "base_mb": base_mb,
        "airlock_mb": round(opened("workbook", raw, sheet=0, most_rows=MAX_ROWS + 1).peak / MB),
        "cores": os.cpu_count(),
        "load_average": round(load, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m load.roster_work")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--make", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")
    import django

    django.setup()
    if arguments.make:
        make(arguments.files, arguments.rows)
    else:
        print(json.dumps(work(arguments.files, arguments.rows)))


if __name__ == "__main__":
    main()
