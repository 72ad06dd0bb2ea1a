"""Guards of the HTTP layer: what a request must pass before a route runs."""

from collections.abc import Sequence

from tests.drill.guard import Guard

ADDRESSES = "src/luxewin/kit/http/addresses.py"
BODIES = "src/luxewin/kit/http/bodies.py"
CONNECTIONS = "src/luxewin/kit/http/connections.py"
DIRECT = "src/luxewin/kit/http/direct.py"
ROUTE_TABLE = "src/luxewin/kit/http/route_table.py"
DIRECTORY = "src/luxewin/modules/tenants/service/directory.py"
EARLY = "src/luxewin/kit/http/early_responses.py"
FIELDS = "src/luxewin/kit/http/fields.py"
KEYS = "src/luxewin/kit/http/keys.py"
MIDDLEWARE = "src/luxewin/kit/http/middleware.py"
POLICIES = "src/luxewin/kit/http/policies.py"
QUEUE = "src/luxewin/kit/http/admission_queue.py"
ROUTING = "src/luxewin/kit/http/routing.py"
RULES = "src/luxewin/kit/http/rules.py"
TENANTS = "src/luxewin/kit/http/tenants.py"
UPLOADS = "src/luxewin/kit/http/uploads.py"

EDGE: Sequence[Guard] = (
    Guard(
        name="tenants: host and header name one tenant",
        file=TENANTS,
        guard="if hosted is not None and hosted.id != tenant.id:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_host_and_a_header_that_name_different_tenants_are_refused"],
    ),
    Guard(
        name="tenants: the domain of a suspended tenant serves no other",
        file=DIRECTORY,
        guard="if hosted is None and name in self.hosts:",
        gone="if False:",
        tests=["tests/modules/tenants/test_registry.py::test_the_domain_of_a_suspended_tenant_shows_no_other_shop"],
    ),
    Guard(
        name="rules: a request names its host",
        file=RULES,
        guard='if "host" not in headers and scope["http_version"] == "1.1":',
        gone="if False:",
        tests=["tests/security/test_bad_requests.py::test_a_request_without_a_host_is_refused"],
    ),
    Guard(
        name="rules: only trusted proxies forward addresses",
        file=RULES,
        guard="while hops and self._trusts(address):",
        gone="while hops:",
        tests=["tests/kit/test_middleware.py::test_a_forwarded_address_is_used_only_from_a_trusted_proxy"],
    ),
    Guard(
        name="rules: an IPv6 client is its network",
        file=ADDRESSES,
        guard="ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address",
        gone="address",
        tests=["tests/kit/test_middleware.py::test_a_whole_ipv6_network_is_one_caller"],
    ),
    Guard(
        name="rules: plain HTTP is refused where HTTPS is required",
        file=RULES,
        guard="if self._require_https and policy.requires_https and not self._is_https(scope, headers):",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_plain_http_is_refused_unless_a_trusted_proxy_forwards_https"],
    ),
    Guard(
        name="rules: a declared credential is given once",
        file=RULES,
        guard="self._single_value_headers = SINGLE_VALUE_HEADERS | {name.encode() for name in credential_headers}",
        gone="self._single_value_headers = SINGLE_VALUE_HEADERS",
        tests=["tests/kit/test_middleware.py::test_a_declared_credential_must_be_given_once"],
    ),
    Guard(
        name="middleware: a token is valid in its own tenant",
        file=MIDDLEWARE,
        guard="if principal.tenant_id != tenant.id and not principal.is_super_admin:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_token_of_one_tenant_is_refused_by_another"],
    ),
    Guard(
        name="middleware: only routes that declare a credential receive it",
        file=MIDDLEWARE,
        guard="passed_headers = (*_PASSED_HEADERS, *request.policy.credential_headers)",
        gone='passed_headers = (*_PASSED_HEADERS, "x-cart-token", "x-order-token")',
        tests=["tests/kit/test_middleware.py::test_only_routes_that_declare_a_credential_receive_it"],
    ),
    Guard(
        name="middleware: refused requests are counted",
        file=MIDDLEWARE,
        guard="        except DomainError:\n            await count_request(address)\n            raise\n",
        gone="        finally:\n            pass\n",
        tests=["tests/kit/test_middleware.py::test_refused_requests_count_against_the_rate_limit"],
    ),
    Guard(
        name="route table: another method has the strictest limit of its path",
        file=POLICIES,
        guard="return RoutePolicy(rate_limit=min(limits, key=PUBLISHED_LIMITS.__getitem__))",
        gone="return RoutePolicy(rate_limit=own)",
        tests=[
            "tests/kit/test_middleware.py::test_another_method_of_a_path_counts_against_the_strictest_limit_of_the_path"
        ],
    ),
    Guard(
        name="bodies: a client that leaves is not a failure",
        file=BODIES,
        guard='if message["type"] == "http.disconnect":\n            raise ClientLeft',
        gone='if message["type"] == "http.disconnect":\n            break',
        tests=["tests/kit/test_middleware.py::test_a_client_that_leaves_in_the_middle_of_a_body_is_not_a_failure"],
    ),
    Guard(
        name="bodies: an announced body is limited",
        file=BODIES,
        guard="if not content_length.isdigit() or int(content_length[:20]) > largest_bytes:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_body_that_is_announced_too_large_is_refused_unread"],
    ),
    Guard(
        name="bodies: a streamed body is limited",
        file=BODIES,
        guard="if size > largest_bytes:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_body_that_grows_too_large_is_refused_at_the_limit"],
    ),
    Guard(
        name="uploads: an announced file is limited",
        file=UPLOADS,
        guard="if not content_length.isdigit() or int(content_length[:20]) > largest:",
        gone="if False:",
        tests=["tests/kit/test_uploads.py::test_a_file_that_is_announced_too_large_is_refused_unread"],
    ),
    Guard(
        name="uploads: a streamed file is limited",
        file=UPLOADS,
        guard="if size > largest:",
        gone="if False:",
        tests=["tests/kit/test_uploads.py::test_a_file_that_grows_too_large_is_refused_at_the_bound"],
    ),
    Guard(
        name="early responses: a request with a token is authenticated",
        file=EARLY,
        guard="is_plain = policy.cacheable and not _NOT_PLAIN_READ_HEADERS & headers.keys()",
        gone="is_plain = policy.cacheable",
        tests=[
            "tests/kit/test_early_responses.py::test_a_request_that_needs_more_than_a_cached_response_is_not_answered_early"
        ],
    ),
    Guard(
        name="early responses: they count against the rate limit",
        file=EARLY,
        guard="if allowance.refused_for_seconds is not None:",
        gone="if False:",
        tests=["tests/kit/test_early_responses.py::test_early_responses_count_against_the_rate_limit"],
    ),
    Guard(
        name="early responses: traced requests are traced",
        file=EARLY,
        guard="if tenants is None or tracing.is_on():",
        gone="if tenants is None:",
        tests=["tests/kit/test_early_responses.py::test_traced_requests_are_not_answered_early"],
    ),
    Guard(
        name="admission: a request is rejected before token and body",
        file=EARLY,
        guard="if OVER_CONNECTION_LIMIT not in scope and not self._admission.rejects(policy.priority):",
        gone="if True:",
        tests=["tests/kit/test_overload.py::test_a_rejected_request_is_neither_authenticated_nor_read"],
    ),
    Guard(
        name="admission: a queue is bounded",
        file=QUEUE,
        guard="return len(queue.waiters) >= queue.max_waiting or queue.expected_wait_seconds() >",
        gone="return 0 >",
        tests=["tests/kit/test_admission_queue.py::test_the_queue_of_each_priority_is_bounded"],
    ),
    Guard(
        name="connections: a head has its time",
        file=CONNECTIONS,
        guard="self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)",
        gone="pass",
        tests=["tests/kit/test_connections.py::test_a_client_that_sends_header_after_header_is_disconnected"],
    ),
    Guard(
        name="connections: empty lines before a head have their time",
        file=CONNECTIONS,
        guard="return self._head_is_open or (self._is_idle() and not self._body_is_open and not self._request_ended)",
        gone="return self._head_is_open",
        tests=["tests/kit/test_connections.py::test_a_client_that_does_not_complete_a_head_is_disconnected"],
    ),
    Guard(
        name="connections: a body that was answered before it came is not taken for a head",
        file=CONNECTIONS,
        guard="and not self._body_is_open and not self._request_ended)",
        gone="and not self._body_is_open)",
        tests=[
            "tests/kit/test_connections.py::test_after_a_body_that_was_answered_before_it_came_the_next_request_may_come_later"
        ],
    ),
    Guard(
        name="connections: an idle connection is closed after such a body",
        file=CONNECTIONS,
        guard="if self._is_idle() and self.timeout_keep_alive_task is None:",
        gone="if False:",
        tests=[
            "tests/kit/test_connections.py::test_an_idle_connection_is_closed_after_the_body_of_a_request_that_was_answered_before_it_came"
        ],
    ),
    Guard(
        name="idempotency: the key of a guest is bound to their credentials",
        file=KEYS,
        guard='return "guest:" + idempotency.body_hash(*(credential.encode() for credential in credentials)).hex()',
        gone='return "guest"',
        tests=["tests/kit/test_middleware.py::test_a_guests_key_is_another_key_without_the_same_tokens"],
    ),
    Guard(
        name="idempotency: a key needs an owner",
        file=KEYS,
        guard="    if not any(credentials):\n        return None\n",
        gone="",
        tests=["tests/kit/test_middleware.py::test_a_key_without_account_and_token_is_ignored"],
    ),
    Guard(
        name="idempotency: an id has one spelling in a key",
        file=KEYS,
        guard="return str(UUID(segment))",
        gone="return segment",
        tests=["tests/kit/test_middleware.py::test_an_id_by_another_spelling_is_the_same_request"],
    ),
    Guard(
        name="routing: a route checks its permission",
        file=ROUTING,
        guard="if not permission.held_by(principal.role):",
        gone="if False:",
        tests=["tests/kit/test_routing.py::test_an_operation_is_open_to_exactly_the_roles_it_names"],
    ),
    Guard(
        name="direct calls: they check the permission",
        file=DIRECT,
        guard="if call.route.permission.held_by(context.principal.role):",
        gone="if True:",
        tests=["tests/kit/test_direct_calls.py::test_both_answer_the_same"],
    ),
    Guard(
        name="direct calls: an operation that takes the raw request can read its body",
        file=DIRECT,
        guard="arguments[self.request_name] = Request(scope, receive)",
        gone="arguments[self.request_name] = Request(scope)",
        tests=["tests/kit/test_direct_calls.py::test_both_answer_the_same"],
    ),
    Guard(
        name="route table: a slash at the end does not evade a rate limit",
        file=ROUTE_TABLE,
        guard='if path.endswith("/"):',
        gone="if False:",
        tests=["tests/kit/test_route_table.py::test_a_slash_at_the_end_counts_against_the_limit_of_the_path"],
    ),
    Guard(
        name="direct calls: query parameters are declared",
        file=DIRECT,
        guard="if not self.query_names.issuperset(parameters):",
        gone="if False:",
        tests=["tests/kit/test_direct_calls.py::test_both_answer_the_same"],
    ),
    Guard(
        name="routing: query parameters are declared",
        file=ROUTING,
        guard="            _must_be_declared(request, declared)\n",
        gone="",
        tests=["tests/kit/test_routing.py::test_an_undeclared_query_parameter_is_refused"],
    ),
    Guard(
        name="routing: no name twice in a body",
        file=ROUTING,
        guard='if raw.count(b":") != sum(len(part) for part in _parts(parsed) if isinstance(part, dict)):',
        gone="if False:",
        tests=["tests/kit/test_routing.py::test_ambiguous_or_malformed_json_is_invalid_input"],
    ),
    Guard(
        name="routing: no NUL in a body",
        file=ROUTING,
        guard='if b"\\\\u0000" in raw and any(',
        gone="if False and any(",
        tests=["tests/kit/test_routing.py::test_ambiguous_or_malformed_json_is_invalid_input"],
    ),
    Guard(
        name="no card number in any text of an address",
        file=FIELDS,
        guard="return text if text is None else _reject_card_number(text)",
        gone="return text",
        tests=["tests/kit/test_fields.py::test_no_text_of_an_address_holds_a_card_number"],
    ),
    Guard(
        name="validation: a message repeats no secret value",
        file="src/luxewin/kit/http/validation.py",
        guard='    if any(redact(str(step), "") == REDACTED for step in path):\n        return None\n',
        gone="",
        tests=["tests/kit/test_validation.py::test_a_secret_or_personal_value_is_not_repeated"],
    ),
    Guard(
        name="validation: a message repeats no personal value",
        file="src/luxewin/kit/http/validation.py",
        guard=" and REDACTED not in redact_text(value)",
        gone="",
        tests=["tests/kit/test_validation.py::test_a_secret_or_personal_value_is_not_repeated"],
    ),
    Guard(
        name="no invisible characters in a name",
        file="src/luxewin/kit/text.py",
        guard="unicodedata.category(character) != _FORMAT or",
        gone="True or",
        tests=["tests/kit/test_fields.py::test_invisible_characters_are_removed_from_a_name"],
    ),
    Guard(
        name="no control characters in a name",
        file="src/luxewin/kit/text.py",
        guard='frozenset({"Cc", "Zl", "Zp"})',
        gone="frozenset()",
        tests=["tests/kit/test_fields.py::test_a_name_holds_no_control_character"],
    ),
    Guard(
        name="no control characters in a path",
        file="src/luxewin/kit/http/rules.py",
        guard=' or _CONTROL_CHARACTER.search(scope["path"])',
        gone="",
        tests=["tests/security/test_bad_requests.py::test_a_path_with_a_control_character_reaches_no_route"],
    ),
    Guard(
        name="a host header is a host",
        file="src/luxewin/kit/http/rules.py",
        guard='if not _is_host(headers.get("host", "")):',
        gone="if False:",
        tests=["tests/security/test_bad_requests.py::test_a_host_that_is_none_is_refused"],
    ),
    Guard(
        name="trailers are not headers",
        file="src/luxewin/kit/http/connections.py",
        guard="        if not self._body_is_open:\n            super().on_header(name, value)\n",
        gone="        super().on_header(name, value)\n",
        tests=["tests/security/test_bad_requests.py::test_a_header_after_the_body_is_not_a_header"],
    ),
    Guard(
        name="the host of a request target in absolute form counts",
        file="src/luxewin/kit/http/connections.py",
        guard='if not self.url.startswith((b"/", b"*")):',
        gone="if False:",
        tests=["tests/kit/test_connections.py::test_the_host_of_an_absolute_target_replaces_the_header"],
    ),
    Guard(
        name="redaction takes time in proportion to the text",
        file="src/luxewin/kit/observability/redaction.py",
        guard="[\\w.+%-]{1,64}@",
        gone="[\\w.+%-]+@",
        tests=["tests/observability/test_redaction.py::test_a_long_text_is_redacted_quickly"],
    ),
    Guard(
        name="every spelling of a dry run",
        file="src/luxewin/kit/http/preferences.py",
        guard="name.strip().lower() == _DRY_RUN",
        gone="name.strip() == _DRY_RUN",
        tests=["tests/kit/test_preferences.py"],
    ),
    Guard(
        name="idempotency keys: a made-up credential of another route identifies no caller",
        file=MIDDLEWARE,
        guard='credentials = [request.headers.get(name, "") for name in request.policy.credential_headers]',
        gone='credentials = [request.headers.get(name, "") for name in ("x-cart-token", "x-order-token")]',
        tests=["tests/modules/identity/test_users.py::test_an_anonymous_key_returns_no_stored_response"],
    ),
    Guard(
        name="shared limits: a request beyond the limit is refused",
        file="src/luxewin/kit/request_counts.py",
        guard='_ADMITTED = f"({_BEFORE}) * (1 - {_ELAPSED}) + ({_NOW}) + 1 <= $3"',
        gone='_ADMITTED = f"({_BEFORE}) * (1 - {_ELAPSED}) + ({_NOW}) + 1 <= $3 + 1000"',
        tests=["tests/kit/test_shared_limits.py::test_two_processes_admit_the_published_number_together"],
    ),
    Guard(
        name="shared limits: without a database each process counts",
        file="src/luxewin/kit/http/shared_limits.py",
        guard="            return self._local.count(limit, caller)",
        gone="            raise",
        tests=["tests/kit/test_shared_limits.py::test_without_a_database_each_process_counts_alone_and_a_metric_tells"],
    ),
    Guard(
        name="tenants: an IP address is no domain",
        file="src/luxewin/modules/tenants/schemas.py",
        guard='_LAST_LABEL = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"',
        gone="_LAST_LABEL = _LABEL",
        tests=["tests/modules/tenants/test_registry.py::test_an_invalid_change_of_a_tenant_is_refused"],
    ),
    Guard(
        name="times: a time that is sent is converted to UTC",
        file=FIELDS,
        guard="Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]",
        gone="Instant = AwareDatetime",
        tests=["tests/security/test_times.py::test_every_time_that_a_client_sends_is_converted_to_utc"],
    ),
)
