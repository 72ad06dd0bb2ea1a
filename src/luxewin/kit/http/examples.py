"""Several examples of one body, each with a summary."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import JsonValue

NAMED_EXAMPLES = "x-named-examples"
"""The keyword of a schema that holds its examples by their summaries, as a JSON text; published as `examples`."""


def named_examples(examples: Mapping[str, JsonValue]) -> dict[str, Any]:
    """Return the `json_schema_extra` of a model with these examples; the key of each is its summary.

    A text keeps what the framework would change: the order of the members, and those that are null.
    """
    return {"examples": [*examples.values()], NAMED_EXAMPLES: orjson.dumps(examples).decode()}
