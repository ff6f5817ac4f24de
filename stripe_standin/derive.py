"""Derive `data/parameters.json` from an OpenAPI file of Stripe's API.

The result is small and quick to load. A type is written as

- `"string"`, `"integer"`, `"number"`, `"boolean"`, `"map"` (free keys, text values), `"any"`
- `"=a|b"` one of the words a and b
- `["string"]` an array of that type
- `{"name!": …, "phone?": …}` an object; `!` must be there, `?` may be emptied with `""`
- `{"|": [type, type]}` any of these

Run `python -m stripe_standin.derive openapi.json` when the API version moves; a second file name takes what
answers must always hold, which the tests compare every answer with.
"""

import json
import sys
from pathlib import Path
from typing import Any

Json = Any
TARGET = Path(__file__).parent / "data" / "parameters.json"


def is_empty_word(schema: Json) -> bool:
    """Tell whether a schema allows only the empty string, Stripe's way to unset a value."""
    return bool(schema.get("enum") == [""])


def compact(schema: Json, schemas: Json) -> tuple[Json, bool]:
    """Return (the compact type of one schema, whether `""` unsets it)."""
    if "$ref" in schema:
        return compact(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "anyOf" in schema:
        return compact_union(schema["anyOf"], schemas)
    if "enum" in schema:
        words = [word for word in schema["enum"] if word != ""]
        return "=" + "|".join(words), len(words) < len(schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return [compact(schema["items"], schemas)[0]], False
    if kind == "object":
        return compact_object(schema, schemas), False
    return kind, False


def compact_union(options: list[Json], schemas: Json) -> tuple[Json, bool]:
    """Return the compact type of an `anyOf`; the empty word becomes the clearable mark."""
    clearable = any(is_empty_word(option) for option in options)
    types = [compact(option, schemas) for option in options if not is_empty_word(option)]
    clearable = clearable or any(mark for _, mark in types)
    if len(types) == 1:
        return types[0][0], clearable
    return {"|": [kind for kind, _ in types]}, clearable


def compact_object(schema: Json, schemas: Json) -> Json:
    """Return the compact type of an object schema."""
    if "properties" not in schema:
        return "map" if schema.get("additionalProperties") is not False else {}
    required = set(schema.get("required", []))
    return properties(schema["properties"], required, schemas)


def properties(fields: Json, required: set[str], schemas: Json) -> Json:
    """Return {name with its mark: compact type} for a set of fields."""
    result = {}
    for name, field in sorted(fields.items()):
        kind, clearable = compact(field, schemas)
        mark = "!" if name in required else "?" if clearable else ""
        result[name + mark] = kind
    return result


def operation(spec: Json, schemas: Json) -> Json:
    """Return the compact parameters of one operation, from its body or its query."""
    if "requestBody" in spec:
        content = next(iter(spec["requestBody"]["content"].values()))
        return compact_object(content["schema"], schemas)
    query = [p for p in spec.get("parameters", []) if p["in"] == "query"]
    fields = {p["name"]: p["schema"] for p in query}
    return properties(fields, {p["name"] for p in query if p.get("required")}, schemas)


def share(tree: Json) -> Json:
    """Lift objects that occur more than once, and are not tiny, to a table of shared types."""
    counts: dict[str, int] = {}

    def count(node: Json) -> None:
        if isinstance(node, dict):
            counts[json.dumps(node)] = counts.get(json.dumps(node), 0) + 1
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            count(child)

    count(tree)
    shared: dict[str, str] = {}
    table: dict[str, Json] = {}

    def replace(node: Json, *, top: bool = False) -> Json:
        if isinstance(node, list):
            return [replace(child) for child in node]
        if not isinstance(node, dict):
            return node
        text = json.dumps(node)
        if top or counts[text] < 2 or len(text) < 80:
            return {key: replace(child) for key, child in node.items()}
        if text not in shared:
            shared[text] = f"#{len(shared)}"
            table[shared[text]] = {key: replace(child) for key, child in node.items()}
        return shared[text]

    operations = {name: replace(node, top=True) for name, node in tree.items()}
    return {"shared": table, "operations": operations}


def derive(document: Json) -> Json:
    """Return what `parameters.json` holds for one OpenAPI document."""
    schemas = document["components"]["schemas"]
    tree = {
        f"{method.upper()} {path}": operation(spec, schemas)
        for path, methods in document["paths"].items()
        for method, spec in methods.items()
    }
    return {"version": document["info"]["version"], **share(tree)}


def always(document: Json) -> Json:
    """Return what answers must always hold: {schema: {"always": [names], "parts": {name: schema}}}."""
    schemas = document["components"]["schemas"]

    def part(field: Json) -> str | None:
        options = [field, *field.get("anyOf", []), field.get("items", {})]
        refs = [option["$ref"].rsplit("/", 1)[-1] for option in options if "$ref" in option]
        return refs[0] if refs else None

    return {
        name: {
            "always": schema.get("required", []),
            "parts": {key: part(field) for key, field in schema.get("properties", {}).items() if part(field)},
        }
        for name, schema in schemas.items()
        if schema.get("required") or any(part(field) for field in schema.get("properties", {}).values())
    }


def text(data: Json) -> str:
    """Return `data` as JSON with one shared type or operation a line, so that a diff can be read."""
    blocks = [
        f'"{block}": {{\n'
        + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in data[block].items())
        + "\n}"
        for block in ("shared", "operations")
    ]
    return f'{{"version": "{data["version"]}",\n' + ",\n".join(blocks) + "}\n"


if __name__ == "__main__":
    source = json.loads(Path(sys.argv[1]).read_text())
    TARGET.write_text(text(derive(source)))
    if len(sys.argv) > 2:
        lines = [f"{json.dumps(name)}: {json.dumps(parts)}" for name, parts in always(source).items()]
        Path(sys.argv[2]).write_text("{" + ",\n".join(lines) + "}\n")
