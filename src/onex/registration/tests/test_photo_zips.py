"""Photos of many students in one zip: previewed, each refusal with its reason, kept without overwriting silently."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from onex.accounts.models import School
from onex.accounts.tests.factories import a_school, an_actor, signed_in_as
from onex.common.actors import Role
from onex.common.airlock.photos import MOST_PICTURES
from onex.common.files import open_bytes
from onex.common.models import Attachment
from onex.common.queries import attachments_of, timeline_of
from onex.common.text import Refused
from onex.pilots.tests.factories import NOON
from onex.registration import services
from onex.registration.models import Student
from onex.registration.queries import PHOTO, WAITING_PHOTO, photo_of, students_waiting_for_photos
from onex.registration.tests.factories import a_photo, a_student

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return a_school()


def a_picture(width: int = 358, height: int = 500, kind: str = "JPEG") -> bytes:
    return a_photo(width, height, kind).read()


def a_zip(pictures: Mapping[str, bytes], name: str = "照片.zip") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, body in pictures.items():
            archive.writestr(one, body)
    return SimpleUploadedFile(name, buffer.getvalue())


def preview(school: School, pictures: Mapping[str, bytes]) -> services.photo_zips.Read:
    return services.preview_photos(school, a_zip(pictures), by=an_actor(Role.SCHOOL, school), at=NOON)


def keep(school: School, *replaced: Student) -> int:
    return services.keep_photos(school, [one.pk for one in replaced], by=an_actor(Role.SCHOOL, school), at=NOON)


def told(read: services.photo_zips.Read) -> dict[str, str]:
    return {one.name: "".join(map(str, one.reasons)) for one in read.unfit}


def test_photos_wait_with_their_students_until_they_are_kept(school: School) -> None:
    one, two, three = (a_student(school) for _ in range(3))
    names = (f"{one.name}_{one.id_number}.jpg", f"1班/{two.student_no}.jpg", f"{three.id_number}.jpg")
    read = preview(school, {name: a_picture() for name in names} | {"__MACOSX/1班/._x.jpg": b"x", "Thumbs.db": b"x"})
    assert (read.taken_count, read.unfit) == (3, ())
    assert [photo_of(student) for student in (one, two, three)] == [None, None, None]
    assert set(students_waiting_for_photos(school)) == {one, two, three}
    assert keep(school) == 3
    for student in (one, two, three):
        (photo,) = attachments_of(student)
        assert (photo.slot, photo.is_sealed, photo.original_name) == (PHOTO, True, "photo.jpg")
        assert open_bytes(photo).startswith(b"\xff\xd8\xff")
        assert [trace.verb for trace in timeline_of(student)] == ["set_photo"]
    assert not students_waiting_for_photos(school).exists()


def test_every_file_that_is_nobodys_photo_is_refused_with_its_reason(school: School) -> None:
    one, other = a_student(school), a_student(a_school())
    read = preview(
        school,
        {
            f"{one.student_no}.jpg": a_picture(),
            f"张三_{one.id_number}.jpg": a_picture(),
            "张三.jpg": a_picture(),
            "名单.txt": b"x",
            f"{other.student_no}.jpg": a_picture(),
            f"李四_{one.id_number}.png": a_picture(kind="PNG"),
        },
    )
    assert read.taken_count == 1
    reasons = told(read)
    assert "同一名学生" in next(why for name, why in reasons.items() if name.startswith("张三_"))
    assert "文件名应为" in reasons["张三.jpg"]
    assert "不是 .jpg" in reasons["名单.txt"]
    assert "学生库中没有" in reasons[f"{other.student_no}.jpg"]
    assert "姓名" in next(why for name, why in reasons.items() if name.startswith("李四_"))
    assert not any(one.id_number in name for name in reasons)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"not a picture", "不是完整的"),
        (a_picture()[:4000], "不是完整的"),
        (a_picture(100, 140), "只有 100×140 像素"),
        (a_picture(500, 358), "只有 500×358 像素|竖版"),
        (b"\xff\xd8\xff" + b"0" * 2_000_001, "超过 2 MB"),
    ],
)
def test_a_wrong_picture_is_refused_alone(school: School, body: bytes, part: str) -> None:
    right, wrong = a_student(school), a_student(school)
    filling = {f"{right.student_no}.jpg": a_picture(), f"{wrong.student_no}.jpg": body}
    read = preview(school, filling)
    assert read.taken_count == 1
    ((_, why),) = told(read).items()
    assert any(one in why for one in part.split("|")), why


def test_a_photo_that_is_there_is_replaced_only_when_ticked(school: School) -> None:
    one, two = a_student(school), a_student(school)
    officer = an_actor(Role.SCHOOL, school)
    services.set_photo(one, a_photo(), by=officer, at=NOON)
    before = photo_of(one)
    preview(school, {f"{one.student_no}.jpg": a_picture(), f"{two.student_no}.jpg": a_picture()})
    assert keep(school) == 1
    assert photo_of(one) == before
    with pytest.raises(Refused, match="须勾选后才会更换"):
        keep(school)
    assert keep(school, one) == 1
    after = photo_of(one)
    assert after is not None
    assert after != before
    assert attachments_of(one).count() == 1


def test_a_later_archive_takes_the_place_of_what_waited_and_discarding_leaves_nothing(school: School) -> None:
    one = a_student(school)
    preview(school, {f"{one.student_no}.jpg": a_picture()})
    preview(school, {f"{one.student_no}.jpg": a_picture(400, 560)})
    assert attachments_of(one, WAITING_PHOTO).count() == 1
    assert services.discard_photos(school, by=an_actor(Role.SCHOOL, school), at=NOON) == 1
    assert not Attachment.objects.exists()


def test_what_nobody_confirms_goes_after_a_week_and_with_the_student(school: School) -> None:
    one, two = a_student(school), a_student(school)
    preview(school, {f"{one.student_no}.jpg": a_picture(), f"{two.student_no}.jpg": a_picture()})
    services.remove_student(one, by=an_actor(Role.SCHOOL, school), at=NOON)
    (photo,) = Attachment.objects.all()
    assert services.discard_old_previews(photo.created_at + timedelta(days=6)) == 0
    assert services.discard_old_previews(photo.created_at + timedelta(days=8)) == 1
    assert not Attachment.objects.exists()


def a_packed(name: bytes, flags: int) -> SimpleUploadedFile:
    """A zip whose only name is these bytes, as a system packs it that does not say its encoding."""
    upload = a_zip({"x" * len(name): a_picture()})
    return SimpleUploadedFile("照片.zip", upload.read().replace(b"x" * len(name), name))


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_are_read_as_windows_and_macos_pack_them(school: School, encoding: str) -> None:
    one = a_student(school)
    name = f"{one.name}_{one.id_number}.jpg".encode(encoding)
    read = services.preview_photos(school, a_packed(name, 0), by=an_actor(Role.SCHOOL, school), at=NOON)
    assert (read.taken_count, read.unfit) == (1, ())


HOSTILE = {
    "nothing": (b"", "是空的"),
    "no zip": (b"Rar!" + b"0" * 100, "打不开这个压缩包"),
    "a broken zip": (b"PK\x03\x04" + b"0" * 100, "打不开这个压缩包"),
    "zip-slip": (a_zip({"../x.jpg": b"x"}).read(), "目录异常"),
    "a bomb of zeros": (a_zip({f"{n}.jpg": b"\0" * 1_900_000 for n in range(30)}).read(), "过大"),
    "too many": (a_zip({f"{n}.jpg": b"x" for n in range(MOST_PICTURES + 1)}).read(), "一次最多 500 张"),
    "no file": (a_zip({"a/": b""}).read(), "压缩包里没有文件"),
}


@pytest.mark.parametrize(("raw", "part"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused_in_words_and_leaves_nothing(school: School, raw: bytes, part: str) -> None:
    upload = SimpleUploadedFile("照片.zip", raw)
    with pytest.raises(Refused, match=part):
        services.preview_photos(school, upload, by=an_actor(Role.SCHOOL, school), at=NOON)
    assert not Attachment.objects.exists()


def test_another_school_neither_previews_nor_keeps(school: School) -> None:
    stranger = an_actor(Role.SCHOOL, a_school())
    with pytest.raises(Refused, match="无权办理"):
        services.preview_photos(school, a_zip({"1.jpg": a_picture()}), by=stranger, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.keep_photos(school, [], by=stranger, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.discard_photos(school, by=stranger, at=NOON)


def test_the_pages_lead_from_the_archive_to_the_photos(school: School) -> None:
    one, two = a_student(school, name="王芳"), a_student(school, name="赵敏")
    services.set_photo(two, a_photo(), by=an_actor(Role.SCHOOL, school), at=NOON)
    client = signed_in_as(Client(), an_actor(Role.REGISTRAR, school))
    pictures = {f"{one.student_no}.jpg": a_picture(), f"{two.student_no}.jpg": a_picture(), "x.gif": b"x"}
    sent = client.post(reverse("registration:photo-import"), {"archive": a_zip(pictures)})
    page = sent.content.decode()
    assert sent.status_code == 200
    assert "不是 .jpg" in page
    assert "王芳" in page
    assert f'name="replace" value="{two.pk}"' in page
    assert f'name="replace" value="{one.pk}"' not in page
    image = client.get(reverse("registration:photo-waiting", args=[one.pk]))
    assert b"".join(image.streaming_content).startswith(b"\xff\xd8\xff")
    assert client.post(reverse("registration:photo-keep"), {"replace": "all"}).status_code == 302
    assert not students_waiting_for_photos(school).exists()
    assert client.get(reverse("registration:photo-waiting", args=[one.pk])).status_code == 404
    assert client.post(reverse("registration:photo-discard")).status_code == 409
    assert client.post(reverse("registration:photo-keep")).status_code == 409
    wrong = client.post(reverse("registration:photo-import"), {"archive": SimpleUploadedFile("a.zip", b"x")})
    assert wrong.status_code == 422
    assert "打不开这个压缩包" in wrong.content.decode()
