"""What may be a password under each profile, and what setting one does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onex.accounts import queries, services
from onex.accounts.models import OnceToken, PasswordHistory, User
from onex.accounts.rules import PROFILES, TokenPurpose, is_too_old, normalised_password, problems_with_password
from onex.accounts.services.passwords import refuse_password
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    a_hat,
    a_province,
    a_school,
    a_user,
    an_operator,
    signed_in_with,
)
from onex.common.actors import SYSTEM, Role
from onex.common.queries import timeline_of
from onex.common.text import Refused

ASVS, MLPS3 = PROFILES["asvs"], PROFILES["mlps3"]
WORDS = ("zhoumin", "周敏", "南京示范职业技术学院")
GOOD_FOR_STAFF = [
    "correct horse battery",  # blanks are characters like others
    "only small letters of length",
    "大雁塔 小寨 回民街 城墙根",
    "k3$Vq9-LmZ7w",
    "onex is where I go to work",  # a word of the trade among others
    "w" * 100 + "onderfully long and boring",
]
BAD_FOR_STAFF = {
    "short": "至少 12 位，现在是 5 位",
    "elevenchars": "至少 12 位",
    "onex2026onex": "“onex”",
    "Zhoumin880101!": "“zhoumin”",
    "南京示范职业技术学院2026": "“南京示范职业技术学院”",
    "jiangsu123456": "“jiangsu”",
    "P@ssw0rd2026!!": "p@ssw0rd",
    "13800000000a": "手机号",
    "320102199001011234": "证件号码",
    "aaaaaaaaaaaaaaaa": "重复或连续",
    "123456789012": "重复或连续",
    "abcdefghijkl": "重复或连续",
    "abcabcabcabc": "重复或连续",
    "qwertyuiop12": "qwertyuiop",
    "x1y2z3" * 22: "最多 128 位",
    "good enough\x00really": "不能使用的字符",
}


@pytest.mark.parametrize("raw", GOOD_FOR_STAFF)
def test_length_and_not_composition_makes_a_password(raw: str) -> None:
    assert problems_with_password(raw, ASVS, is_staff=True, words=WORDS) == []


@pytest.mark.parametrize(("raw", "sentence"), BAD_FOR_STAFF.items())
def test_what_is_short_or_guessed_is_refused_in_words(raw: str, sentence: str) -> None:
    found = problems_with_password(raw, ASVS, is_staff=True, words=WORDS)
    assert any(sentence in str(one) for one in found)


def test_a_student_needs_eight_characters_of_any_kind() -> None:
    assert problems_with_password("48201957", ASVS, is_staff=False) == []
    assert problems_with_password("4820195", ASVS, is_staff=False)
    assert problems_with_password("48201957", ASVS, is_staff=True)


def test_what_was_leaked_is_refused_whatever_its_length() -> None:
    found = problems_with_password("correct horse battery", ASVS, is_staff=True, is_leaked=True)
    assert "已泄露" in str(found[0])


@pytest.mark.parametrize(
    ("raw", "is_good"),
    [("Zx9kqwmv", True), ("zx9-kqwm", True), ("zxkqwmvb", False), ("zx9kqwmv", False), ("Zx9-kq", False)],
)
def test_mlps3_asks_for_three_of_four_kinds(raw: str, is_good: bool) -> None:
    assert (problems_with_password(raw, MLPS3, is_staff=True) == []) == is_good


def test_mlps3_gives_a_staff_password_ninety_days() -> None:
    for days, is_old in ((89, False), (90, True)):
        assert is_too_old(MLPS3, is_staff=True, set_at=NOON, at=NOON + timedelta(days=days)) == is_old
    assert is_too_old(MLPS3, is_staff=True, set_at=None, at=NOON)
    assert not is_too_old(MLPS3, is_staff=False, set_at=NOON, at=NOON + timedelta(days=900))
    assert not is_too_old(ASVS, is_staff=True, set_at=NOON, at=NOON + timedelta(days=900))


def test_full_width_characters_of_a_chinese_keyboard_are_what_they_show() -> None:
    assert normalised_password("Ａｂ１２　３") == "Ab12 3"


# --- the service


@pytest.mark.django_db
def test_a_password_is_kept_whole_and_found_however_the_keyboard_was_set() -> None:
    user = a_hat(Role.SCHOOL, a_school()).user
    raw = "ｗｈｉｔｅ crane over the lake " + "long " * 18
    assert len(raw) > 100
    services.set_password(user, raw, by=SYSTEM, at=NOON)
    user = User.objects.get(pk=user.pk)
    assert services.is_own_password(user, normalised_password(raw))
    assert services.is_own_password(user, raw)
    assert not services.is_own_password(user, raw[:72])
    assert not services.is_own_password(user, raw[:-1])
    assert timeline_of(user).last().verb == "set_password"
    assert raw not in str(PasswordHistory.objects.get().password)


@pytest.mark.django_db
def test_setting_a_password_ends_what_could_set_another() -> None:
    user = a_hat(Role.SCHOOL, a_school()).user
    for purpose in (TokenPurpose.RESET, TokenPurpose.ACTIVATE):
        services.issue_token(purpose, user, by=SYSTEM, at=NOON)
    services.set_password(user, "white crane over the lake", by=SYSTEM, at=NOON)
    assert not OnceToken.objects.filter(used_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("raw", ["password", "Iloveyou", "南京示范职业技术学院 123", "王小明王小明王小明王小明"])
def test_lists_and_the_own_names_are_looked_at(raw: str) -> None:
    user = a_hat(Role.STUDENT, a_school("南京示范职业技术学院"), a_user(name="王小明")).user
    with pytest.raises(Refused):
        services.set_password(user, raw, by=SYSTEM, at=NOON)
    assert not PasswordHistory.objects.exists()


@pytest.mark.django_db
def test_more_is_asked_of_staff_and_of_who_has_no_hat_yet() -> None:
    student = a_hat(Role.STUDENT, a_school()).user
    learner = a_hat(Role.LEARNER, an_operator()).user
    officer = a_hat(Role.PROVINCE, a_province()).user
    both = a_hat(Role.TEACHER, a_school(), a_hat(Role.STUDENT, a_school()).user).user
    assert [queries.is_staff(one) for one in (student, learner, officer, both, a_user())] == [
        False,
        False,
        True,
        True,
        True,
    ]
    refuse_password(student, "kq7vzp2m")
    with pytest.raises(Refused, match="至少 12 位"):
        refuse_password(officer, "kq7vzp2m")


@pytest.mark.django_db
def test_under_mlps3_the_last_five_do_not_come_back(settings) -> None:
    settings.PASSWORD_PROFILE = "mlps3"
    user = a_hat(Role.SCHOOL, a_school()).user
    said = [f"White-crane-{word}" for word in ("lake", "tower", "river", "cloud", "stone", "bamboo")]
    for day, raw in enumerate(said):
        services.set_password(user, raw, by=SYSTEM, at=NOON + timedelta(days=day))
    for raw in said[1:]:
        with pytest.raises(Refused, match="最近用过的 5 个密码"):
            services.set_password(user, raw, by=SYSTEM, at=NOON + timedelta(days=9))
    services.set_password(user, said[0], by=SYSTEM, at=NOON + timedelta(days=9))
    assert PasswordHistory.objects.filter(user=user).count() == 5


@pytest.mark.django_db
def test_under_asvs_an_old_password_may_come_back() -> None:
    user = a_hat(Role.SCHOOL, a_school()).user
    services.set_password(user, "white crane over the lake", by=SYSTEM, at=NOON)
    services.set_password(user, "white crane over the lake", by=SYSTEM, at=NOON)


@pytest.mark.django_db
def test_under_mlps3_who_is_past_ninety_days_sets_a_new_one_before_anything_else(client, settings) -> None:
    settings.PASSWORD_PROFILE = "mlps3"
    hat = a_hat(Role.SCHOOL, a_school())  # its password is older than any record
    signed_in_with(client, hat)
    assert client.get("/desk/").url == "/accounts/password/change/"
    page = client.get("/accounts/password/change/").content.decode()
    assert "密码已使用满 90 天" in page
    form = {"password-old": PASSWORD, "password-new": "White-crane-lake", "password-again": "White-crane-lake"}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert client.get("/desk/").status_code == 200


@pytest.mark.django_db
def test_an_older_hash_is_renewed_when_its_password_is_proved(settings) -> None:
    user = a_hat(Role.SCHOOL, a_school()).user
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert user.password.startswith("md5")
    services.prove(user.username, PASSWORD, address="", at=NOON)
    user = User.objects.get(pk=user.pk)
    assert user.password.startswith("scrypt")
    assert services.is_own_password(user, PASSWORD)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, []),
        ({"PASSWORD_PROFILE": "none"}, ["accounts.E001"]),
        ({"CAPTCHA": False, "SESSION_COOKIE_SECURE": True}, ["accounts.E002"]),
        ({"CAPTCHA": False, "SESSION_COOKIE_SECURE": False}, []),
        ({"CAPTCHA": True, "SESSION_COOKIE_SECURE": True}, []),
    ],
)
def test_the_check_names_a_door_that_stands_open(settings, changed: dict, wrong: list[str]) -> None:
    from onex.accounts import checks

    for name, value in changed.items():
        setattr(settings, name, value)
    assert [one.id for one in (*checks.password_profile(), *checks.captcha_on())] == wrong
