"""Components that many operations refer to: security schemes, parameters and headers.

The optional headers have no examples, because tools would send them with every request.
"""

from luxewin.pages.openapi.operations import Json

SECURITY_SCHEMES: Json = {
    "bearerAuth": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` that registration, login and refresh return; valid for one tenant",
    },
    "cartToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Cart-Token",
        "description": "A guest's cart. The first write to a cart returns the token in the header of the same name.",
    },
    "orderToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Order-Token",
        "description": "A guest's order. The response of `POST /orders` contains the token as `order_token`.",
    },
}

PARAMETERS: Json = {
    "Tenant": {
        "name": "X-Tenant",
        "in": "header",
        "required": False,
        "description": "Short name of the tenant, such as `luxyhome`. Without it, the domain of the host selects the"
        " tenant, or else the installation's default.",
        "schema": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A unique key of this request. The same key with the same body has no second effect and returns"
        " the first response; with another body it is an error.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": "`dry-run` returns the full effect and then rolls it back.",
        "schema": {"type": "string"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": 'The `ETag` of the object as it was read, such as `"3"`; fails if it has changed since.',
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of a cached response: 304 if it is still current.",
        "schema": {"type": "string"},
    },
}

HEADERS: Json = {
    "ApiVersion": {"description": "Version of the API", "schema": {"type": "string"}},
    "RequestId": {"description": "Id of this request in the logs", "schema": {"type": "string"}},
    "RateLimitPolicy": {
        "description": 'The rate limit: `"writes";q=300;w=60` allows 300 requests in 60 seconds',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'What remains of it: `"writes";r=299;t=60` leaves 299 requests for the next 60 seconds',
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Version of the response, for `If-Match` or `If-None-Match`",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait before the next attempt", "schema": {"type": "integer"}},
    "Authenticate": {"description": "How to sign in: `Bearer`", "schema": {"type": "string"}},
}
