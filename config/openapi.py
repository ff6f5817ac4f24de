"""What ninja leaves out of the schema: errors, the keys of writes, and that a visitor needs no token."""

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
    for status in sorted(statuses):
        operation["responses"][status] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/json": {"schema": {"$ref": REF_TEMPLATE.format(model="ErrorOut")}}},
        }
