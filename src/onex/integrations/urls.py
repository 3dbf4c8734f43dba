"""Addresses of tokens, receivers and the reference that programmers read."""

from django.urls import path

from onex.integrations.views import deliveries, reference, tokens, webhooks

app_name = "integrations"

urlpatterns = [
    path("reference/", reference.reference, name="reference"),
    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/new/", tokens.token_create, name="token-create"),
    path("tokens/<uuid:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("webhooks/", webhooks.webhook_list, name="webhook-list"),
    path("webhooks/new/", webhooks.webhook_create, name="webhook-create"),
    path("webhooks/<uuid:pk>/", webhooks.webhook_detail, name="webhook-detail"),
    path("webhooks/<uuid:pk>/edit/", webhooks.webhook_edit, name="webhook-edit"),
    path("webhooks/<uuid:pk>/ping/", webhooks.webhook_ping, name="webhook-ping"),
    path("webhooks/<uuid:pk>/rotate/", webhooks.webhook_rotate, name="webhook-rotate"),
    path("webhooks/<uuid:pk>/pause/", webhooks.webhook_pause, name="webhook-pause"),
    path("webhooks/<uuid:pk>/remove/", webhooks.webhook_remove, name="webhook-remove"),
    path("deliveries/<uuid:pk>/resend/", deliveries.delivery_resend, name="delivery-resend"),
]
