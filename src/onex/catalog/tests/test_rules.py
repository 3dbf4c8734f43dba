"""The guide's data and what it means: every check catches a planted error at its line, and the pass rule is exact."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.catalog import rules
from onex.catalog.rules import Level, PassRuleKind, RegionKind
from onex.common.text import Say

TEXTS = rules.texts_of("guide-2024")


def problems_after(file: str, old: str, new: str) -> list[str]:
    """What the loader says when `old` (its first occurrence) is planted over by `new`."""
    assert old in TEXTS[file]
    with pytest.raises(rules.GuideError) as caught:
        rules.parse({**TEXTS, file: TEXTS[file].replace(old, new, 1)})
    return [str(problem) for problem in caught.value.problems]


def line_of(file: str, text: str) -> int:
    """The line of the first occurrence of `text`."""
    return TEXTS[file][: TEXTS[file].index(text)].count("\n") + 1


# --- the data as it is ---


def test_the_guide_that_comes_with_the_product_is_in_order() -> None:
    guide = rules.guide()
    assert [certificate.code for certificate in guide.certificates] == ["101", "102"]
    assert sum(len(level.domains) for c in guide.certificates for level in c.levels) == 19
    assert [len(list(c.all_tasks())) for c in guide.certificates] == [30, 30]
    points = [sum(len(task.skill_points) for task in c.all_tasks()) for c in guide.certificates]
    assert points == [104, 95]
    assert [c.printed_counts.skill_points for c in guide.certificates] == points


def test_what_the_guide_prints_wrong_is_kept_beside_what_it_means() -> None:
    guide = rules.guide()
    names = {str(task.name): task.name.as_printed for task in guide.certificates[0].all_tasks()}
    assert names["脚本初稿编写"] == "脚本初稿编"
    last = guide.certificates[0].levels[2].domains[2]
    assert (last.name.as_printed, last.name.canonical) == ("直播效果评估优化", "直播效果评估与优化")
    printed = {row.organisation.as_printed: str(row.organisation) for row in guide.pilots.sample_applications}
    assert printed["南京美途信息产业股份有限公司"] == guide.head.organisation.name
    assert ("原证机构", "颁证机构") in [(c.as_printed, c.canonical) for c in guide.head.corrections]


def test_the_demo_scheme_differs_from_the_one_in_force_only_in_its_times() -> None:
    in_force, demo = rules.guide().assessment.schemes
    assert (in_force.label, demo.label) == ("", "演示")
    times = {
        "code", "name", "label", "set_by_onex", "theory_minutes", "practical_minutes", "notice_days",
        "latest_entry_minutes", "earliest_hand_in_minutes", "publicity_working_days",
    }  # fmt: skip
    one, other = rules.as_json(in_force), rules.as_json(demo)
    assert {name for name in one if one[name] != other[name]} == times


def test_thirty_one_provinces_and_six_more_jurisdictions_publish_plans() -> None:
    kinds = [province.kind for province in rules.provinces()]
    assert (kinds.count(RegionKind.PROVINCE), kinds.count(RegionKind.CORPS)) == (31, 1)
    assert kinds.count(RegionKind.SEPARATE_CITY) == 5
    jiangsu = next(province for province in rules.provinces() if province.code == "32")
    assert len(jiangsu.cities) == 13


def test_a_level_is_spoken_in_the_words_of_the_guide() -> None:
    assert [str(level.label) for level in Level] == ["初级", "中级", "高级"]


def test_an_unknown_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(rules.GuideError, match="guide-2024"):
        rules.guide("guide-1999")


# --- a file that cannot be read ---


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("fees.yaml", "unit: 元/人次", "unit: 元/人次\nunits: 元", "不认识的键“units”，这里只有 unit、fees"),
        ("fees.yaml", "unit: 元/人次", "unit: 元/人次\nunit: 元", "键“unit”写了两次"),
        ("fees.yaml", "{level: 初级, fee_fen: 28000}", "{level: 初级}", "缺少“fee_fen”"),
        ("fees.yaml", "fee_fen: 28000", "fee_fen: 280.00", "“280.00”不是整数"),
        ("fees.yaml", "fee_fen: 28000", "fee_fen: 0", "0 不在 1 到 1000000000 之间"),
        ("fees.yaml", "level: 初级", "level: 特级", "“特级”不是等级（初级、中级、高级）"),
        ("fees.yaml", "unit: 元/人次", "unit: [元, 人次]", "这里应是单个值"),
        ("fees.yaml", "{level: 初级, fee_fen: 28000}", "初级 280 元", "这里应是键和值"),
        (
            "training.yaml",
            "awards: [结业证书, 培训讲师证书, 考评员证书, 专家讲师团聘书]",
            "awards: 结业证书",
            "这里应是列表",
        ),
        ("training.yaml", "month: 11", "month: 13", "13 不在 1 到 12 之间"),
        ("calendar.yaml", "day: 2024-06-21", "day: 2024-02-30", "“2024-02-30”不是真实的日期（如 2024-05-30）"),
        ("calendar.yaml", "day: 2024-06-21", "day: 20240621", "“20240621”不是真实的日期（如 2024-05-30）"),
        ("calendar.yaml", "starts: 08:30", "starts: 8:30", "“8:30”不是真实的时刻（如 08:30）"),
        (
            "pilots.yaml",
            "opens: 2021-12-10 12:00",
            "opens: 2021-12-10",
            "“2021-12-10”不是真实的日期和时刻（如 2021-04-01 00:00）",
        ),
        ("pilots.yaml", "majors_required: 否", "majors_required: 不", "“不”不是“是”或“否”"),
        (
            "assessment.yaml",
            "kind: multiple",
            "kind: judgement",
            "不认识“judgement”，这里只有 single、multiple、scenario",
        ),
        ("assessment.yaml", "theory_minutes: 60", "theory_minutes:", "这里没有值"),
        ("contacts.yaml", "15850698632", "5850698632", "“5850698632”不是电话号码"),
        ("contacts.yaml", "number: 630583907", "number: 0583907", "“0583907”不是QQ 群号"),
        ("venues.yaml", "[.doc, .docx, .pdf]", "[.doc, docx, .pdf]", "“docx”不是扩展名（如 .pdf）"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_file_and_line(file: str, old: str, new: str, said: str) -> None:
    # A planted second line is the one to blame: the key that is too many stands there.
    line = line_of(file, old) + new.count("\n")
    assert problems_after(file, old, new) == [f"{file}:{line}: {said}"]


def test_a_file_that_is_no_yaml_is_named_with_the_line() -> None:
    line = line_of("fees.yaml", "- {level: 中级")
    (problem,) = problems_after("fees.yaml", "fee_fen: 28000}", "fee_fen: 28000")
    assert problem.startswith(f"fees.yaml:{line}: 不是合法的 YAML：")


def test_a_text_that_is_empty_or_holds_a_control_character_is_refused() -> None:
    assert problems_after("fees.yaml", "unit: 元/人次", 'unit: ""') == ["fees.yaml:3: “”不是文字"]
    (problem,) = problems_after("fees.yaml", "unit: 元/人次", "unit: 元\x07")
    assert problem.startswith("fees.yaml:1: 不是合法的 YAML：")


def test_a_sitting_without_a_half_day_is_refused() -> None:
    text = TEXTS["calendar.yaml"]
    slots = text[text.index("        slots:") : text.index("      - number: 2")]
    line = line_of("calendar.yaml", "number: 1\n")
    found = problems_after("calendar.yaml", slots, "        slots: []\n")
    assert found == [f"calendar.yaml:{line}: 没有考试时间"]


def test_missing_unknown_and_empty_files_are_all_listed() -> None:
    texts = {name: text for name, text in TEXTS.items() if name != "fees.yaml"} | {
        "tees.yaml": "a: 1",
        "portal.yaml": "",
    }
    with pytest.raises(rules.GuideError) as caught:
        rules.parse(texts)
    assert [str(problem) for problem in caught.value.problems] == [
        "fees.yaml:1: 缺少这个文件",
        "portal.yaml:1: 文件是空的",
        "tees.yaml:1: 不认识这个文件",
    ]


def test_every_problem_of_every_file_is_listed_at_once() -> None:
    texts = {name: text.replace("level: 初级", "level: 特级") for name, text in TEXTS.items()}
    with pytest.raises(rules.GuideError) as caught:
        rules.parse(texts)
    assert len(caught.value.problems) == sum(text.count("level: 初级") for text in TEXTS.values())
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)


def test_a_certificate_lies_in_the_file_of_its_code() -> None:
    assert "certificate-101.yaml:3: 证书编号 103 与文件名不符" in problems_after(
        "certificate-101.yaml", "code: 101", "code: 103"
    )


# --- figures that do not fit together: (file, planted over, by, where the problem is said to be, what is said) ---

PLANTED = [
    ("guide.yaml", "certificates: 2", "certificates: 3", "certificates: 2", "证书数应为 3，实为 2"),
    ("guide.yaml", "  levels: 6", "  levels: 7", "certificates: 2", "等级数应为 7，实为 6"),
    ("guide.yaml", "domains: 19", "domains: 20", "certificates: 2", "工作领域数应为 20，实为 19"),
    ("guide.yaml", "tasks: 60", "tasks: 61", "certificates: 2", "工作任务数应为 61，实为 60"),
    ("guide.yaml", "sittings: 14", "sittings: 15", "certificates: 2", "统考数应为 15，实为 14"),
    ("guide.yaml", "classes: 14", "classes: 13", "certificates: 2", "师资培训期数应为 13，实为 14"),
    ("guide.yaml", "textbooks: 6", "textbooks: 5", "certificates: 2", "教材数应为 5，实为 6"),
    ("guide.yaml", "features: 4", "features: 5", "certificates: 2", "教材特色数应为 5，实为 4"),
    ("guide.yaml", "contacts: 12", "contacts: 11", "certificates: 2", "区域负责人数应为 11，实为 12"),
    ("guide.yaml", "provinces: 31", "provinces: 34", "certificates: 2", "省级行政区数应为 34，实为 31"),
    ("guide.yaml", "applications: 9", "applications: 8", "certificates: 2", "申报样例行数应为 8，实为 9"),
    ("guide.yaml", "plans: 3", "plans: 2", "certificates: 2", "申报计划样例行数应为 2，实为 3"),
    ("certificate-101.yaml", "- level: 高级", "- level: 中级", "level: 高级", "等级 中级 出现了两次"),
    ("certificate-101.yaml", "- level: 高级", "- level: 中级", "code: 101", "缺少等级高级"),
    ("certificate-101.yaml", "code: 2\n", "code: 4\n", "code: 2\n", "工作领域代码应为 2，实为 4"),
    ("certificate-101.yaml", "code: 1.2,", "code: 1.4,", "code: 1.2,", "工作任务代码应为 1.2，实为 1.4"),
    ("certificate-101.yaml", "domains: 9,", "domains: 8,", "printed_counts", "工作领域数应为 8，实为 9"),
    ("certificate-101.yaml", "tasks: 30,", "tasks: 31,", "printed_counts", "工作任务数应为 31，实为 30"),
    ("certificate-101.yaml", "灯光布置, ", "", "printed_counts", "技能点数应为 104，实为 103"),
    (
        "certificate-101.yaml",
        ", skill_points: [预热文案撰写, 直播预告发布, 预热渠道选择]",
        "",
        "{code: 2.1",
        "工作任务 2.1 没有技能点",
    ),
    ("certificate-101.yaml", "灯光布置", "摄录设备架设", "{code: 1.1", "技能点 摄录设备架设 出现了两次"),
    (
        "assessment.yaml",
        "points_each: 2, total: 60",
        "points_each: 2, total: 62",
        "kind: multiple",
        "多选题：30 × 2 = 60，不是 62",
    ),
    (
        "assessment.yaml",
        "count: 30, points_each: 1, total: 30",
        "count: 20, points_each: 1, total: 20",
        "code: scheme-2024",
        "各题型合计 90 分，不是满分 100 分",
    ),
    ("assessment.yaml", "kind: multiple", "kind: single", "kind: multiple", "题型 single 出现了两次"),
    (
        "assessment.yaml",
        "theory_pass_mark: 60",
        "theory_pass_mark: 101",
        "code: scheme-2024",
        "合格分 101 高于满分 100",
    ),
    ("assessment.yaml", "    label: 演示\n", "", "code: scheme-2024-demo", "方案标签 （空） 出现了两次"),
    ("assessment.yaml", "# no label: the", "label: 试行 #", "method:", "没有不带标签的考核方案"),
    ("assessment.yaml", "scheme-2024-demo", "scheme-2024", "code: scheme-2024-demo", "方案代码 scheme-2024 出现了两次"),
    (
        "assessment.yaml",
        "pass_rule: each_part",
        "pass_rule: weighted",
        "code: scheme-2024",
        "按总分合格的方案须写明合计 100% 的两个比重和总分合格线",
    ),
    (
        "assessment.yaml",
        "mark_decimals: 1 ",
        "total_pass_mark: 60\n    mark_decimals: 1 ",
        "code: scheme-2024",
        "分别合格的方案不写比重和总分合格线",
    ),
    (
        "assessment.yaml",
        "earliest_hand_in_minutes: 30",
        "earliest_hand_in_minutes: 61",
        "code: scheme-2024",
        "61 分钟长于理论考核的 60 分钟",
    ),
    (
        "assessment.yaml",
        "resit_keeps_passed_part: 否",
        "resit_keeps_passed_part: 是",
        "code: scheme-2024",
        "保留已合格部分的方案须写明补考次数和保留月数",
    ),
    (
        "assessment.yaml",
        "set_by_onex: [mark_decimals",
        "set_by_onex: [mark_decimal",
        "code: scheme-2024",
        "set_by_onex 中的“mark_decimal”不是方案的键",
    ),
    ("assessment.yaml", "weight: 45", "weight: 44", "certificate: 101", "权重合计 99，不是 100"),
    (
        "assessment.yaml",
        "{domain: 2, module: 直播执行",
        "{domain: 4, module: 直播执行",
        "{domain: 2, module: 直播执行",
        "没有工作领域 4",
    ),
    (
        "assessment.yaml",
        "{domain: 2, module: 直播执行",
        "{domain: 4, module: 直播执行",
        "certificate: 101",
        "工作领域 2 没有权重",
    ),
    (
        "assessment.yaml",
        "module: 直播执行",
        "module: 直播带货",
        "module: 直播执行",
        "工作领域 2 是“直播执行”，不是“直播带货”",
    ),
    ("assessment.yaml", "certificate: 101", "certificate: 103", "certificate: 101", "没有证书等级 103 初级"),
    ("assessment.yaml", "certificate: 101", "certificate: 103", "method:", "101 初级没有权重表"),
    ("fees.yaml", "level: 中级", "level: 初级", "level: 中级", "等级 初级 出现了两次"),
    ("fees.yaml", "level: 中级", "level: 初级", "unit:", "中级没有费用"),
    ("fees.yaml", "29000", "27000", "29000", "中级的费用低于前一等级"),
    ("calendar.yaml", "number: 2\n", "number: 3\n", "number: 2\n", "统考次序应为 2，实为 3"),
    ("calendar.yaml", "[初级, 中级]", "[初级, 初级]", "number: 1\n", "每次统考须有等级，且每个等级只写一次"),
    ("calendar.yaml", "2024-12-20", "2025-12-20", "2024-12-20", "2025-12-20 不在 2024 年"),
    ("calendar.yaml", "ends: 18:00", "ends: 13:00", "ends: 18:00", "结束时间不晚于开始时间"),
    ("calendar.yaml", "ends: 18:00", "ends: 17:00", "ends: 18:00", "时段不足 210 分钟"),
    ("calendar.yaml", "2024-09-26", "2024-06-20", "2024-09-26", "2024-06-20 早于前一时段"),
    ("calendar.yaml", "certificate: 102", "certificate: 103", "certificate: 102", "没有证书 103"),
    ("calendar.yaml", "certificate: 102", "certificate: 103", "title:", "证书 102 没有统考计划"),
    ("training.yaml", "month: 8,", "month: 6,", "month: 8,", "6 月排在 7 月之后"),
    ("training.yaml", "month: 8,", "month: 7,", "month: 8,", "师资培训 7 高级 出现了两次"),
    ("textbooks.yaml", "certificate: 101", "certificate: 102", "publisher:", "101 初级没有教材"),
    (
        "textbooks.yaml",
        "选品与货品组合",
        "商品讲解",
        "- certificate: 101\n    level: 中级",
        "知识单元 商品讲解 出现了两次",
    ),
    ("regions.yaml", "code: 12,", "code: 11,", "code: 12,", "省级代码 11 出现了两次"),
    ("regions.yaml", "short: 津", "short: 京", "short: 津", "简称 京 出现了两次"),
    ("regions.yaml", "code: 320200", "code: 320100", "code: 320200", "城市代码 320100 出现了两次"),
    ("regions.yaml", "code: 320200", "code: 330200", "code: 320200", "城市代码 330200 不以 32 开头"),
    ("regions.yaml", ", within: 21", "", "name: 大连市", "兵团和计划单列市须写明所在省（within），其他不写"),
    ("contacts.yaml", "[11, 12, 15]", "[11, 12, 13]", "name: 鲍老师", "省级代码 13 出现了两次"),
    ("contacts.yaml", "[11, 12, 15]", "[11, 12, 13]", "contacts:\n", "蒙没有区域负责人"),
    ("contacts.yaml", "[11, 12, 15]", "[11, 12, 66]", "name: 王老师", "没有省级代码 66"),
    ("contacts.yaml", "京、津、蒙", "京、津、内蒙古", "name: 王老师", "印作“京、津、内蒙古”，代码却是“京、津、蒙”"),
    ("contacts.yaml", "certificate: 102", "certificate: 101", "certificate: 102", "QQ 群 101 出现了两次"),
    ("majors.yaml", "code: 730602", "code: 730601", "code: 730602", "专业代码 730601 出现了两次"),
    (
        "majors.yaml",
        "stage: 中职, catalogue: 2021",
        "stage: 中职, catalogue: 1999",
        "code: 730301",
        "没有专业目录 1999",
    ),
    ("majors.yaml", "[730601, 730602, 730603,", "[730601, 730602, 630899,", "certificate: 101", "没有专业 630899"),
    (
        "majors.yaml",
        "[730601, 730602, 730603,",
        "[730601, 730602, 730602,",
        "certificate: 101",
        "专业代码 730602 出现了两次",
    ),
    ("majors.yaml", "    level: 初级", "    level: 中级", "catalogues:", "101 初级没有对应专业"),
    ("pilots.yaml", "approved: 80, used: 0", "approved: 80, used: 81", "室内设计", "已使用、批准、申请人数应依次不减"),
    (
        "pilots.yaml",
        "closes: 2021-12-27 18:00",
        "closes: 2021-03-01 18:00",
        "closes: 2021-12-27 18:00",
        "结束时间不晚于开始时间",
    ),
    ("portal.yaml", "section: notices", "section: notes", "section: notices", "没有栏目 notes"),
    ("portal.yaml", "month_day: 05-18", "month_day: 02-30", "month_day: 05-18", "02-30 不是真实的日期"),
    ("portal.yaml", "code: policies", "code: news", "code: policies", "栏目 news 出现了两次"),
]


@pytest.mark.parametrize(("file", "old", "new", "place", "said"), PLANTED, ids=[row[-1] for row in PLANTED])
def test_figures_that_do_not_fit_are_named_with_file_and_line(
    file: str, old: str, new: str, place: str, said: str
) -> None:
    assert f"{file}:{line_of(file, place)}: {said}" in problems_after(file, old, new)


def test_a_standard_without_the_wording_of_its_skill_points_is_accepted() -> None:
    import re

    text = re.sub(r",? *skill_points: \[[^]]*\]", "", TEXTS["certificate-101.yaml"])
    guide = rules.parse({**TEXTS, "certificate-101.yaml": text})
    assert all(not task.skill_points for task in guide.certificates[0].all_tasks())
    assert guide.certificates[0].printed_counts.skill_points == 104


# --- who passes ---


@dataclass(frozen=True)
class Rule:
    """A scheme of another certificate, as data."""

    pass_rule: PassRuleKind = PassRuleKind.EACH_PART
    theory_full_mark: int = 100
    theory_pass_mark: int = 60
    practical_full_mark: int = 100
    practical_pass_mark: int = 60
    theory_percent: int = 0
    practical_percent: int = 0
    total_pass_mark: int = 0
    mark_decimals: int = 1


SCHEME = rules.guide().assessment.schemes[0]
MARKS = st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=3)


@pytest.mark.parametrize(
    ("theory", "practical", "passed"),
    [("60", "60", True), ("59", "100", False), ("100", "59", False), ("59.95", "60", False), ("60.0", "60.09", True)],
)
def test_a_candidate_needs_sixty_in_theory_and_in_practice(theory: str, practical: str, passed: bool) -> None:
    assert rules.passes(SCHEME, Decimal(theory), Decimal(practical)) is passed


def test_59_95_is_kept_as_59_9() -> None:
    assert rules.kept(Decimal("59.95")) == Decimal("59.9")


@given(MARKS, MARKS)
def test_a_pass_is_two_marks_of_which_neither_is_below_the_line(theory: Decimal, practical: Decimal) -> None:
    assert rules.passes(SCHEME, theory, practical) == (theory >= 60 and practical >= 60)


@given(MARKS)
def test_a_kept_mark_is_never_above_the_mark_and_never_a_tenth_below(mark: Decimal) -> None:
    assert 0 <= mark - rules.kept(mark) < Decimal("0.1")
    assert rules.kept(rules.kept(mark)) == rules.kept(mark)


@given(MARKS, MARKS, MARKS)
def test_a_better_mark_never_turns_a_pass_into_a_fail(theory: Decimal, practical: Decimal, more: Decimal) -> None:
    weighted = Rule(PassRuleKind.WEIGHTED, theory_percent=40, practical_percent=60, total_pass_mark=60)
    for rule in (SCHEME, weighted):
        if rules.passes(rule, theory, practical):
            assert rules.passes(rule, max(theory, more), practical)


def test_a_certificate_may_pass_by_its_total_instead() -> None:
    rule = Rule(PassRuleKind.WEIGHTED, theory_percent=40, practical_percent=60, total_pass_mark=60)
    assert rules.passes(rule, 30, 80)
    assert rules.problems_on_passing(rule, 59, Decimal("60.6")) == [
        Say("总分 {mark} 分，未达到 {least} 分", {"mark": Decimal("59.9"), "least": 60})
    ]


def test_the_reasons_for_a_fail_name_each_part_and_its_mark() -> None:
    said = [str(reason) for reason in rules.problems_on_passing(SCHEME, Decimal("59.95"), 12)]
    assert said == ["理论考核 59.9 分，未达到 60 分", "实训考核 12.0 分，未达到 60 分"]


def test_a_part_that_was_not_sat_is_no_pass() -> None:
    assert [str(reason) for reason in rules.problems_on_passing(SCHEME, 100, None)] == ["实训考核没有成绩"]


@pytest.mark.parametrize("mark", [Decimal("-0.1"), Decimal("100.1")])
def test_a_mark_outside_its_scale_is_an_error_of_the_caller(mark: Decimal) -> None:
    with pytest.raises(ValueError, match="outside"):
        rules.passes(SCHEME, mark, 60)


def test_binary_fractions_are_not_marks() -> None:
    with pytest.raises(TypeError):
        rules.passes(SCHEME, 60, 59.95)  # type: ignore[arg-type]
