"""The OpenAPI 3.1 document, made of the route table and of the models that validate: it cannot say what they do not."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import TypeAdapter

from engine.api.answers import ErrorAnswer
from engine.api.fields import KEY
from engine.api.idempotency import HEADER, REPLAYED
from engine.api.requests import OPTION_OF, Config
from engine.api.route import Media, Route
from engine.api.services import Services
from engine.api.written import JSON

REF = "#/components/schemas/{model}"
IDS = {
    f"{kind}_id": {
        "name": f"{kind}_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{kind}_[0-9A-Za-z-]{{1,64}}$"},
    }
    for kind in ("job", "batch")
}
HEADERS = {
    "X-Request-ID": {"description": "as sent with the request, or a new one", "schema": {"type": "string"}},
    "X-Response-Time": {"description": "seconds, as 0.000123s", "schema": {"type": "string"}},
}
RETRY_AFTER = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}
IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "description": "for 24 hours the same key and body have the same answer, and nothing is submitted again",
    "schema": {"type": "string", "pattern": KEY},
}
REPLAY = {REPLAYED: {"description": "true if the key was seen before", "schema": {"const": "true"}}}


def written(routes: Sequence[Route], services: Services) -> bytes:
    return orjson.dumps(document(routes, services))


def document(routes: Sequence[Route], services: Services) -> dict[str, Any]:
    schemas = _schemas(routes)
    _show_settings(schemas[Config.__name__]["properties"], services)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": services.health.name, "version": services.health.version},
        "paths": paths,
        "components": {"schemas": _referred_to(schemas, paths)},
    }


def _operation(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "responses": {str(status): _answer(route, status, kind) for status, kind in sorted(_answers(route).items())},
    }
    parameters = list(_parameters(route))
    if parameters:
        said["parameters"] = parameters
    if route.body is not None:
        said["requestBody"] = {"required": True, "content": {route.body_type: {"schema": _ref(route.body)}}}
    return said


def _answers(route: Route) -> Mapping[int, Any]:
    return {**dict.fromkeys(route.refusals, ErrorAnswer), **route.answers}


def _answer(route: Route, status: int, kind: Any) -> dict[str, Any]:
    types = kind.types if isinstance(kind, Media) else (JSON,)
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {
            **HEADERS,
            **(REPLAY if route.takes_key and status in route.answers else {}),
            **(RETRY_AFTER if kind is ErrorAnswer and status == HTTPStatus.SERVICE_UNAVAILABLE else {}),
        },
        "content": dict.fromkeys(types, _content(kind)),
    }


def _content(kind: Any) -> dict[str, Any]:
    if not isinstance(kind, Media):
        return {"schema": _ref(kind)}
    return {"schema": {"description": "a line", "oneOf": list(map(_ref, kind.lines))}} if kind.lines else {}


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    yield from (said for name, said in IDS.items() if f"{{{name}}}" in route.path)
    if route.takes_key:
        yield IDEMPOTENCY_KEY
    if route.query is not None:
        for name, schema in route.query.model_json_schema()["properties"].items():
            yield {"name": name, "in": "query", "schema": _without_null(schema)}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is absent is absent; there is no way to write null."""
    if "anyOf" not in schema:
        return schema
    given = next(each for each in schema["anyOf"] if each.get("type") != "null")
    return {**{name: each for name, each in schema.items() if name not in {"anyOf", "default"}}, **given}


def _ref(model: Any) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def _schemas(routes: Sequence[Route]) -> dict[str, Any]:
    incoming = {route.body for route in routes if route.body is not None}
    outgoing = {each for route in routes for kind in _answers(route).values() for each in _models(kind)}
    _, found = TypeAdapter.json_schemas(
        [
            (model, "validation", TypeAdapter(model))
            for model in sorted(incoming | outgoing, key=lambda model: model.__name__)
        ],
        ref_template=REF,
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _models(kind: Any) -> tuple[Any, ...]:
    return kind.lines if isinstance(kind, Media) else (kind,)


def _referred_to(schemas: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Without those that a type has and its JSON has not."""
    text = orjson.dumps([schemas, paths]).decode()
    return {name: schema for name, schema in schemas.items() if f'"{REF.format(model=name)}"' in text}


def _show_settings(config: dict[str, Any], services: Services) -> None:
    """Where this service is set differently from its release."""
    for name, option in OPTION_OF.items():
        config[name]["default"] = getattr(services.options, option)
    config["max_body_bytes"]["maximum"] = services.options.max_body_bytes
