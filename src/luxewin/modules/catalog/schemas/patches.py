"""What a partial change may leave out, and what it may not empty."""

from luxewin.kit.http.fields import Body


def refuse_nulls(body: Body, *names: str) -> None:
    """Refuse a null where a value may be left out, but cannot be nothing.

    Raises:
        ValueError: one of these fields is null.
    """
    for name in names:
        if name in body.model_fields_set and getattr(body, name) is None:
            raise ValueError(f"`{name}` must not be null; leave it out to keep the current value")
