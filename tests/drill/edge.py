"""Guards of the edge: what a request must get past before a route sees it."""

from collections.abc import Sequence

from tests.drill.guard import Guard

GATE = "src/luxewin/kit/http/middleware.py"
TENANTS = "src/luxewin/kit/http/tenants.py"
KEYS = "src/luxewin/kit/http/keys.py"
CONNECTIONS = "src/luxewin/kit/http/connections.py"
ADMISSION = "src/luxewin/kit/http/admission.py"
UPLOADS = "src/luxewin/kit/http/uploads.py"
ROUTING = "src/luxewin/kit/http/routing.py"

EDGE: Sequence[Guard] = (
    Guard(
        name="gate: host and header name one tenant",
        file=TENANTS,
        guard="if hosted is not None and hosted.id != tenant.id:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_host_and_a_header_that_name_different_tenants_are_refused"],
    ),
    Guard(
        name="gate: a request names its host",
        file=GATE,
        guard='if "host" not in headers and scope["http_version"] == "1.1":',
        gone="if False:",
        tests=["tests/security/test_bad_requests.py::test_a_request_without_a_host_is_refused"],
    ),
    Guard(
        name="connections: nobody is overtaken by a refusal",
        file=CONNECTIONS,
        guard="prompt = self._prompt() if self._is_idle() and not self.flow.write_paused else None",
        gone="prompt = self._prompt() if not self.flow.write_paused else None",
        tests=["tests/kit/test_connections.py::test_who_asks_before_the_last_answer_comes_in_and_is_not_overtaken"],
    ),
    Guard(
        name="connections: what was refused unread is not kept",
        file=CONNECTIONS,
        guard="else:\n            super().on_body(body)",
        gone="super().on_body(body)",
        tests=["tests/kit/test_connections.py::test_who_is_turned_away_may_ask_again_on_the_same_connection"],
    ),
    Guard(
        name="admission: what an answer has to reflect is not refused at the head",
        file=ADMISSION,
        guard="if any(name in _NOT_PLAIN for name, _ in headers):",
        gone="if False:",
        tests=["tests/kit/test_overload.py::test_whoever_has_a_prospect_or_asks_for_more_comes_in"],
    ),
    Guard(
        name="connections: who does not read is not answered at the door",
        file=CONNECTIONS,
        guard="prompt = self._prompt() if self._is_idle() and not self.flow.write_paused else None",
        gone="prompt = self._prompt() if self._is_idle() else None",
        tests=[
            "tests/kit/test_connections.py::test_who_asks_on_and_on_and_does_not_read_is_not_answered_at_the_door_any_more"
        ],
    ),
    Guard(
        name="connections: who was answered at the door may take their time",
        file=CONNECTIONS,
        guard="and not self._body_is_open and not self._request_ended)",
        gone="and not self._body_is_open)",
        tests=[
            "tests/kit/test_connections.py::test_who_was_answered_at_the_door_may_take_their_time_over_the_next_request"
        ],
    ),
    Guard(
        name="connections: what comes in behind an answer has its time",
        file=CONNECTIONS,
        guard="        self._unset_keepalive_if_required()\n        super().on_headers_complete()",
        gone="        super().on_headers_complete()",
        tests=["tests/kit/test_connections.py::test_what_comes_in_behind_an_answer_at_the_door_has_its_time"],
    ),
    Guard(
        name="connections: nothing is begun while one is closed",
        file=CONNECTIONS,
        guard="        if self.transport.is_closing():\n            self._stays_outside = True",
        gone="        if False:\n            self._stays_outside = True",
        tests=["tests/kit/test_connections.py::test_nothing_is_begun_on_a_connection_that_is_being_closed"],
    ),
    Guard(
        name="gate: who leaves in the middle of a body is no failure",
        file=GATE,
        guard='if message["type"] == "http.disconnect":\n                raise ClientLeft',
        gone='if message["type"] == "http.disconnect":\n                break',
        tests=["tests/kit/test_middleware.py::test_whoever_leaves_in_the_middle_of_a_body_is_no_failure"],
    ),
    Guard(
        name="gate: who is traced comes in",
        file=GATE,
        guard=" or tracing.is_on()",
        gone="",
        tests=["tests/kit/test_early_responses.py::test_who_is_traced_comes_in"],
    ),
    Guard(
        name="tenants: a suspended one's domain shows no other",
        file="src/luxewin/modules/tenants/service/directory.py",
        guard="if hosted is None and name in self.hosts:",
        gone="if False:",
        tests=["tests/modules/tenants/test_registry.py::test_the_domain_of_a_suspended_tenant_shows_no_other_shop"],
    ),
    Guard(
        name="gate: who shows a token comes in",
        file=GATE,
        guard="known = None if _COMES_IN & headers.keys() else self._hot.known(tenant, headers, scope)",
        gone="known = self._hot.known(tenant, headers, scope)",
        tests=["tests/kit/test_early_responses.py::test_who_asks_for_more_or_wrongly_comes_in"],
    ),
    Guard(
        name="gate: what is known by heart counts against the limit",
        file=GATE,
        guard="if allowance.refused_for_seconds is not None:",
        gone="if False:",
        tests=[
            "tests/kit/test_early_responses.py::test_what_is_answered_at_the_door_counts_and_what_is_beyond_the_limit_comes_in"
        ],
    ),
    Guard(
        name="gate: a token is good in its own tenant",
        file=GATE,
        guard="if principal.tenant_id != tenant.id and principal.role is not Role.SUPER_ADMIN:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_token_of_one_tenant_is_refused_by_another"],
    ),
    Guard(
        name="gate: an announced body is bounded",
        file=GATE,
        guard="if not announced.isdigit() or int(announced[:20]) > largest:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_body_that_is_announced_too_large_is_refused_unread"],
    ),
    Guard(
        name="gate: a streamed body is bounded",
        file=GATE,
        guard="if size > largest:",
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_a_body_that_grows_too_large_is_refused_at_the_bound"],
    ),
    Guard(
        name="uploads: an announced file is bounded",
        file=UPLOADS,
        guard="if not announced.isdigit() or int(announced[:20]) > largest:",
        gone="if False:",
        tests=["tests/kit/test_uploads.py::test_a_file_that_is_announced_too_large_is_refused_unread"],
    ),
    Guard(
        name="uploads: a streamed file is bounded",
        file=UPLOADS,
        guard="if size > largest:",
        gone="if False:",
        tests=["tests/kit/test_uploads.py::test_a_file_that_grows_too_large_is_refused_at_the_bound"],
    ),
    Guard(
        name="gate: no NUL in an address",
        file=GATE,
        guard='if b"%00" in scope.get("raw_path", b"") + scope["query_string"]:',
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_an_address_with_a_nul_character_is_refused"],
    ),
    Guard(
        name="gate: only trusted proxies forward addresses",
        file=GATE,
        guard="while hops and self._trusts(address):",
        gone="while hops:",
        tests=[
            "tests/kit/test_middleware.py::test_a_forwarded_address_counts_only_where_a_trusted_proxy_vouches_for_it"
        ],
    ),
    Guard(
        name="gate: an IPv6 caller is its network",
        file="src/luxewin/kit/http/addresses.py",
        guard="ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address",
        gone="address",
        tests=["tests/kit/test_middleware.py::test_a_whole_ipv6_network_is_one_caller"],
    ),
    Guard(
        name="gate: plain HTTP is refused where HTTPS is required",
        file=GATE,
        guard='if self._settings.require_https and not https and scope["path"] not in _FOR_THIS_MACHINE:',
        gone="if False:",
        tests=["tests/kit/test_middleware.py::test_plain_http_is_refused_unless_a_trusted_proxy_says_that_it_was_not"],
    ),
    Guard(
        name="a guest's idempotency key is bound to their tokens",
        file=KEYS,
        guard='return "guest:" + idempotency.body_hash(*(token.encode() for token in tokens)).hex()',
        gone='return "guest"',
        tests=["tests/kit/test_middleware.py::test_a_guests_key_is_another_key_without_the_same_tokens"],
    ),
    Guard(
        name="an idempotency key needs somebody who holds it",
        file=KEYS,
        guard="    if not any(tokens):\n        return None\n",
        gone="",
        tests=["tests/kit/test_middleware.py::test_a_key_of_somebody_without_account_and_token_is_ignored"],
    ),
    Guard(
        name="an id has one spelling behind a key",
        file=KEYS,
        guard="return str(UUID(segment))",
        gone="return segment",
        tests=["tests/kit/test_middleware.py::test_an_id_by_another_spelling_is_the_same_request"],
    ),
    Guard(
        name="gate: what has no prospect is refused before token and body",
        file=GATE,
        guard="if CROWDED in scope or self._admission.refuses(priority):",
        gone="if False:",
        tests=["tests/kit/test_overload.py::test_a_refusal_at_the_door_looks_at_neither_token_nor_body"],
    ),
    Guard(
        name="gate: who is refused at the door is counted",
        file=GATE,
        guard="        except DomainError:\n            counted(address)\n            raise\n",
        gone="        finally:\n            pass\n",
        tests=["tests/kit/test_middleware.py::test_who_is_refused_at_the_door_is_counted_too"],
    ),
    Guard(
        name="connections: a head has its time",
        file="src/luxewin/kit/http/connections.py",
        guard="self._head_due = self.loop.call_later(HEAD_SECONDS, self.transport.close)",
        gone="pass",
        tests=["tests/kit/test_connections.py::test_a_client_that_goes_on_sending_header_after_header_is_hung_up_on"],
    ),
    Guard(
        name="connections: empty lines before a head have their time too",
        file="src/luxewin/kit/http/connections.py",
        guard="return self._head_is_open or (self._is_idle() and not self._body_is_open and not self._request_ended)",
        gone="return self._head_is_open",
        tests=["tests/kit/test_connections.py::test_a_client_that_takes_forever_over_its_head_is_hung_up_on"],
    ),
    Guard(
        name="gate: few wait in line",
        file="src/luxewin/kit/http/admission_queue.py",
        guard="return len(line.places) >= line.most_waiting or line.expected_seconds() > line.patience_seconds(now)",
        gone="return False",
        tests=["tests/kit/test_admission_queue.py::test_a_line_is_bounded_for_each_kind"],
    ),
    Guard(
        name="a route asks for its permission",
        file=ROUTING,
        guard="if not permission.held_by(principal.role):",
        gone="if False:",
        tests=["tests/kit/test_routing.py::test_an_operation_is_open_to_exactly_the_roles_it_names"],
    ),
    Guard(
        name="the straight way asks for the permission too",
        file="src/luxewin/kit/http/straight.py",
        guard="if arguments is None or not way.permission.held_by(context.principal.role):",
        gone="if arguments is None:",
        tests=["tests/kit/test_straight.py::test_both_ways_answer_the_same"],
    ),
    Guard(
        name="no query parameter that nobody declared",
        file=ROUTING,
        guard="            _must_be_known(request, known)\n",
        gone="",
        tests=["tests/kit/test_routing.py::test_a_query_parameter_that_nobody_declared_is_refused"],
    ),
    Guard(
        name="no name twice in a body",
        file=ROUTING,
        guard='if raw.count(b":") != _count_names(parsed):',
        gone="if False:",
        tests=["tests/kit/test_routing.py::test_what_json_should_not_carry_is_invalid_input"],
    ),
    Guard(
        name="no card number in any text of an address",
        file="src/luxewin/kit/http/fields.py",
        guard="return text if text is None else _no_card_number(text)",
        gone="return text",
        tests=["tests/kit/test_fields.py::test_no_text_of_an_address_holds_a_card_number"],
    ),
    Guard(
        name="validation: a message repeats no secret value",
        file="src/luxewin/kit/http/validation.py",
        guard='    if any(by_name(str(step), "") == REDACTED for step in path):\n        return None\n',
        gone="",
        tests=["tests/kit/test_validation.py::test_a_secret_or_personal_value_is_not_repeated"],
    ),
    Guard(
        name="validation: a message repeats no personal value",
        file="src/luxewin/kit/http/validation.py",
        guard="None if REDACTED in without_secrets(value) else _quoted(value)",
        gone="_quoted(value)",
        tests=["tests/kit/test_validation.py::test_a_secret_or_personal_value_is_not_repeated"],
    ),
    Guard(
        name="no invisible characters in a name",
        file="src/luxewin/kit/http/fields.py",
        guard='_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})',
        gone='_INVISIBLE = frozenset({"Cc", "Zl", "Zp"})',
        tests=["tests/kit/test_fields.py::test_a_name_holds_nothing_that_is_not_seen"],
    ),
    Guard(
        name="no NUL in a body",
        file=ROUTING,
        guard='if b"\\\\u0000" in raw and _holds_nul(parsed):',
        gone="if False:",
        tests=["tests/kit/test_routing.py::test_what_json_should_not_carry_is_invalid_input"],
    ),
)
