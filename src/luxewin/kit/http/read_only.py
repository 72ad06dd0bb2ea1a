"""Bodies that replace an object accept the fields of its response that cannot be written, if they are unchanged."""

from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, GetJsonSchemaHandler, ModelWrapValidatorHandler, PrivateAttr, model_validator
from pydantic_core import CoreSchema

from luxewin.kit.errors import InvalidInput, PreconditionFailed
from luxewin.kit.http.fields import Body

_DESCRIPTION = "Read-only: accepted, and ignored, if it equals the stored value"


class Replacement(Body):
    """Base of bodies that replace an object: the response to a read of the object is such a body.

    `read_only` are the fields of the response that cannot be written. `references` are fields that are objects in the
    response, and texts if they are written. The route compares them with what is stored, by `must_agree`.
    """

    read_only: ClassVar[frozenset[str]] = frozenset()
    references: ClassVar[frozenset[str]] = frozenset()
    _given: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _set_apart(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, dict):
            return handler(value)
        given = {name: value[name] for name in cls.read_only if name in value}
        given |= {name: value[name] for name in cls.references if isinstance(value.get(name), dict)}
        body = handler({name: each for name, each in value.items() if name not in given})
        body._given = given  # noqa: SLF001 - its own attribute, which only this validator fills
        return body

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Show the read-only fields in the schema, too."""
        shown = handler.resolve_ref_schema(handler(schema))
        for name in sorted(cls.read_only):
            shown.setdefault("properties", {})[name] = {"readOnly": True, "description": _DESCRIPTION}
        return shown

    @property
    def given(self) -> frozenset[str]:
        """The names of the read-only fields that the body has."""
        return frozenset(self._given)

    def must_agree(self, stored: BaseModel | None, *, at: str = "") -> None:
        """Check that the read-only fields of the body equal those of the response; None: there is no object yet.

        Raises:
            PreconditionFailed: the body has another version: the object has changed since it was read.
            InvalidInput: another field differs, which cannot be written.
        """
        values = {} if stored is None else stored.model_dump(mode="json")
        version = self._given.get("version")
        if isinstance(version, int) and version != values.get("version", version):
            raise PreconditionFailed(version=values["version"])
        for name, value in sorted(self._given.items()):
            if name not in values or not _are_equal(value, values[name]):
                standing = f"; it is {str(values[name])[:80]!r}" if name in values else ""
                raise InvalidInput(
                    f"`{name}` cannot be written{standing}; leave it out, or send it unchanged", pointer=f"{at}/{name}"
                )


def _are_equal(given: Any, stored: Any) -> bool:
    if given == stored:
        return True
    if not (isinstance(given, str) and isinstance(stored, str)):
        return False
    try:
        return datetime.fromisoformat(given) == datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return False
