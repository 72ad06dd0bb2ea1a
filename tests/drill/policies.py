"""Guards of route policies: what a route may do only because it declares it."""

from collections.abc import Sequence

from tests.drill.guard import Guard

LOG_IN = "src/luxewin/workflows/log_in/routes.py"
MIDDLEWARE = "src/luxewin/kit/http/middleware.py"
POLICY_FILE = "src/luxewin/kit/http/policies.py"
ROUTE_TABLE = "src/luxewin/kit/http/route_table.py"
ROUTING = "src/luxewin/kit/http/routing.py"
RULES = "src/luxewin/kit/http/rules.py"
SESSIONS = "src/luxewin/modules/identity/routes/sessions.py"

TEST_DECLARED = "tests/kit/test_declared_policies.py"
TEST_REAL_ROUTES = "tests/security/test_route_policies.py"
TEST_CREDENTIALS = (
    f"{TEST_REAL_ROUTES}::test_credentials_are_ignored_and_limited_where_passwords_and_tokens_are_exchanged"
)
TEST_UPLOADS = f"{TEST_DECLARED}::test_only_a_form_to_a_route_that_accepts_uploads_may_be_as_large_as_a_file"
TEST_TABLE = "tests/kit/test_route_table.py"
TEST_SAME_AS_FRAMEWORK = f"{TEST_TABLE}::test_the_table_finds_the_route_and_the_parameters_that_the_framework_finds"

