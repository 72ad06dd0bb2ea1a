"""Guards of what browsers and caches receive: cross-origin requests, addresses in responses, compression."""

from collections.abc import Sequence

from tests.drill.guard import Guard

COMPRESSION = "src/luxewin/kit/http/compression.py"
CORS = "src/luxewin/kit/http/cors.py"
MIDDLEWARE = "src/luxewin/kit/http/middleware.py"
PUBLIC_URLS = "src/luxewin/kit/http/public_urls.py"

BROWSERS: Sequence[Guard] = (
    Guard(
        name="cors: pages of this machine may call in development only",
        file=CORS,
        guard="if self._allows_local and (origin.host in",
        gone="if (origin.host in",
        tests=["tests/kit/test_cors.py::test_in_development_every_page_of_this_machine_may_call"],
    ),
    Guard(
        name="cors: a domain of one shop calls that shop only",
        file=CORS,
        guard="default=self._default_tenant).id == owner.id",
        gone="default=self._default_tenant) is not None",
        tests=["tests/kit/test_cors.py::test_a_domain_of_one_shop_may_not_call_another_shop"],
    ),
    Guard(
        name="cors: in production a domain calls over HTTPS only",
        file=CORS,
        guard='(origin.scheme == "https" and origin.port is None)',
        gone="True",
        tests=["tests/kit/test_cors.py::test_another_scheme_port_or_host_is_another_origin"],
    ),
    Guard(
        name="cors: an origin is parsed as a whole",
        file=CORS,
        guard="match = _ORIGIN.fullmatch(text)",
        gone="match = _ORIGIN.match(text)",
        tests=["tests/kit/test_cors.py::test_an_origin_that_only_looks_local_may_not_call"],
    ),
    Guard(
        name="cors: every response varies by origin",
        file=CORS,
        guard="        if origin is None:\n            return _VARY",
        gone="        if origin is None:\n            return []",
        tests=["tests/kit/test_cors.py::test_every_response_varies_by_origin"],
    ),
    Guard(
        name="responses: one Access-Control-Allow-Origin",
        file="src/luxewin/kit/http/response_writer.py",
        guard="if pair[0] != _ALLOWED_ORIGIN or _ALLOWED_ORIGIN not in names",
        gone="if True",
        tests=["tests/kit/test_cors.py::test_a_response_that_is_open_to_every_site_stays_so"],
    ),
    Guard(
        name="urls: with a public URL no other host enters a response",
        file=PUBLIC_URLS,
        guard="if public_url is not None and not _is_domain(host, tenants):",
        gone="if False:",
        tests=["tests/kit/test_public_urls.py::test_with_a_public_url_only_a_domain_of_a_shop_replaces_it"],
    ),
    Guard(
        name="urls: a malformed host enters no response",
        file=PUBLIC_URLS,
        guard="if not _HOST.fullmatch(host):",
        gone="if False:",
        tests=["tests/kit/test_public_urls.py::test_without_a_public_url_the_host_counts_unless_it_is_malformed"],
    ),
    Guard(
        name="urls: a cached list is for one host",
        file="src/luxewin/modules/storefront/routes/cached_reads.py",
        guard="self._responses.get(context.tenant.id, (current_base_url(), key), load)",
        gone='self._responses.get(context.tenant.id, ("", key), load)',
        tests=["tests/modules/storefront/test_image_urls.py"],
    ),
    Guard(
        name="urls: a cached product is for one host",
        file="src/luxewin/modules/storefront/service/product_cache.py",
        guard="base_url = current_base_url()",
        gone='base_url = ""',
        tests=["tests/modules/storefront/test_image_urls.py"],
    ),
    Guard(
        name="compression: a response with secrets is never compressed",
        file=MIDDLEWARE,
        guard="if not policy.holds_secrets:",
        gone="if True:",
        tests=["tests/kit/test_middleware.py::test_a_response_with_secrets_is_not_compressed"],
    ),
    Guard(
        name="compression: only the response to GET is compressed",
        file=COMPRESSION,
        guard='encoding_for(headers.get("accept-encoding", "")) if method == "GET" else None',
        gone='encoding_for(headers.get("accept-encoding", ""))',
        tests=["tests/kit/test_compression.py::test_a_response_is_left_alone"],
    ),
    Guard(
        name="compression: each encoding has an entity tag of its own",
        file=COMPRESSION,
        guard='.encode("latin-1")) if name == b"etag" else pair',
        gone='.encode("latin-1")) if False else pair',
        tests=["tests/kit/test_compression.py::test_a_long_response_is_compressed_and_has_a_tag_of_its_own"],
    ),
)
