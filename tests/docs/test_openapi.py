"""The committed OpenAPI document equals the generated one: a difference is a change of the API to be reviewed."""

from luxewin.main import openapi_document
from tests.security.operations import COMMITTED


def test_the_committed_openapi_document_is_up_to_date() -> None:
    assert COMMITTED.read_bytes() == openapi_document(), "run `make openapi`, and review the difference"
