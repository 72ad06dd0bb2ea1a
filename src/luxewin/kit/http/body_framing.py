"""The framing of a chunked body, bounded: chunk sizes, chunk extensions and trailers (RFC 9112, 7.1).

None of it is content, so the limits of bodies do not count it, and the parser stores a trailer until its end.
"""

LARGEST_FRAMING_BYTES = 32 << 10
_BYTES_OF_A_CHUNK = 16
"""The free framing of each chunk: its size, its line ends, and a short extension."""


class BodyFraming:
    """Counts the framing of one body beyond what its chunks need.

    Source: the chunked reader of Go's `net/http`, which also allows each chunk 16 bytes.
    """

    def __init__(self) -> None:
        self._excess_bytes = 0

    def begin(self) -> None:
        """Begin to count for a new body."""
        self._excess_bytes = 0

    def add(self, received_bytes: int) -> None:
        """Count received bytes, before the content among them is known."""
        self._excess_bytes = max(0, self._excess_bytes) + received_bytes

    def subtract_content(self, content_bytes: int) -> None:
        """Record content that was among the received bytes, and was framed."""
        self._excess_bytes -= content_bytes + _BYTES_OF_A_CHUNK

    @property
    def is_too_large(self) -> bool:
        """Whether the received bytes contain too much besides content."""
        return self._excess_bytes > LARGEST_FRAMING_BYTES
