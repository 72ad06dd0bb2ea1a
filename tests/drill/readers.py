"""Guards against clients that do not read, that hold connections, and that send files which nobody may send."""

from collections.abc import Sequence

from tests.drill.guard import Guard

TABLE = "src/luxewin/kit/http/connection_table.py"
CONNECTIONS = "src/luxewin/kit/http/connections.py"
WRITER = "src/luxewin/kit/http/response_writer.py"
MIDDLEWARE = "src/luxewin/kit/http/middleware.py"
UPLOADS = "src/luxewin/kit/http/uploads.py"
DOCUMENTS = "src/luxewin/kit/http/document_files.py"
TENANTS = "src/luxewin/kit/http/tenants.py"

_REGISTRY = "tests/modules/tenants/test_registry.py::"
_TABLE = "tests/kit/test_connection_table.py::"

READERS: Sequence[Guard] = (
    Guard(
        name="readers: a client that does not read is cut off",
        file=TABLE,
        guard="if progress.slow_checks >= PATIENT_CHECKS:",
        gone="if False:",
        tests=[_TABLE + "test_a_client_that_takes_too_little_is_cut_off"],
    ),
    Guard(
        name="readers: it is reset, although its connection is closing already",
        file=CONNECTIONS,
        guard="        self.transport.abort()\n",
        gone="        self.transport.close()\n",
        tests=["tests/kit/test_connections.py::test_a_client_that_never_reads_is_reset_and_holds_nothing"],
    ),
    Guard(
        name="readers: a full table makes room",
        file=TABLE,
        guard="if len(self) > self._most:",
        gone="if False:",
        tests=[_TABLE + "test_a_full_table_of_readers_that_never_read_makes_room_for_a_new_client"],
    ),
    Guard(
        name="readers: one address has a bounded number of connections",
        file=TABLE,
        guard="if self._by_address[address] > self._most_per_address and not self._is_unlimited(connection.peer):",
        gone="if False:",
        tests=[_TABLE + "test_one_address_has_a_bounded_number_of_connections"],
    ),
    Guard(
        name="readers: a large body waits outside of the server's buffers",
        file=WRITER,
        guard='if len(message.get("body", b"")) > PIECE_BYTES:',
        gone="if False:",
        tests=["tests/kit/test_response_writer.py::test_a_large_body_is_handed_over_in_pieces"],
    ),
    Guard(
        name="readers: a large document is sent from a file",
        file=DOCUMENTS,
        guard="while piece := await asyncio.to_thread(self.file.read, _PIECE_BYTES):",
        gone="while piece := await asyncio.to_thread(self.file.read):",
        tests=["tests/kit/test_document_files.py::test_a_document_is_sent_in_small_pieces_with_its_length_and_a_tag"],
    ),
    Guard(
        name="readers: a document is made once",
        file=DOCUMENTS,
        guard="async with self._making:\n                document = await asyncio.to_thread(self._find, name)\n",
        gone="async with self._making:\n",
        tests=["tests/kit/test_document_files.py::test_a_document_is_made_once_for_all_readers_and_processes"],
    ),
    Guard(
        name="uploads: permission and route come before the body",
        file=MIDDLEWARE,
        guard="if route is None or not route.permission.held_by(context.principal.role):",
        gone="if False:",
        tests=["tests/kit/test_declared_policies.py::test_a_file_to_no_route_or_without_permission_is_not_read"],
    ),
    Guard(
        name="uploads: there is room for a bounded number of bytes",
        file=UPLOADS,
        guard="size > self._left or ",
        gone="",
        tests=["tests/kit/test_uploads.py::test_files_have_room_by_the_size_that_is_announced_else_by_the_largest"],
    ),
    Guard(
        name="uploads: a caller sends two files at the same time",
        file=UPLOADS,
        guard=" or self._callers[caller] >= _MOST_OF_ONE_CALLER",
        gone="",
        tests=["tests/kit/test_uploads.py::test_a_caller_sends_two_files_at_the_same_time"],
    ),
    Guard(
        name="tenants: one that was created just now is served",
        file=TENANTS,
        guard="return tenant_of_request(await directory.reloaded(), headers, default=default)",
        gone="raise",
        tests=[_REGISTRY + "test_a_tenant_that_another_process_has_just_created_is_served_at_once"],
    ),
)
