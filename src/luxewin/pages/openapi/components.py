"""What many operations share by reference: keys, parameters and headers.

The optional headers have no examples: tools would send those along with every try.
"""

from luxewin.pages.openapi.operations import Json

SECURITY_SCHEMES: Json = {
    "bearerAuth": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` that registering, logging in and refreshing return; bound to its tenant",
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
        "description": "A guest's order. The answer that placed it holds the token as `order_token`.",
    },
}

PARAMETERS: Json = {
    "Tenant": {
        "name": "X-Tenant",
        "in": "header",
        "required": False,
        "description": "Short name of the tenant, such as `luxyhome`. Where it is missing, the host's domain names the"
        " tenant, and else the installation's default does.",
        "schema": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A fresh name for this request. Sent again with the same key and body it has no second effect"
        " and gets the first answer; with another body it is refused.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": "`dry-run` answers with the full effect and then takes it back.",
        "schema": {"type": "string"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": 'The `ETag` of the object as it was read, such as `"3"`; refused if it has changed since.',
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the answer that is already there: 304 if it still holds.",
        "schema": {"type": "string"},
    },
}

HEADERS: Json = {
    "ApiVersion": {"description": "Version of the API that answered", "schema": {"type": "string"}},
    "RequestId": {"description": "Name of this request in the logs", "schema": {"type": "string"}},
    "RateLimitPolicy": {
        "description": 'The limit that counts: `"writes";q=300;w=60` allows 300 requests in 60 seconds',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'What is left of it: `"writes";r=299;t=60` leaves 299 requests for the next 60 seconds',
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Version of what is answered, for `If-Match` or `If-None-Match`",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait before the next try", "schema": {"type": "integer"}},
    "Authenticate": {"description": "How to sign in: `Bearer`", "schema": {"type": "string"}},
}