POLICIES: Sequence[Guard] = (
    Guard(
        name="policies: a route requires HTTPS",
        file=POLICY_FILE,
        guard="requires_https: bool = True",
        gone="requires_https: bool = False",
        tests=[f"{TEST_REAL_ROUTES}::test_every_route_requires_https_and_waits_for_its_turn_and_has_a_rate_limit"],
    ),
    Guard(
        name="policies: pages require HTTPS",
        file=POLICY_FILE,
        guard="PAGE = RoutePolicy()",
        gone="PAGE = RoutePolicy(requires_https=False)",
        tests=["tests/kit/test_middleware.py::test_only_probes_are_served_over_plain_http_where_https_is_required"],
    ),
    Guard(
        name="policies: a route verifies the access token",
        file=POLICY_FILE,
        guard="authenticates: bool = True",
        gone="authenticates: bool = False",
        tests=["tests/kit/test_middleware.py::test_a_token_of_one_tenant_is_refused_by_another"],
    ),
    Guard(
        name="policies: only routes that receive credentials ignore the access token",
        file=SESSIONS,
        guard="    rate_limit=CREDENTIALS,\n    status=204,\n",
        gone="    rate_limit=CREDENTIALS,\n    authenticates=False,\n    status=204,\n",
        tests=[TEST_CREDENTIALS],
    ),
    Guard(
        name="policies: an expired token does not prevent a log-in",
        file=MIDDLEWARE,
        guard="if authorization is None or not policy.authenticates:",
        gone="if authorization is None:",
        tests=["tests/kit/test_middleware.py::test_a_route_that_does_not_authenticate_ignores_an_invalid_token"],
    ),
    Guard(
        name="policies: log-ins and registrations have the limit of credentials",
        file=LOG_IN,
        guard="    rate_limit=CREDENTIALS,\n",
        gone="",
        tests=[TEST_CREDENTIALS],
    ),
    Guard(
        name="policies: exchanges of refresh tokens have the limit of credentials",
        file=SESSIONS,
        guard="    rate_limit=CREDENTIALS,\n    authenticates=False,\n",
        gone="    authenticates=False,\n",
        tests=[TEST_CREDENTIALS],
    ),
    Guard(
        name="policies: changes of a password have the limit of credentials",
        file=SESSIONS,
        guard="    rate_limit=CREDENTIALS,\n    status=204,\n",
        gone="    status=204,\n",
        tests=[TEST_CREDENTIALS],
    ),
    Guard(
        name="policies: new accounts have the limit of credentials",
        file="src/luxewin/modules/identity/routes/users.py",
        guard="    rate_limit=CREDENTIALS,\n",
        gone="",
        tests=[TEST_CREDENTIALS],
    ),
    Guard(
        name="policies: a write has the limit of writes",
        file=POLICY_FILE,
        guard="return RoutePolicy(priority=Priority.WRITES, rate_limit=WRITES)",
        gone="return RoutePolicy(priority=Priority.WRITES)",
        tests=[f"{TEST_REAL_ROUTES}::test_a_limit_is_lifted_by_declaration_only"],
    ),
    Guard(
        name="policies: a write to an unknown path has the limit of writes",
        file=POLICY_FILE,
        guard="UNMATCHED_WRITE = RoutePolicy(rate_limit=WRITES)",
        gone="UNMATCHED_WRITE = RoutePolicy()",
        tests=[
            "tests/kit/test_middleware.py::test_another_method_of_a_path_counts_against_the_strictest_limit_of_the_path"
        ],
    ),
    Guard(
        name="middleware: a request beyond its limit is refused",
        file=MIDDLEWARE,
        guard="            writer.allowance.raise_if_exceeded()\n",
        gone="",
        tests=["tests/kit/test_middleware.py::test_refused_requests_count_against_the_rate_limit"],
    ),
    Guard(
        name="uploads: only routes that accept a file receive one",
        file=MIDDLEWARE,
        guard="return self.policy.accepts_upload and ",
        gone="return ",
        tests=[TEST_UPLOADS],
    ),
    Guard(
        name="uploads: only a form may be as large as a file",
        file=MIDDLEWARE,
        guard=' and self.headers.get("content-type", "").lower().startswith("multipart/")',
        gone="",
        tests=[TEST_UPLOADS],
    ),
    Guard(
        name="uploads: no real route but the import accepts a file",
        file=POLICY_FILE,
        guard="accepts_upload: bool = False",
        gone="accepts_upload: bool = True",
        tests=[f"{TEST_REAL_ROUTES}::test_only_imports_accept_large_bodies_and_only_exports_take_long"],
    ),
    Guard(
        name="cache: no real route but lists and searches of products is cached",
        file=POLICY_FILE,
        guard="    cacheable: bool = False\n",
        gone="    cacheable: bool = True\n",
        tests=[f"{TEST_REAL_ROUTES}::test_only_lists_and_searches_of_products_are_cached"],
    ),
    Guard(
        name="policies: only routes of guests' carts and orders receive credentials of guests",
        file=POLICY_FILE,
        guard="credential_headers: tuple[str, ...] = ()",
        gone='credential_headers: tuple[str, ...] = ("x-order-token",)',
        tests=[f"{TEST_REAL_ROUTES}::test_only_routes_of_carts_and_orders_receive_the_credentials_of_guests"],
    ),
    Guard(
        name="route table: a path parameter is a segment",
        file=ROUTE_TABLE,
        guard='elif "{" in segment:',
        gone="elif False:",
        tests=[f"{TEST_TABLE}::test_a_parameter_that_is_not_a_segment_cannot_be_declared"],
    ),
    Guard(
        name="route table: an empty segment is no value of a parameter",
        file=ROUTE_TABLE,
        guard="if node.parameter is None or not segment:",
        gone="if node.parameter is None:",
        tests=[TEST_SAME_AS_FRAMEWORK],
    ),
    Guard(
        name="route table: an empty segment is no value in the search of alternatives",
        file=ROUTE_TABLE,
        guard="if node.parameter is not None and first:",
        gone="if node.parameter is not None:",
        tests=[TEST_SAME_AS_FRAMEWORK],
    ),
    Guard(
        name="route table: a literal segment hides no route with a parameter",
        file=ROUTE_TABLE,
        guard="            if (found := end.routes.get(method)) is not None:\n                return found, taken\n",
        gone="            pass\n",
        tests=[TEST_SAME_AS_FRAMEWORK],
    ),
    Guard(
        name="routing: a route without a permission cannot be declared",
        file=ROUTING,
        guard="self.permission: Permission = endpoint.permission ",
        gone='self.permission: Permission = getattr(endpoint, "permission", Permission("tests", frozenset(Role))) ',
        tests=["tests/kit/test_routing.py::test_a_route_without_a_permission_cannot_be_declared"],
    ),
    Guard(
        name="rules: only allowed sites may read responses",
        file="src/luxewin/kit/http/cors.py",
        guard="        if self._is_allowed(origin, headers, tenants):\n            return [",
        gone="        if True:\n            return [",
        tests=[f"{TEST_DECLARED}::test_no_other_site_may_read_a_response"],
    ),
    Guard(
        name="an If-Match is not ignored: the route",
        file=ROUTING,
        guard="            if not self.takes_condition(request.headers):\n",
        gone="            if False:\n",
        tests=["tests/kit/test_routing.py::test_an_operation_that_compares_no_versions_takes_no_if_match"],
    ),
    Guard(
        name="an If-Match is not ignored: the direct call",
        file="src/luxewin/kit/http/direct.py",
        guard="        if not self.route.takes_condition(context.headers):\n            return None\n",
        gone="",
        tests=["tests/kit/test_direct_calls.py::test_both_answer_the_same"],
    ),
)
