"""Completes the OpenAPI schema: errors, `Idempotency-Key`, and which operations need no token."""

from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from config.api_errors import ErrorOut

Json = dict[str, Any]

_ALWAYS = (400, 429, 500, 503)
_WRITES = (403, 409, 413, 415, 422)
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Any text of up to 200 characters, new for each decision of the customer. "
    "The same key and body, sent again within 24 hours, get the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "0b7d3c5e-3f0e-4a86-9a55-2f1f0c5d8d10",
}
# What an answer gives to the next request: operation, status → (operation, parameter, where in the answer).
_NUMBER = "$response.body#/number"
_LINE = "$response.body#/lines/0/id"
_LINKS = {
    ("list_products", 200): [
        ("get_product", "slug", "$response.body#/items/0/slug"),
        ("list_products", "cursor", "$response.body#/next"),
    ],
    ("list_categories", 200): [("list_products", "category", "$response.body#/items/0/slug")],
    ("add_to_cart", 201): [("change_cart_line", "id", _LINE), ("remove_cart_line", "id", _LINE)],
    ("get_cart", 200): [("change_cart_line", "id", _LINE), ("remove_cart_line", "id", _LINE)],
    ("list_delivery_options", 200): [("get_quote", "delivery", "$response.body#/items/0/code")],
    ("place_order", 201): [
        (operation, "number", _NUMBER)
        for operation in ("pay_order", "get_order_status", "get_order", "list_order_files", "cancel_order")
    ],
    ("list_orders", 200): [
        ("get_order", "number", "$response.body#/items/0/number"),
        ("list_orders", "cursor", "$response.body#/next"),
    ],
}


class Api(NinjaAPI):
    """A ninja API whose schema tells all that a client may meet."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: Json | None = None
    ) -> OpenAPISchema:
        """Return the whole schema."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        defined = ErrorOut.model_json_schema(ref_template=REF_TEMPLATE)
        schema["components"]["schemas"] |= defined.pop("$defs") | {"ErrorOut": defined}
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _complete(operation, method, path)
        return schema


def _complete(operation: Json, method: str, path: str) -> None:
    """Add to one operation what goes around all of them."""
    schemes = {name for choice in operation.get("security", ()) for name in choice}
    if "CartToken" in schemes:
        operation["security"].append({})
    statuses = {*_ALWAYS, *(_WRITES if method != "get" else ()), *operation.pop("x-errors", ())}
    statuses |= {401} if schemes else set()
    statuses |= {404} if "{" in path else set()
    statuses |= {422} if operation["parameters"] else set()
    if method == "post":
        required = operation["operationId"] == "place_order"
        operation["parameters"].append({**_KEY, "required": required})
    if not schemes:
        operation["responses"][304] = {"description": "Not Modified: what `If-None-Match` names is current"}
    for (name, status), following in _LINKS.items():
        if name == operation["operationId"]:
            operation["responses"][status]["links"] = {
                target: {"operationId": target, "parameters": {parameter: place}}
                for target, parameter, place in following
            }
    for status in sorted(statuses):
        operation["responses"][status] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/json": {"schema": {"$ref": REF_TEMPLATE.format(model="ErrorOut")}}},
        }
