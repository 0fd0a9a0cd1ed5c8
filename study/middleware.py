"""Around every view: the reader's language, a straight way for answers, errors as pages, nothing kept."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.functional import cached_property

from study.api import straight
from study.errors import EarsightError
from study.web import speech


class ContentPolicy(CSPMiddleware):
    """As django-csp's, but the policy of all answers that name none of their own is put together once."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header."""
        names_its_own = any(name.startswith("_csp") for name in vars(response))
        if names_its_own or hasattr(request, "_csp_nonce") or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._usual)
        return response

    @cached_property
    def _usual(self) -> str:
        return str(build_policy())


class Languages:
    """Answers in the best language that the reader knows; a study's pages may then choose another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Switch the language on for this request alone, and tell caches what a page depends on."""
        with translation.override("en"):
            speech.answer_in(request, speech.of_public(request))
            response = self.get_response(request)
            if response.get("Content-Type", "").startswith("text/html"):
                response.headers.setdefault("Content-Language", translation.get_language() or "en")
                patch_vary_headers(response, ["Accept-Language"])
        return response


class StraightWay:
    """Leads what a volunteer's page sends past sessions, users, forms and messages, of which it needs none.

    They cost as much as finding the visit. Which views go so, `study.api.straight` marks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let a marked view answer here; pass all else on."""
        if request.method == "POST" and request.path_info.startswith(straight.PLACE):
            try:
                found = resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            if straight.is_straight(found.func):
                request.resolver_match = found
                response: HttpResponse = found.func(request, *found.args, **found.kwargs)
                return response.render() if isinstance(response, SimpleTemplateResponse) else response
        return self.get_response(request)


class NamedErrors:
    """Renders `error.html` with the error's sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; errors come back through process_exception."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a page for an error of ours, None for any other."""
        if not isinstance(error, EarsightError):
            return None
        try:
            page = render_to_string("error.html", {"error": error, "status": error.status}, request)
        except TemplateDoesNotExist:
            return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
        return HttpResponse(page, status=error.status)


class KeepNothing:
    """Tells browsers to keep nothing that a signed-in person sees: after signing out, Back shows no study.

    A view that says how long its response may be kept, as media do, has the word.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and mark the response."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and request.user.is_authenticated:
            add_never_cache_headers(response)
        return response
