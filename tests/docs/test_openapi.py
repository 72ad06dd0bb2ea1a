"""The committed OpenAPI document is what the code serves: a difference is a change of the interface, to be reviewed."""

from luxewin.main import openapi_document
from tests.security.operations import COMMITTED


def test_the_committed_document_is_what_the_code_serves() -> None:
    assert COMMITTED.read_bytes() == openapi_document(), "run `make openapi`, and review the difference"
