"""Fields that a partial change may omit, but not set to null."""

from luxewin.kit.http.fields import Body


def refuse_nulls(body: Body, *names: str) -> None:
    """Reject null in fields that may be omitted, but not be null.

    Raises:
        ValueError: one of these fields is null.
    """
    for name in names:
        if name in body.model_fields_set and getattr(body, name) is None:
            raise ValueError(f"`{name}` must not be null; leave it out to keep the current value")
