"""The invigilator's pages: the door, the room, a seat; with htmx and without."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from onex.common.clock import now, to_ms
from onex.common.models import LimitCount
from onex.examroom.gate import tokens
from onex.examroom.models import Attempt, Candidate, RoomEvent
from onex.examroom.rules import MINUTE
from onex.examroom.tests.factories import (
    CHIEF,
    CHIEF_CODE,
    INVIGILATOR,
    INVIGILATOR_CODE,
    a_package,
    a_session,
    candidate_of,
)
from onex.examroom.views import door

pytestmark = pytest.mark.django_db(databases=["default", "room"])
HTMX = {"HX-Request": "true"}


def signed_in(name=INVIGILATOR, code=INVIGILATOR_CODE):
    client = Client()
    reply = client.post(reverse("examroom:sign-in"), {"name": name, "code": code})
    assert reply.status_code == 302
    return client


def room_of(session, ref="room-1"):
    return session.rooms.get(ref=ref)


def came(session, *numbers):
    rows = Candidate.objects.filter(session=session, seat_no__in=[str(n + 1) for n in numbers])
    rows.update(sign_in=1, signed_in_at=to_ms(now()))


def writes(session, number):
    came(session, number)
    moment = to_ms(now())
    seat = candidate_of(session, number)
    Candidate.objects.filter(pk=seat.pk).update(admitted_at=moment)
    Attempt.objects.filter(candidate=seat, part="theory").update(
        sign_in=1, opened_at=moment, closes_at=moment + 60 * MINUTE, hand_in_from=moment
    )
    return seat


def test_an_invigilator_comes_straight_to_the_own_room_and_sees_every_seat():
    session = a_session(candidates=6)
    client = signed_in()
    reply = client.get(reverse("examroom:room-list"))
    assert reply.url == reverse("examroom:room-detail", args=[room_of(session).pk])
    page = client.get(reply.url).content.decode()
    for n in range(6):
        assert f"考生{n}" in page
    assert page.count("未到") > 6


def test_the_chief_sees_all_rooms_with_their_figures():
    a_session(candidates=6, rooms=2)
    page = signed_in(CHIEF, CHIEF_CODE).get(reverse("examroom:room-list")).content.decode()
    assert "第1机房" in page
    assert "第2机房" in page


def test_the_door_keeps_the_name_says_one_sentence_and_pauses_after_five():
    a_session()
    client = Client()
    for _ in range(5):
        reply = client.post(reverse("examroom:sign-in"), {"name": INVIGILATOR, "code": "wrong"})
        assert reply.status_code == 422
        assert "姓名或监考口令不正确" in reply.content.decode()
        assert f'value="{INVIGILATOR}"' in reply.content.decode()
        assert "wrong" not in reply.content.decode()
    reply = client.post(reverse("examroom:sign-in"), {"name": INVIGILATOR, "code": INVIGILATOR_CODE})
    assert reply.status_code == 429
    assert int(reply["Retry-After"]) <= 60
    assert "尝试次数过多" in reply.content.decode()


def test_strangers_who_know_a_name_do_not_shut_its_owner_out_and_guess_no_further_together():
    a_session()
    door, right = reverse("examroom:sign-in"), {"name": INVIGILATOR, "code": INVIGILATOR_CODE}
    wrong = {**right, "code": "wrong"}

    def said(form, address):
        return Client().post(door, form, REMOTE_ADDR=address).status_code

    assert [said(wrong, "198.51.100.7") for _ in range(6)] == [422] * 5 + [429]
    assert said(right, "192.0.2.40") == 302
    LimitCount.objects.update(count=299)
    assert [said(wrong, f"203.0.113.{n}") for n in (1, 2)] == [422, 429]


def test_empty_fields_are_named_beside_themselves():
    reply = Client().post(reverse("examroom:sign-in"), {"name": "", "code": ""})
    assert reply.status_code == 422
    assert reply.content.decode().count("请填写此项") >= 2


def test_without_the_cookie_every_page_leads_to_the_door():
    session = a_session()
    room, seat = room_of(session), candidate_of(session, 0)
    for name, pk in (("room-detail", room.pk), ("room-seats", room.pk), ("seat-detail", seat.pk)):
        address = reverse(f"examroom:{name}", args=[pk])
        assert Client().get(address).url == reverse("examroom:sign-in")
        assert Client().get(address, headers=HTMX).headers["HX-Redirect"] == reverse("examroom:sign-in")
    assert Client().post(reverse("examroom:seat-admit", args=[seat.pk])).url == reverse("examroom:sign-in")
    assert candidate_of(session, 0).admitted_at is None


def test_a_candidates_token_is_no_key_to_the_console(settings):
    session = a_session()
    seat = candidate_of(session, 0)
    client = Client()
    token = tokens.Seat(seat.pk, 1, {}, {}, to_ms(now()) + MINUTE)
    client.cookies[door.COOKIE] = tokens.make(tokens.SEAT, token, settings.SEAT_KEYS.by_id)
    assert client.get(reverse("examroom:room-list")).url == reverse("examroom:sign-in")


def test_another_room_and_another_session_are_not_there():
    session, elsewhere = a_session(candidates=4, rooms=2), a_session(starts_at=to_ms(now()) - 60 * MINUTE)
    client = signed_in()
    for row in (room_of(session, "room-2"), room_of(elsewhere)):
        assert client.get(reverse("examroom:room-detail", args=[row.pk])).status_code == 404
    for seat in (candidate_of(session, 1), candidate_of(elsewhere, 0)):
        for name in ("seat-admit", "seat-release", "seat-grant", "seat-hand-in", "seat-incident"):
            assert client.post(reverse(f"examroom:{name}", args=[seat.pk]), headers=HTMX).status_code == 404


def test_the_polling_fragment_is_empty_when_nothing_changed():
    session = a_session()
    client = signed_in()
    address = reverse("examroom:room-seats", args=[room_of(session).pk])
    page = client.get(address, headers=HTMX).content.decode()
    version = re.search(r'name="v" value="(\w+)"', page)[1]
    again = client.get(address, {"v": version}, headers=HTMX)
    if again.status_code != 204:  # the minute turned in between
        version = re.search(r'name="v" value="(\w+)"', again.content.decode())[1]
        again = client.get(address, {"v": version}, headers=HTMX)
    assert again.status_code == 204
    came(session, 0)
    assert client.get(address, {"v": version}, headers=HTMX).status_code == 200


def test_a_seat_is_admitted_with_one_press_and_the_page_told_to_refresh():
    session = a_session()
    came(session, 0)
    seat = candidate_of(session, 0)
    reply = signed_in().post(reverse("examroom:seat-admit", args=[seat.pk]), headers=HTMX)
    assert reply.status_code == 200
    assert reply.headers["HX-Trigger"] == "seats-changed"
    assert "已放行" in reply.content.decode()
    assert candidate_of(session, 0).admitted_at is not None


def test_the_chosen_seats_are_admitted_together_and_none_of_another_room():
    session = a_session(candidates=4, rooms=2)
    came(session, 0, 1, 2)
    address = reverse("examroom:room-admit", args=[room_of(session).pk])
    chosen = [str(candidate_of(session, n).pk) for n in (0, 1, 2)]
    reply = signed_in().post(address, {"pk": [*chosen, "nonsense"]}, headers=HTMX)
    assert reply.status_code == 200
    admitted = [candidate_of(session, n).admitted_at is not None for n in (0, 1, 2)]
    assert admitted == [True, False, True]
    nobody = signed_in().post(address, {}, headers=HTMX)
    assert nobody.status_code == 409
    assert "请先选择考生" in nobody.content.decode()


def test_minutes_with_a_mistake_say_so_beside_the_field_and_keep_what_was_typed():
    session = a_session()
    seat = writes(session, 0)
    client = signed_in()
    address = reverse("examroom:seat-grant", args=[seat.pk])
    wrong = client.post(address, {"grant-part": "theory", "grant-minutes": "500", "grant-reason": "蓝屏"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "加时应在 1～180 分钟之间" in wrong.content.decode()
    assert 'value="蓝屏"' in wrong.content.decode()
    right = client.post(address, {"grant-part": "theory", "grant-minutes": "10", "grant-reason": "蓝屏"}, headers=HTMX)
    assert right.status_code == 200
    assert "已加时 10 分钟" in right.content.decode()
    assert Attempt.objects.get(candidate=seat, part="theory").granted_ms == 10 * MINUTE


def test_a_refused_act_shows_its_sentence_with_409():
    session = a_session()
    seat = candidate_of(session, 0)
    reply = signed_in().post(reverse("examroom:seat-release", args=[seat.pk]), headers=HTMX)
    assert reply.status_code == 409
    assert "还没有登录过" in reply.content.decode()


def test_hand_in_and_incident_are_done_and_stand_in_the_record():
    session = a_session()
    seat = writes(session, 0)
    client = signed_in()
    incident = {"incident-kind": "device", "incident-note": "手机响铃"}
    client.post(reverse("examroom:seat-incident", args=[seat.pk]), incident, headers=HTMX)
    reply = client.post(
        reverse("examroom:seat-hand-in", args=[seat.pk]), {"end-part": "theory", "end-reason": "作弊"}, headers=HTMX
    )
    assert reply.status_code == 200
    page = reply.content.decode()
    assert "作弊：携带通讯或存储设备" in page
    assert "强制交卷：理论考核" in page
    assert Attempt.objects.get(candidate=seat, part="theory").handed_in_at is not None


def test_minutes_for_the_whole_room_say_how_many_they_reached():
    session = a_session(candidates=3)
    writes(session, 0)
    reply = signed_in().post(
        reverse("examroom:room-grant", args=[room_of(session).pk]),
        {"all-part": "theory", "all-minutes": "5", "all-reason": "停电"},
        headers=HTMX,
    )
    assert reply.status_code == 200
    assert "已为 3 名考生加时" in reply.content.decode()
    assert RoomEvent.objects.filter(session=session, kind="granted").count() == 3


def test_everything_works_without_script():
    session = a_session()
    came(session, 0)
    seat = candidate_of(session, 0)
    client = signed_in()
    reply = client.post(reverse("examroom:seat-admit", args=[seat.pk]), follow=True)
    assert reply.redirect_chain[-1][0].endswith(f"?seat={seat.pk}")
    assert "已放行" in reply.content.decode()
    wrong = client.post(reverse("examroom:seat-incident", args=[seat.pk]), {"incident-kind": "device"})
    assert wrong.status_code == 422
    assert "请写明时间、经过和处理" in wrong.content.decode()
    assert "考生1" in wrong.content.decode()  # the room stands around the form


def test_signing_out_closes_the_door():
    a_session()
    client = signed_in()
    client.post(reverse("examroom:sign-out"))
    assert client.get(reverse("examroom:room-list")).url == reverse("examroom:sign-in")


def test_the_cookie_is_the_rooms_own():
    a_session()
    cookie = signed_in().cookies[door.COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/room/", "Strict", True)


def test_names_from_outside_stay_text():
    package = a_package(candidates=1)
    package["candidates"][0]["name"] = "<script>alert(1)</script>"
    session = a_session(package)
    page = signed_in().get(reverse("examroom:room-detail", args=[room_of(session).pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
