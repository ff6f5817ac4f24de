from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from bench.limit.models import Row


def hello(_request: HttpRequest) -> HttpResponse:
    """Answer five letters."""
    return HttpResponse("hello")


def rows(request: HttpRequest) -> HttpResponse:
    """List 24 rows from one query."""
    return render(request, "limit/rows.html", {"rows": Row.objects.order_by("title", "pk")[:24]})


urlpatterns = [path("hello/", hello), path("list/", rows)]
