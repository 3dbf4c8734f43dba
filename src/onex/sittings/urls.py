"""Addresses of arrangement."""

from django.urls import path

from onex.sittings import views

app_name = "sittings"
urlpatterns = [
    path("sessions/", views.session_list, name="session-list"),
    path("sessions/export.xlsx", views.session_export, name="session-export"),
    path("arrange/", views.session_arrange, name="session-arrange"),
    path("arrange/<uuid:pk>/", views.level_arrange, name="level-arrange"),
    path("plans/<uuid:pk>/reschedule/", views.plan_reschedule, name="plan-reschedule"),
    path("sessions/<uuid:pk>/", views.session_detail, name="session-detail"),
    path("sessions/<uuid:pk>/papers/", views.session_papers, name="session-papers"),
    path("sessions/<uuid:pk>/staff/", views.session_staff, name="session-staff"),
    path("sessions/<uuid:pk>/move/<str:move>/", views.session_move, name="session-move"),
    path("sessions/<uuid:pk>/tickets.pdf", views.session_tickets, name="session-tickets"),
    path("sessions/<uuid:pk>/rooms.pdf", views.session_room_list, name="session-room-list"),
    path("sessions/<uuid:pk>/rooms.xlsx", views.session_room_sheets, name="session-room-sheets"),
    path("tickets/<uuid:pk>.pdf", views.ticket, name="ticket"),
]
