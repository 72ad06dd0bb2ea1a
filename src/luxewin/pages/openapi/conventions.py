"""Shared parts of operations, which no route declares: request and response headers, and security."""

import re
from collections.abc import Iterator, Sequence

from luxewin.kit.access import ANY_ACCOUNT
from luxewin.kit.http.middleware import BASE
from luxewin.modules.identity.public import Role
from luxewin.pages.openapi.operations import Json, Operation, resolve

_WITHOUT_KEY = re.compile(rf"post {BASE}/payments/webhook-endpoints|\w+ {BASE}/(?:auth|payments/webhooks)/.*")
"""Operations without stored responses: these contain secrets, or the caller retries in another way."""

_CART = re.compile(rf"{BASE}/(?:cart(?:/.*)?|orders)")
_ONE_ORDER = re.compile(rf"{BASE}/orders/\{{[^}}]+\}}(?:/.*)?")

_ON_EVERY_RESPONSE = {
    "API-Version": "ApiVersion",
    "X-Request-Id": "RequestId",
    "RateLimit-Policy": "RateLimitPolicy",
    "RateLimit": "RateLimit",
}
_ON_STATUS = {"401": {"WWW-Authenticate": "Authenticate"}} | {
    status: {"Retry-After": "RetryAfter"} for status in ("429", "503")
}


def is_repeatable(operation: Operation) -> bool:
    """Return whether the operation accepts an `Idempotency-Key`."""
    return operation.writes and not _WITHOUT_KEY.fullmatch(f"{operation.method} {operation.path}")


def add_parameters(operation: Operation) -> None:
    """Add the header parameters that the operation accepts."""
    operation.parameters.extend({"$ref": f"#/components/parameters/{name}"} for name in _header_parameters(operation))


def add_headers(operation: Operation, document: Json) -> None:
    """Add the headers of the operation's responses; those that the route declares take precedence."""
    for status, answer in operation.responses.items():
        names = {**_ON_EVERY_RESPONSE, **_ON_STATUS.get(status, {})}
        if status == "304" or (status.startswith("2") and _is_versioned(answer, document)):
            names["ETag"] = "ETag"
        declared = answer.get("headers", {})
        answer["headers"] = {
            **{header: {"$ref": f"#/components/headers/{name}"} for header, name in names.items()},
            **declared,
        }


def add_security(operation: Operation) -> None:
    """Describe the roles that may call the operation, for tools and for readers."""
    permission = operation.content.get("x-permission")
    if permission is None:
        operation.content["security"] = []
        return
    operation.content["x-roles"] = roles = _expand_roles(operation.content["x-roles"])
    operation.content["security"] = list(_security_schemes(operation, roles))
    sentence = f"Permission `{permission}`: {_role_names(roles)}."
    operation.content["description"] = f"{operation.content.get('description', '')}\n\n{sentence}".strip()


def _expand_roles(roles: Sequence[str]) -> list[str]:
    """Return the roles by name, sorted: any account means every role except for anonymous."""
    accounts = set(Role) - {Role.ANONYMOUS} if ANY_ACCOUNT in roles else set[str]()
    return sorted({*roles, *accounts} - {ANY_ACCOUNT})


def _header_parameters(operation: Operation) -> Iterator[str]:
    yield "Tenant"
    if is_repeatable(operation):
        yield "IdempotencyKey"
        yield "Prefer"
    if "412" in operation.responses:
        yield "IfMatch"
    if "304" in operation.responses:
        yield "IfNoneMatch"


def _security_schemes(operation: Operation, roles: list[str]) -> Iterator[Json]:
    yield {"bearerAuth": []}
    if Role.ANONYMOUS not in roles:
        return
    if _CART.fullmatch(operation.path):
        yield {"cartToken": []}
    if _ONE_ORDER.fullmatch(operation.path):
        yield {"orderToken": []}
    else:
        yield {}


def _role_names(roles: list[str]) -> str:
    if Role.ANONYMOUS in roles:
        return "everyone"
    return ", ".join([*sorted(set(roles) - {Role.SUPER_ADMIN}), Role.SUPER_ADMIN]).replace("_", " ")


def _is_versioned(answer: Json, document: Json) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return "version" in resolve(schema, document).get("properties", {})
