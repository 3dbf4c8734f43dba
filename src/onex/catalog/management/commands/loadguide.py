"""`loadguide [version] [--check]`: put a version of the guide into the tables, or only check its files.

With it come the organisations that it names: the evaluation organisation (the issuer of its certificates) and the
provinces with their cities.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from onex.accounts.services import load_provinces
from onex.catalog import rules, services
from onex.common.clock import now
from onex.common.text import Refused, say


class Command(BaseCommand):
    help = "Load a version of the guide's data; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", nargs="?", default=rules.LATEST)
        parser.add_argument("--check", action="store_true", help="only check the files")

    def handle(self, *args: Any, **options: Any) -> None:
        version = options["version"]
        try:
            guide = rules.guide(version)
            if options["check"]:
                self.stdout.write(str(say("{version} 的数据没有问题。", version=version)))
                return
            loaded = services.load(guide, at=now())
            load_provinces(guide.regions.provinces)
        except (rules.GuideError, Refused) as wrong:
            raise CommandError(str(wrong)) from wrong
        if kept := loaded.kept.get("LevelMajor"):
            told = say("保留 {n} 项由培训评价组织自行维护的对应专业，与指南数据不同，没有改动。", n=kept)
            self.stdout.write(str(told))
        if not loaded.did_anything:
            self.stdout.write(str(say("{version} 已载入，没有变化。", version=version)))
            return
        for verb, counts in (
            (say("新增"), loaded.added),
            (say("更新"), loaded.changed),
            (say("删除"), loaded.removed),
        ):
            if counts:
                words = {name: apps.get_model("catalog", name)._meta.verbose_name for name in counts}
                listed = "、".join(f"{words[name]} {number}" for name, number in counts.items())
                self.stdout.write(str(say("{version} {verb}：{listed}", version=version, verb=verb, listed=listed)))
