"""Guards of what a client without an account can reach and repeat: the framing of bodies, pages, probes."""

from collections.abc import Sequence

from tests.drill.guard import Guard

CONNECTIONS = "src/luxewin/kit/http/connections.py"
PAGE_LIMITS = "tests/kit/test_page_limits.py"
FRAMING = "tests/kit/test_body_framing.py"

EXPOSURE: Sequence[Guard] = (
    Guard(
        name="pages count against a limit",
        file="src/luxewin/kit/http/middleware.py",
        guard="        if request.page is not None:\n            await count_request(address)\n",
        gone="        if request.page is not None:\n",
        tests=[f"{PAGE_LIMITS}::test_pages_beyond_the_limit_of_reads_are_refused_before_they_are_rendered"],
    ),
    Guard(
        name="pages have a limit",
        file="src/luxewin/kit/http/policies.py",
        guard="PAGE = RoutePolicy()",
        gone="PAGE = RoutePolicy(rate_limit=None)",
        tests=[f"{PAGE_LIMITS}::test_pages_beyond_the_limit_of_reads_are_refused_before_they_are_rendered"],
    ),
    Guard(
        name="readiness checks share one connection",
        file="src/luxewin/kit/http/health.py",
        guard="if self._check is None or self._check.done():",
        gone="if True:",
        tests=[f"{PAGE_LIMITS}::test_many_readiness_checks_at_once_occupy_one_connection"],
    ),
    Guard(
        name="a copy keeps its content security policy",
        file="src/luxewin/kit/http/cached_response.py",
        guard=', "content-security-policy", "access-control-allow-origin")',
        gone=")",
        tests=["tests/pages/test_policies.py::test_a_page_that_is_the_same_for_everybody_is_sent_once"],
    ),
    Guard(
        name="only the current version of a file is kept for good",
        file="src/luxewin/pages/static_files.py",
        guard='"public, max-age=31536000, immutable" if is_current else "no-cache"',
        gone='"public, max-age=31536000, immutable"',
        tests=["tests/pages/test_policies.py::test_a_file_under_another_version_is_not_kept_for_good"],
    ),
    Guard(
        name="production trusts no network of everybody",
        file="src/luxewin/kit/settings.py",
        guard="for network in too_wide(settings.http.trusted_proxies):",
        gone="for network in ():",
        tests=["tests/kit/test_networks.py::test_production_says_which_network_is_too_wide_and_what_to_do"],
    ),
    Guard(
        name="production shows its metrics to no network of everybody",
        file="src/luxewin/kit/settings.py",
        guard="for network in too_wide(settings.monitoring.metrics_from):",
        gone="for network in ():",
        tests=["tests/kit/test_settings.py::test_production_refuses_what_is_unsafe"],
    ),
    Guard(
        name="halves of a network are the whole",
        file="src/luxewin/kit/networks.py",
        guard="collapse_addresses(one for one in networks if isinstance(one, IPv4Network))",
        gone="[one for one in networks if isinstance(one, IPv4Network)]",
        tests=["tests/kit/test_networks.py::test_networks_of_everybody_are_too_wide_whole_or_in_parts"],
    ),
    Guard(
        name="trailers and chunk extensions have a limit",
        file=CONNECTIONS,
        guard="if self._body_is_open and self._framing.is_too_large:",
        gone="if False:",
        tests=[f"{FRAMING}::test_a_body_whose_framing_has_no_end_is_refused"],
    ),
    Guard(
        name="content does not pay for the framing after it",
        file="src/luxewin/kit/http/body_framing.py",
        guard="max(0, self._excess_bytes) + received_bytes",
        gone="self._excess_bytes + received_bytes",
        tests=[f"{FRAMING}::test_content_buys_no_framing_that_follows_it"],
    ),
    Guard(
        name="a body that is refused after its response gets no second one",
        file=CONNECTIONS,
        guard="if self._cycles != [self.cycle] or self.cycle.response_started:",
        gone="if False:",
        tests=[f"{FRAMING}::test_a_body_whose_framing_has_no_end_is_cut_off_after_its_response"],
    ),
)
