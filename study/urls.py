"""All addresses of the product."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from study.api import shown
from study.api.media import serve, serve_headphone_sound


def alive(request: HttpRequest) -> HttpResponse:
    """Say that the server answers; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", alive, name="alive"),
    path("media/<str:address>", serve, name="media"),
    path("shown/<str:address>", shown.serve, name="shown"),
    path("sounds/<str:name>.wav", serve_headphone_sound, name="headphone_sound"),
    path("api/", include("study.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("study.web.urls")),
]
