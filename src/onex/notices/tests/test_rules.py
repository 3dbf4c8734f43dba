"""Templates say what they say and nothing else; ways and times without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.common.actors import Role
from onex.common.text import say
from onex.notices.rules import (
    BACKOFF,
    TEMPLATES,
    Pace,
    Standing,
    Template,
    Why,
    cleaned,
    digest_after,
    filled,
    is_internal,
    mail_due,
    one_line,
    problems_in,
    retry_at,
    standing_of,
    templates_for,
)
from onex.notices.tests.factories import NOON, a_template

NAMES = st.sampled_from(["school", "reason", "until", "a_b2", "x"])


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trick",
    [
        "{__class__}",
        "{school.__class__}",
        "{school[0]}",
        "{school!r}",
        "{school:>10}",
        "{}",
        "{0}",
        "{ school }",
        "{School}",
        "{{school}}",
        "{school",
        "school}",
        "{reason}{password}",
        "{school}\n{",
    ],
)
def test_a_place_that_is_none_is_refused_with_the_names_that_are(trick: str) -> None:
    problems = problems_in(a_template(), "标题", f"正文 {trick}")
    assert len(problems) == 1
    assert "{school}（院校）、{reason}（退回理由）、{until}（截止时间）" in str(problems[0])


def test_the_sentence_names_what_was_wrong() -> None:
    (problem,) = problems_in(a_template(), "{scool}的申报", "{school}{secret}")
    assert "“{scool}”“{secret}”不是这个模板的占位符" in str(problem)


def test_what_a_template_allows_is_allowed_as_often_as_one_likes() -> None:
    assert problems_in(a_template(), "{school}", "{school}{school}（{reason}）$ % \\ <b> {until}") == []


def test_words_are_asked_for() -> None:
    assert [str(one) for one in problems_in(a_template(), " ", "\n")] == ["请填写标题。", "请填写正文。"]


def test_a_template_without_places_says_so() -> None:
    plain = a_template("notices.plain", subject=say("停机"), text=say("今晚停机"), placeholders={})
    assert "没有占位符" in str(problems_in(plain, "x", "{school}")[0])


@given(values=st.dictionaries(NAMES, st.text(max_size=30)), text=st.text(max_size=80))
def test_filling_puts_values_in_once_and_never_reads_them_as_templates(values: dict[str, str], text: str) -> None:
    out = filled(text, values)
    if "{" not in text:
        assert out == text
    whole = "".join(f"[{{{name}}}]" for name in values)
    assert filled(whole, values) == "".join(f"[{value}]" for value in values.values())


def test_a_value_with_braces_stays_a_value() -> None:
    assert filled("{school}/{reason}", {"school": "{reason}", "reason": "{school.__class__}"}) == (
        "{reason}/{school.__class__}"
    )


@given(st.text(max_size=200), st.integers(min_value=2, max_value=50))
def test_a_subject_is_one_line_of_a_length_however_it_was_typed(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert not set(line) & set("\r\n\x00\x0b\x0c\x85\u2028\u2029")


@given(st.text(max_size=200))
def test_what_is_cleaned_can_be_stored_and_cleaning_twice_is_once(text: str) -> None:
    assert "\x00" not in cleaned(text)
    assert cleaned(cleaned(text)) == cleaned(text)


def test_a_template_with_an_unknown_place_does_not_even_start() -> None:
    with pytest.raises(ValueError, match=r"notices\.broken"):
        a_template("notices.broken", text=say("{oops}"))
    assert "notices.broken" not in TEMPLATES


def test_a_code_is_declared_once_and_has_a_form() -> None:
    a_template()
    with pytest.raises(ValueError, match="twice"):
        Template(**{**vars(a_template()), "is_urgent": True})
    with pytest.raises(ValueError, match="<app>"):
        a_template("Pilots")


def test_everybody_chooses_only_among_what_their_roles_are_told() -> None:
    one = a_template()
    assert one in templates_for([Role.SCHOOL])
    assert one not in templates_for([Role.AUDITOR])
    assert one not in templates_for([])


def test_the_built_in_words_of_every_app_are_sound() -> None:
    for one in TEMPLATES.values():
        assert problems_in(one, one.subject.msgid, one.text.msgid) == []
        assert one.audience
        assert set(one.samples) <= set(one.placeholders)
        assert "{" not in filled(one.text.msgid, one.sample())


@pytest.mark.parametrize("link", ["/pilots/applications/1/", "/", "/a?b=c#d"])
def test_a_path_of_ours_is_a_link(link: str) -> None:
    assert is_internal(link)


@pytest.mark.parametrize(
    "link", ["", "//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil", "/a b", "/a\nb", "a/b"]
)
def test_what_leads_elsewhere_is_none(link: str) -> None:
    assert not is_internal(link)


# --- ways ---------------------------------------------------------------------------------------------------------


def test_the_daily_mail_goes_at_five_in_beijing() -> None:
    assert digest_after(NOON) == NOON + timedelta(hours=5)
    at_five = NOON + timedelta(hours=5)
    assert digest_after(at_five) == at_five + timedelta(days=1)
    assert digest_after(at_five - timedelta(seconds=1)) == at_five


def test_what_is_urgent_goes_at_once_whatever_was_chosen() -> None:
    assert {mail_due(pace, True, NOON) for pace in Pace} == {NOON}
    assert mail_due(Pace.INBOX, False, NOON) is None
    assert mail_due(Pace.DAILY, False, NOON) == digest_after(NOON)
    assert mail_due(Pace.AT_ONCE, False, NOON) == NOON


def test_a_failure_is_tried_again_ever_later_and_then_given_up() -> None:
    waits = [retry_at(n, Why.UNREACHABLE, NOON) for n in range(1, len(BACKOFF) + 2)]
    assert waits[-1] is None
    assert waits[:-1] == sorted(set(waits[:-1]))
    assert retry_at(1, Why.NO_ADDRESS, NOON) is None


def test_how_a_delivery_stands_is_read_from_its_times() -> None:
    assert standing_of(sent_at=None, due_at=NOON, why="") == Standing.WAITING
    assert standing_of(sent_at=NOON, due_at=None, why="") == Standing.SENT
    assert standing_of(sent_at=None, due_at=NOON, why="unreachable") == Standing.AGAIN
    assert standing_of(sent_at=None, due_at=None, why="refused") == Standing.FAILED
    assert standing_of(sent_at=None, due_at=None, why="no_address") == Standing.SPARED
