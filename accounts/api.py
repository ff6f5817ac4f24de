"""The customer as JSON. Signing up, logging in and out: django-allauth's `/_allauth/app/v1/`."""

from typing import cast

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema
from pydantic import BaseModel, Field

from accounts.models import User
from accounts.text import OneLine

router = Router(tags=["Account"])


class MeIn(BaseModel):
    """What a customer may change."""

    name: OneLine = Field(max_length=150, examples=["Alice Liddell"])


class MeOut(Schema):
    """Who is logged in."""

    email: str = Field(examples=["alice@example.org"])
    name: str = Field(description="Empty where none was given.", examples=["Alice Liddell"])
    is_staff: bool = Field(description="May open the admin.")
    csrf_token: str | None = Field(
        description="Of a browser's session: send it as `X-CSRFToken` with every write. Null with a session token.",
        examples=[None],
    )


@router.get("/me", response=MeOut, operation_id="get_me", summary="Who is logged in")
def get_me(request: HttpRequest) -> MeOut:
    """Return the customer that the session is of."""
    return _me(request)


@router.patch("/me", response=MeOut, operation_id="change_me", summary="Change the name")
def change_me(request: HttpRequest, wanted: MeIn) -> MeOut:
    """Set what we call the customer."""
    user = cast("User", request.user)
    user.name = wanted.name
    user.save(update_fields=["name"])
    return _me(request)


def _me(request: HttpRequest) -> MeOut:
    user = cast("User", request.user)
    by_token = "X-Session-Token" in request.headers
    return MeOut(
        email=user.email,
        name=user.name,
        is_staff=user.is_staff,
        csrf_token=None if by_token else get_token(request),
    )
