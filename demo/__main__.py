"""`python -m demo --data DIR --url URL --candidates N [--json FILE]`: play the cycle once, or show the one played.

Ends with 0 only when every step was verified from outside.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.browser import Browser, Surprise
from demo.mail import FOLDER
from demo.people import a_school
from demo.show import Show, table, tr
from demo.story import STEPS, Tale
from demo.story.registering import bank_of

ROOT = Path(__file__).resolve().parents[1]
FILE, ACCOUNTS = "demo.json", "demo-accounts.json"
MOST_RUNS = 10  # application batches of a year


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--candidates", type=int, default=80)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    accounts = json.loads((given.data / ACCOUNTS).read_text(encoding="utf-8"))
    kept = _kept(given.data)
    if kept.get("finished"):
        return _show_again(given, accounts, kept)
    run = kept.get("run", 0) + 1
    if run > MOST_RUNS:
        print(tr("演示多次中断，请换一个 --data 目录。", "broken off too often; choose another --data folder."))
        return 1
    _keep(given.data, {"run": run, "finished": False})
    show, mail = Show(len(STEPS)), given.data / FOLDER
    tale = Tale(given.url, given.candidates, run, accounts["password"], bank_of(ROOT), show, mail)
    began = time.monotonic()
    for step in STEPS:
        title = tr(step.chinese, step.english)
        try:
            with tale.show.step(title) as seen:
                seen += step.act(tale)
        except (Surprise, OSError, http.client.HTTPException) as problem:
            print(f"  {problem}", file=sys.stderr)
            return 1
        except Exception:
            traceback.print_exc()
            return 1
    found = closing(tale, time.monotonic() - began)
    sample = tale.sheets[0]
    _keep(
        given.data,
        {
            "run": run,
            "finished": True,
            "table": found,
            "sample": [sample.number, sample.name],
            "school": [tale.school.username, tale.school.name],
        },
    )
    _close(given, accounts, found, (tale.school.username, tale.school.name))
    return 0


def closing(tale: Tale, seconds: float) -> dict[str, Any]:
    """The closing table; every figure was seen from outside."""
    return {
        "applications": 1,
        "places": {name: tale.places[name] for name in ("asked", "approved", "used")},
        "candidates": len(tale.seats),
        "attempts": sum(candidate.attempts_started for candidate in tale.candidates),
        "passes": tale.notes["passes"],
        "certificates": len(tale.sheets),
        "verified": tale.verified,
        "seconds": round(seconds, 1),
    }


def _kept(data: Path) -> dict[str, Any]:
    file = data / FILE
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def _keep(data: Path, what: Mapping[str, Any]) -> None:
    (data / FILE).write_text(json.dumps(what, ensure_ascii=False) + "\n", encoding="utf-8")


def _show_again(given: argparse.Namespace, accounts: Mapping[str, Any], kept: Mapping[str, Any]) -> int:
    """The finished story once more, after looking whether one of its certificates still verifies."""
    number, name = kept["sample"]
    try:
        public = Browser(given.url, "public")
        page = public.submit(public.get("/verify/").form(has="number"), number=number, name=name)
        if "证书真实有效" not in page.text:
            raise Surprise(f"{number} does not verify any more: {page.told}")
    except (Surprise, OSError, http.client.HTTPException) as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    found = kept["table"]
    print(tr("· 演示已经完成，沿用原有数据", "· the story was played before; its data are used again"))
    print(tr("· 要重演请换一个 --data 目录", "· another --data folder plays it anew"))
    if found["candidates"] != given.candidates:
        there = found["candidates"]
        print(tr(f"· 原有数据是 {there} 名考生的", f"· the data are those of {there} candidates"))
    _close(given, accounts, found, tuple(kept["school"]))
    return 0


def _close(
    given: argparse.Namespace, accounts: Mapping[str, Any], found: Mapping[str, Any], school: tuple[str, ...]
) -> None:
    """The closing tables and the JSON."""
    if given.json:
        given.json.write_text(json.dumps(found) + "\n", encoding="utf-8")
    places = found["places"]
    rows = [
        (tr("证书试点申报", "pilot applications"), found["applications"]),
        (tr("培训名额：申请 / 批准 / 已用", "places asked / approved / used"),
         f"{places['asked']} / {places['approved']} / {places['used']}"),
        (tr("考生", "candidates"), found["candidates"]),
        (tr("作答（考生 × 科目）", "attempts (candidate × part)"), found["attempts"]),
        (tr("合格", "passes"), found["passes"]),
        (tr("证书", "certificates"), found["certificates"]),
        (tr("公开页面查验通过", "verified on the public page"), found["verified"]),
        (tr("用时（秒）", "seconds"), found["seconds"]),
    ]  # fmt: skip
    print("\n" + table((tr("结果", "result"), ""), rows))
    people = [
        (one["username"], tr(one["label"], one["role"]), one["name"], one["organisation"])
        for one in accounts["accounts"]
    ]
    people.append((school[0], tr("试点院校", "school"), a_school(1).contact, school[1]))
    heads = (tr("账号", "account"), tr("身份", "role"), tr("姓名", "name"), tr("机构", "organisation"))
    print("\n" + table(heads, people))
    print(
        tr(f"\n演示账号的密码都是 {accounts['password']}", f"\nthe password of all of them is {accounts['password']}")
    )
    print(
        tr(
            "演示期间登录不要求图片验证码；用 ./onex up 启动时要求。",
            "signing in asks for no picture code while the demonstration serves; ./onex up does ask",
        )
    )
    print(tr(f"网址 {given.url}", f"at {given.url}"), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
