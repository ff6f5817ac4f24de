"""Keeps NUL out of what a request says: PostgreSQL takes it in no text, and no page needs it."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict

NUL = "\x00"
# How a quoted cookie writes one, which Django unquotes. No browser does so with a cookie of ours.
IN_COOKIES = r"\000"


class WithoutNul:
    """Lets a path with a NUL lead nowhere, and takes it out of the values of queries and forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request: 400 for a cookie or a program's name with a NUL, which would become the key of a session.

        Raises Http404 for a path that no page has. The API names the field that has a NUL.
        """
        if IN_COOKIES in request.META.get("HTTP_COOKIE", "") or NUL in request.META.get(
            "HTTP_USER_AGENT", ""
        ):
            return HttpResponseBadRequest()
        if request.path_info.startswith("/api/"):
            return self.get_response(request)
        if NUL in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]  # as mutable as Django's own is not
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_arguments: object
    ) -> None:
        """Clean a form, which the check of its token has read by now. Programs send JSON, and their body is left alone."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return
        if any(NUL in value for _name, values in request.POST.lists() for value in values):
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]


def _without_nul(data: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True)
    for name, values in data.lists():
        cleaned.setlist(name.replace(NUL, ""), [value.replace(NUL, "") for value in values])
    cleaned._mutable = False  # noqa: SLF001 - as Django makes its own
    return cleaned
