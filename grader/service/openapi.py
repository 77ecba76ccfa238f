"""The description of the JSON addresses, as OpenAPI 3.1: what tests and scripts are made from."""

from __future__ import annotations

from typing import Any

STATES = ["queued", "running", "done", "failed"]
_SUBMISSION = {
    "type": "object",
    "required": ["id", "user", "number", "filename", "received_at", "late", "state", "points"],
    "properties": {
        "id": {"type": "integer"},
        "user": {"type": "integer"},
        "number": {"type": "integer", "minimum": 1},
        "filename": {"type": "string"},
        "received_at": {"type": "string", "format": "date-time"},
        "late": {"type": "boolean"},
        "state": {"enum": STATES},
        "points": {"type": ["number", "null"]},
        "max_points": {"type": ["number", "null"]},
        "reason": {"type": ["string", "null"]},
    },
}
_ME = {
    "type": "object",
    "required": ["user", "course", "role"],
    "properties": {"role": {"enum": ["student", "assistant", "teacher"]}},
}
_ASSIGNMENT = {
    "type": "object",
    "required": ["id", "slug", "title"],
    "properties": {"id": {"type": "integer"}, "slug": {"type": "string"}},
}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def description(server: str) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "densefit grader", "version": "1"},
        "servers": [{"url": server}],
        "security": [{"session": []}],
        "components": {
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Submission": _SUBMISSION, "Assignment": _ASSIGNMENT, "Me": _ME},
        },
        "paths": {
            "/api/me": {"get": _get("Who is asking", _ref("Me"))},
            "/api/assignments": {"get": _get("The course's assignments", _list("Assignment"))},
            "/api/assignments/{assignment}/submissions": {
                "get": _get("Attempts", _list("Submission"), _id("assignment"), _BEFORE)
            },
            "/api/submissions/{submission}": {
                "get": _get("One attempt", _ref("Submission"), _id("submission"))
            },
        },
    }


_BEFORE = {
    "name": "before",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "description": "only submissions with a smaller id: the id of the last one of a page",
}


def _get(summary: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": _json(summary, schema)}
    for status, words in (("400", "Wrong"), ("401", "Who?"), ("404", "Not there"), ("429", "Slow")):
        answers[status] = _json(words, _ERROR)
    return {"summary": summary, "parameters": list(parameters), "responses": answers}


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _id(name: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}
