"""The OpenAPI document as lines of a page: what each operation takes and answers, in one of two languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class FieldLine:
    """One parameter or one field: its name, its type in a few words, whether it must be there, what it is."""

    name: str
    type: str
    needed: bool
    about: str


@dataclass(frozen=True)
class OperationLine:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    scope: str
    is_open: bool  # needs no token
    parameters: list[FieldLine]
    body: str  # the name of its schema, "" without one
    answers: list[tuple[str, str]]  # status, the name of its schema


@dataclass(frozen=True)
class SchemaLine:
    """One shape that is sent or answered."""

    name: str
    fields: list[FieldLine]


def operations_of(document: Json, *, chinese: bool) -> list[OperationLine]:
    """Every operation in the order of the document."""
    return [
        OperationLine(
            id=one["operationId"],
            method=method.upper(),
            path=path,
            summary=one.get("x-summary-zh", one["summary"]) if chinese else one["summary"],
            about="" if chinese else one.get("description", ""),
            scope=one.get("x-scope", ""),
            is_open="security" not in one,
            parameters=[
                # A parameter that may be left out is left out: nobody sends null in an address.
                FieldLine(
                    p["name"],
                    type_of(p["schema"], document).removesuffix(" | null"),
                    p["required"],
                    _about(p["schema"], chinese),
                )
                for p in one["parameters"]
            ],
            body=_name_of(one.get("requestBody", {})),
            answers=[(status, _name_of(answer)) for status, answer in sorted(one["responses"].items())],
        )
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]


def schemas_of(document: Json, *, chinese: bool) -> list[SchemaLine]:
    """Every object that the operations send or answer, by name."""
    schemas = document["components"]["schemas"]
    return [
        SchemaLine(
            name,
            [
                FieldLine(
                    field,
                    type_of(schema, document),
                    field in schemas[name].get("required", ()),
                    _about(schema, chinese),
                )
                for field, schema in schemas[name]["properties"].items()
            ],
        )
        for name in sorted(schemas)
        if "properties" in schemas[name]
    ]


def _about(schema: Json, chinese: bool) -> str:
    return str(schema.get("x-zh") or schema.get("description", "")) if chinese else str(schema.get("description", ""))


def _name_of(content: Json) -> str:
    for kind in content.get("content", {}).values():
        return str(kind["schema"].get("$ref", "")).rsplit("/", 1)[-1]
    return ""


def type_of(schema: Json, document: Json) -> str:
    """`uuid | null`, `[Named]`, `integer 2000 … 2100`, the words of a choice: what a value looks like."""
    return " | ".join(dict.fromkeys(_types(schema, document)))


def _types(schema: Json, document: Json) -> Iterator[str]:
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        meant = document["components"]["schemas"].get(name, {})
        yield from _types(meant, document) if "enum" in meant else (name,)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _types(one, document)
    elif "enum" in schema:
        yield from (json_word(value) for value in schema["enum"])
    elif "const" in schema:
        yield json_word(schema["const"])
    elif schema.get("type") == "array":
        yield f"[{type_of(schema.get('items', {}), document)}]"
    else:
        kind = str(schema.get("format") or schema.get("type", "any"))
        low, high = schema.get("minimum"), schema.get("maximum")
        yield f"{kind} {low} … {high}" if low is not None and high is not None else kind


def json_word(value: Any) -> str:
    """A constant as JSON writes it."""
    return f'"{value}"' if isinstance(value, str) else str(value)
