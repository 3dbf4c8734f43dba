"""Addresses of the invigilator's console, at /room/. The candidates' own addresses are the gate's."""

from django.urls import path

from onex.examroom.views import console, door

app_name = "examroom"
PREFIX = "room/"

urlpatterns = [
    path("", console.room_list, name="room-list"),
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("<uuid:pk>/", console.room_detail, name="room-detail"),
    path("<uuid:pk>/seats/", console.room_seats, name="room-seats"),
    path("<uuid:pk>/admit/", console.room_admit, name="room-admit"),
    path("<uuid:pk>/minutes/", console.room_grant, name="room-grant"),
    path("seats/<uuid:pk>/", console.seat_detail, name="seat-detail"),
    path("seats/<uuid:pk>/admit/", console.seat_admit, name="seat-admit"),
    path("seats/<uuid:pk>/machine/", console.seat_release, name="seat-release"),
    path("seats/<uuid:pk>/minutes/", console.seat_grant, name="seat-grant"),
    path("seats/<uuid:pk>/hand-in/", console.seat_hand_in, name="seat-hand-in"),
    path("seats/<uuid:pk>/incidents/", console.seat_incident, name="seat-incident"),
]
