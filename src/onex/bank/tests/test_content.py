"""The theory bank of 直播电商（初级）, as its authors promise it. Pure: reads the YAML files and the item kinds."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Collection, Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import yaml

from onex import items

APPS = Path(__file__).resolve().parents[2]
FOLDER = APPS / "bank/data/live-commerce-junior"
STANDARD = APPS / "catalog/data/guide-2024/certificate-101.yaml"
Item = dict[str, Any]

# 考核方案 (guide): kind → (items of a paper, points each)
SECTIONS = {"single": (30, 1), "multiple": (30, 2), "scenario": (5, 2)}
LETTER = {"single": "S", "multiple": "M", "scenario": "C"}


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def tasks_of_the_standard() -> list[str]:
    standard = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    (junior,) = [level for level in standard["levels"] if level["level"] == "初级"]
    return [str(task["code"]) for domain in junior["domains"] for task in domain["tasks"]]


BY_KIND: dict[str, list[Item]] = {kind: read(f"theory-{kind}.yaml") for kind in SECTIONS}
BANK: list[Item] = [item for found in BY_KIND.values() for item in found]
BY_CODE: dict[str, Item] = {item["code"]: item for item in BANK}
ONE_KEY: list[Item] = [*BY_KIND["single"], *BY_KIND["scenario"]]
TASKS = tasks_of_the_standard()


def rights(item: Item) -> set[str]:
    return set(item["key"])


def text_of_key(item: Item) -> str:
    return str(item["options"][item["key"]])


# What an item is


def test_every_item_is_one_that_its_kind_accepts() -> None:
    wrong = {item["code"]: [str(reason) for reason in items.problems(item)] for item in BANK}
    assert {code: reasons for code, reasons in wrong.items() if reasons} == {}


def test_no_code_is_given_twice_and_each_tells_its_kind() -> None:
    for kind, found in BY_KIND.items():
        assert [item["code"] for item in found] == [f"LC1-{LETTER[kind]}-{n:03d}" for n in range(1, len(found) + 1)]
        assert {item["kind"] for item in found} == {kind}
    assert len(BY_CODE) == len(BANK)


def test_every_item_is_worth_what_the_scheme_says() -> None:
    for kind, (_, points) in SECTIONS.items():
        assert {item["points"] for item in BY_KIND[kind]} == {points}


def test_every_item_has_the_fields_of_its_kind_and_no_others() -> None:
    common = [
        "code",
        "kind",
        "task",
        "unit",
        "points",
        "stem",
        "options",
        "key",
        "explanation",
        "difficulty",
        "enemies",
    ]
    for kind, found in BY_KIND.items():
        fields = {*common, "material"} if kind == "scenario" else set(common)
        assert [item["code"] for item in found if set(item) != fields] == []


def test_a_single_choice_has_four_options_and_one_key() -> None:
    for item in ONE_KEY:
        assert list(item["options"]) == list("ABCD"), item["code"]
        assert item["key"] in item["options"], item["code"]


def test_a_multiple_choice_has_two_to_four_keys_and_something_wrong_to_choose() -> None:
    for item in BY_KIND["multiple"]:
        assert list(item["options"]) in (list("ABCD"), list("ABCDE")), item["code"]
        assert item["key"] == sorted(rights(item)), item["code"]
        assert 2 <= len(item["key"]) <= 4, item["code"]
        assert rights(item) < set(item["options"]), item["code"]


def test_the_options_of_an_item_differ_and_none_speaks_of_the_others() -> None:
    lazy = re.compile("以上|上述|都对|都不对|均正确|均不|全部正确|全选|无法确定")
    for item in BANK:
        texts = list(item["options"].values())
        assert all(isinstance(text, str) and text.strip() == text for text in texts), item["code"]
        assert len(set(texts)) == len(texts), item["code"]
        assert [text for text in texts if lazy.search(text)] == [], item["code"]


def test_every_explanation_explains_without_naming_letters() -> None:
    # Letters would be wrong as soon as a room shows the options in another order.
    letter = re.compile(r"[选项案][A-E](?![A-Za-z])|(?<![A-Za-z（])[A-E][项选]")
    for item in BANK:
        assert 25 <= len(item["explanation"]) <= 140, item["code"]
        assert not letter.search(item["explanation"]), item["code"]


def test_difficulty_is_an_honest_share_of_right_answers() -> None:
    for kind, (low, high) in {"single": (0.65, 0.8), "multiple": (0.55, 0.7), "scenario": (0.45, 0.65)}.items():
        guesses = [item["difficulty"] for item in BY_KIND[kind]]
        assert all(0.3 <= guess <= 0.9 for guess in guesses)
        assert low <= sum(guesses) / len(guesses) <= high


def test_a_scenario_tells_a_situation_of_a_hundred_to_two_hundred_and_fifty_characters() -> None:
    assert {i["code"]: len(i["material"]) for i in BY_KIND["scenario"] if not 100 <= len(i["material"]) <= 250} == {}


def test_no_brand_is_promoted() -> None:
    brands = re.compile("抖音|快手|淘宝|天猫|京东|拼多多|小红书|微信|视频号|微博|巨量|千川|哔哩|华为|小米|苹果手机")
    assert [item["code"] for item in BANK if brands.search(yaml.safe_dump(item, allow_unicode=True))] == []


# What the bank covers


def test_the_bank_holds_what_it_promises() -> None:
    assert {kind: len(found) for kind, found in BY_KIND.items()} == {"single": 72, "multiple": 72, "scenario": 14}
    assert len(TASKS) == 10
    for kind, least in {"single": 6, "multiple": 6, "scenario": 1}.items():
        count = Counter(item["task"] for item in BY_KIND[kind])
        assert set(count) == set(TASKS)
        assert min(count.values()) >= least


def test_every_unit_is_a_draft_of_ours_and_every_item_stands_under_one_that_holds_its_task() -> None:
    book = read("units.yaml")
    tasks_of = {unit["code"]: unit["tasks"] for unit in book["units"]}
    assert book["draft"] is True
    assert len(tasks_of) == len(book["units"]) == len({unit["name"] for unit in book["units"]})
    assert {task for tasks in tasks_of.values() for task in tasks} == set(TASKS)
    assert [item["code"] for item in BANK if item["task"] not in tasks_of.get(item["unit"], ())] == []
    found = {(item["unit"], item["task"]) for item in BANK}
    assert found == {(unit, task) for unit, tasks in tasks_of.items() for task in tasks}


def test_no_question_is_asked_twice() -> None:
    asked = Counter(item.get("material", "") + item["stem"] for item in BANK)
    assert [question for question, times in asked.items() if times > 1] == []


def test_enemies_know_each_other() -> None:
    for item in BANK:
        assert item["code"] not in item["enemies"]
        assert item["enemies"] == sorted(set(item["enemies"]))
        for enemy in item["enemies"]:
            assert item["code"] in BY_CODE[enemy]["enemies"], (item["code"], enemy)


# What gives an answer away


@pytest.mark.parametrize("letter", "ABCD")
def test_each_letter_is_right_in_a_fifth_to_three_tenths_of_the_single_choices(letter: str) -> None:
    keys = [item["key"] for item in BY_KIND["single"]]
    assert 0.2 <= keys.count(letter) / len(keys) <= 0.3


@pytest.mark.parametrize("letter", "ABCDE")
def test_no_letter_of_a_multiple_choice_is_a_safe_guess(letter: str) -> None:
    offered = [item for item in BY_KIND["multiple"] if letter in item["options"]]
    assert 0.5 <= sum(letter in item["key"] for item in offered) / len(offered) <= 0.72


def test_no_number_of_right_options_is_a_safe_guess() -> None:
    count = Counter(len(item["key"]) for item in BY_KIND["multiple"])
    assert set(count) == {2, 3, 4}
    assert all(0.15 <= times / len(BY_KIND["multiple"]) <= 0.5 for times in count.values())


def test_the_key_does_not_stand_out_by_its_length() -> None:
    longest, glaring = [], []
    for item in ONE_KEY:
        key = len(text_of_key(item))
        others = [len(text) for letter, text in item["options"].items() if letter != item["key"]]
        longest += [item["code"]] if key > max(others) else []
        glaring += [item["code"]] if key > 1.5 * max(others) or 1.5 * key < min(others) else []
    assert glaring == []
    assert len(longest) <= 0.3 * len(ONE_KEY)


def test_right_options_of_multiple_choices_are_as_long_as_wrong_ones() -> None:
    lengths: dict[bool, list[int]] = {True: [], False: []}
    for item in BY_KIND["multiple"]:
        for letter, text in item["options"].items():
            lengths[letter in item["key"]].append(len(text))
    right, wrong = (sum(found) / len(found) for found in (lengths[True], lengths[False]))
    assert 0.85 <= right / wrong <= 1.15


def test_no_stem_contains_its_answer() -> None:
    told = [
        (item["code"], letter) for item in BANK for letter in rights(item) if item["options"][letter] in item["stem"]
    ]
    assert told == []


# What must be calculated: the arithmetic done again, by code, against the text of the key

FIGURES: dict[str, Any] = {
    "LC1-S-004": f"{int(6 * 2 * Fraction(3, 2))} Mbps",
    "LC1-S-005": f"{4 * 2 * 3600 / 8 / 1000} GB",
    "LC1-S-010": f"{24 + 8 * 2 + 6 * 3}件（份）",
    "LC1-S-016": f"{4 * 5 - 2}个",
    "LC1-S-017": f"{(128 * 2 - 30 - 20) // 2}元",
    "LC1-S-018": f"{8 + 3 * ceil(Fraction(34, 10) - 1)}元",
    "LC1-S-019": f"{600 - 20 - 150 - 50}件",
    "LC1-S-026": f"{270 * 100 // 600}%",
    "LC1-S-029": f"{(180 - 15 - 5 - 2 * 5) // 15}分钟",
    "LC1-S-052": f"{2160 * 100 // 12000}%",
    "LC1-S-055": f"乙的点击率较高，为{250 * 100 // 5000}%",
    "LC1-S-056": f"3月{5 + 7}日",  # the seven days begin on the day after signing
    "LC1-S-065": f"{240 * 100 // 8000}%",
    "LC1-S-066": f"{36000 // 240}元",
    "LC1-S-067": f"{27000 * 1000 // 18000}元",
    "LC1-S-068": f"{10000 * 25 // 1000 * 80}元",
    "LC1-M-063": {"退还货款120元", f"增加赔偿{max(500, 3 * 120)}元"},
    "LC1-M-067": {
        f"观看人数中的商品点击率为{1000 * 100 // 5000}%",
        f"点击人数中的成交率为{100 * 100 // 1000}%",
        f"按成交人数计的客单价为{9000 // 100}元",
    },
    "LC1-C-004": f"{min(89, 89, 85, 79, 85, 89, 89)}元",
    "LC1-C-006": f"每款商品的讲解减为{(120 - 8 - 3 * 4 - 10 - 6) // 6}分钟",
    "LC1-C-011": f"{240 - 180}元",
}


@pytest.mark.parametrize("code", FIGURES)
def test_the_key_is_what_the_arithmetic_gives(code: str) -> None:
    item, given = BY_CODE[code], FIGURES[code]
    if isinstance(given, set):
        assert {item["options"][letter] for letter in item["key"]} == given
    else:
        assert text_of_key(item) == given


def test_the_judgements_in_figures_hold() -> None:
    wired, phone, each = 24 - 8, 4, Fraction(3, 2) * 5
    assert wired >= 2 * each > 12
    assert phone < each
    assert text_of_key(BY_CODE["LC1-C-002"]).startswith("两路都走有线网")

    assert Fraction(250, 5000) > Fraction(320, 8000)  # LC1-S-055

    rates = {"甲": Fraction(180, 12000), "乙": Fraction(200, 8000), "丙": Fraction(110, 5000), "丁": Fraction(60, 3000)}
    assert text_of_key(BY_CODE["LC1-C-005"]).startswith(max(rates, key=lambda name: rates[name]))

    assert Fraction(250, 10000) > Fraction(320, 16000)
    assert Fraction(21000, 12000) > Fraction(28800, 20000)
    assert text_of_key(BY_CODE["LC1-C-013"]) == "第二场的转化率和千次观看成交金额都较高"

    before, now = (48000, 5760, 1440, 202), (50000, 6000, 1500, 90)
    steps = [(Fraction(before[n + 1], before[n]), Fraction(now[n + 1], now[n])) for n in range(3)]
    assert [old == new for old, new in steps] == [True, True, False]
    assert text_of_key(BY_CODE["LC1-C-014"]).startswith("点击之后的成交环节变差")


# What papers can be made of it


def draw(seed: int, without: Collection[str] = ()) -> list[Item] | None:
    """A theory paper of the scheme that touches every task and holds no enemies; None when this seed finds none.

    Deliberately simpler than bank.rules.assemble: it shows that papers exist, not how the product chooses them.
    """
    pool = sorted(BANK, key=lambda item: item["code"])
    random.Random(seed).shuffle(pool)
    left = {kind: count for kind, (count, _) in SECTIONS.items()}
    paper: list[Item] = []
    barred = set(without)

    def take_first(candidates: Iterator[Item]) -> None:
        for item in candidates:
            if item["code"] not in barred and left[item["kind"]]:
                paper.append(item)
                left[item["kind"]] -= 1
                barred.update((item["code"], *item["enemies"]))
                return

    for task in TASKS:
        take_first(item for item in pool if item["task"] == task and item["kind"] == "single")
    for wanted in pool:
        take_first(iter((wanted,)))
    return paper if not any(left.values()) and {item["task"] for item in paper} == set(TASKS) else None


@pytest.mark.parametrize("seed", range(10))
def test_two_papers_can_be_drawn_that_share_no_item_and_each_touch_every_task(seed: int) -> None:
    first = draw(seed)
    assert first is not None
    second = draw(seed + 1000, without={item["code"] for item in first})
    assert second is not None
    assert {item["code"] for item in first}.isdisjoint(item["code"] for item in second)
    for paper in (first, second):
        codes = {item["code"] for item in paper}
        assert len(codes) == len(paper) == 65
        assert sum(item["points"] for item in paper) == 100
        assert Counter(item["kind"] for item in paper) == {"single": 30, "multiple": 30, "scenario": 5}
        assert {item["task"] for item in paper} == set(TASKS)
        assert [item["code"] for item in paper if codes & set(item["enemies"])] == []
