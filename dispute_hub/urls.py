"""Every address: health, the API under /api/v1/, then each app's own pages."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from dispute_hub import health

_OWN = ("common", "audit", "accounts", "outbox", "cases", "demo")
_APPS = (
    *(f"dispute_hub.{app}" for app in _OWN),
    "intake",
    "triage",
    "routing",
    "mediation",
    "followup",
    "reports",
)


class SchemaView(SpectacularAPIView):
    """The description of the API; integrators read it before they hold a key."""

    act = "public"


class DocsView(SpectacularSwaggerSplitView):
    """The same as a page."""

    act = "public"


_pages: list[URLPattern | URLResolver] = []
_api: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path(
        "docs/",
        DocsView.as_view(url_name="api-schema", template_name="api/docs.html"),
        name="api-docs",
    ),
]
for _app in _APPS:
    if find_spec(f"{_app}.urls"):
        _module = import_module(f"{_app}.urls")
        _pages += getattr(_module, "urlpatterns", [])
        _api += getattr(_module, "api_urlpatterns", [])

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz/live", health.live, name="healthz-live"),
    path("healthz/ready", health.ready, name="healthz-ready"),
    path("healthz/deep", health.deep, name="healthz-deep"),
    path("api/v1/", include(_api)),
    path("", include(_pages)),
]
if settings.HUB_EMBEDDED and find_spec("dispute_hub.common.gallery"):
    urlpatterns.append(path("_gallery/", import_module("dispute_hub.common.gallery").gallery, name="gallery"))

handler400 = "dispute_hub.common.answers.bad_request"
handler403 = "dispute_hub.common.answers.permission_denied"
handler404 = "dispute_hub.common.answers.page_not_found"
handler500 = "dispute_hub.common.answers.server_error"
