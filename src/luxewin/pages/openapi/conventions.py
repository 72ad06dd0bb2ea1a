"""What holds for many operations alike, so that no route has to say it: headers both ways, and who may call."""

import re
from collections.abc import Iterator

from luxewin.kit.access import Role
from luxewin.kit.http.middleware import BASE
from luxewin.pages.openapi.operations import Json, Operation, resolved

_UNREPEATED = re.compile(rf"post {BASE}/payments/webhook-endpoints|\w+ {BASE}/(?:auth|payments/webhooks)/.*")
"""What keeps no answers: they hold tokens or secrets, or the caller has a way of its own to repeat itself."""

_CART = re.compile(rf"{BASE}/(?:cart(?:/.*)?|orders)")
_ONE_ORDER = re.compile(rf"{BASE}/orders/\{{[^}}]+\}}(?:/.*)?")

_ON_EVERY_ANSWER = {
    "API-Version": "ApiVersion",
    "X-Request-Id": "RequestId",
    "RateLimit-Policy": "RateLimitPolicy",
    "RateLimit": "RateLimit",
}
_ON_STATUS = {"401": {"WWW-Authenticate": "Authenticate"}} | {
    status: {"Retry-After": "RetryAfter"} for status in ("429", "503")
}


def is_repeatable(operation: Operation) -> bool:
    """Tell whether the operation takes an `Idempotency-Key`."""
    return operation.writes and not _UNREPEATED.fullmatch(f"{operation.method} {operation.path}")


def add_parameters(operation: Operation) -> None:
    """Add the headers that the operation takes."""
    operation.parameters.extend({"$ref": f"#/components/parameters/{name}"} for name in _taken(operation))


def add_headers(operation: Operation, document: Json) -> None:
    """Add the headers that the operation's answers carry; what a route declares itself stays as it is."""
    for status, answer in operation.responses.items():
        names = {**_ON_EVERY_ANSWER, **_ON_STATUS.get(status, {})}
        if status == "304" or (status.startswith("2") and _is_versioned(answer, document)):
            names["ETag"] = "ETag"
        declared = answer.get("headers", {})
        answer["headers"] = {
            **{header: {"$ref": f"#/components/headers/{name}"} for header, name in names.items()},
            **declared,
        }


def add_security(operation: Operation) -> None:
    """Say who may call the operation, for tools and for readers."""
    permission = operation.content.get("x-permission")
    if permission is None:
        operation.content["security"] = []
        return
    roles: list[str] = operation.content["x-roles"]
    operation.content["security"] = list(_keys(operation, roles))
    needed = f"Permission `{permission}`: {_named(roles)}."
    operation.content["description"] = f"{operation.content.get('description', '')}\n\n{needed}".strip()


def _taken(operation: Operation) -> Iterator[str]:
    yield "Tenant"
    if is_repeatable(operation):
        yield "IdempotencyKey"
        yield "Prefer"
    if "412" in operation.responses:
        yield "IfMatch"
    if "304" in operation.responses:
        yield "IfNoneMatch"


def _keys(operation: Operation, roles: list[str]) -> Iterator[Json]:
    yield {"bearerAuth": []}
    if Role.ANONYMOUS not in roles:
        return
    if _CART.fullmatch(operation.path):
        yield {"cartToken": []}
    if _ONE_ORDER.fullmatch(operation.path):
        yield {"orderToken": []}
    else:
        yield {}


def _named(roles: list[str]) -> str:
    if Role.ANONYMOUS in roles:
        return "everybody"
    return ", ".join([*sorted(set(roles) - {Role.SUPER_ADMIN}), Role.SUPER_ADMIN]).replace("_", " ")


def _is_versioned(answer: Json, document: Json) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return "version" in resolved(schema, document).get("properties", {})
