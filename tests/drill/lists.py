"""Guards of lists: a cursor is accepted only by the list, the tenant, the filters and the sort it was made for."""

from collections.abc import Sequence

from tests.drill.guard import Guard

PAGING = "src/luxewin/kit/http/paging.py"
PAGINATION = "src/luxewin/kit/pagination.py"
FACETS = "src/luxewin/modules/storefront/repository/facets.py"

TEST_OTHER_LIST = "tests/kit/test_paging.py::test_a_cursor_of_another_tenant_list_or_sort_is_refused"
TEST_NAMES = "tests/architecture/test_list_cursors.py::test_the_name_of_every_list_has_all_values_that_select_its_rows"
TEST_PRODUCTS = "tests/modules/storefront/test_reads.py::test_a_cursor_fits_only_the_list_it_was_made_for"
TEST_SEARCHES = "tests/modules/storefront/test_search.py::test_a_cursor_of_a_search_fits_no_list_and_no_other_search"
TEST_FACETS = "tests/modules/storefront/test_facets.py::test_facets_count_what_a_scan_of_all_products_counts"
TEST_FIELDS = "tests/kit/test_sparse_fields.py"
TEST_PARTIAL = "tests/modules/storefront/test_partial_responses.py"

LISTS: Sequence[Guard] = (
    Guard(
        name="a cursor's signature is checked",
        file=PAGINATION,
        guard="if not hmac.compare_digest(signature, self._signature(body, tenant_id, listing)):",
        gone="if False:",
        tests=["tests/kit/test_pagination.py::test_a_cursor_of_another_key_tenant_or_list_is_refused"],
    ),
    Guard(
        name="a cursor is signed for its tenant and list",
        file=PAGINATION,
        guard="scope = orjson.dumps([str(tenant_id), listing])",
        gone='scope = b""',
        tests=["tests/kit/test_pagination.py::test_a_cursor_of_another_key_tenant_or_list_is_refused"],
    ),
    Guard(
        name="a cursor's values have the types of the sort",
        file=PAGINATION,
        guard="self._adapter.validate_json(body, strict=True)",
        gone="self._adapter.validate_json(body)",
        tests=["tests/kit/test_pagination.py::test_a_signed_cursor_with_values_of_other_types_is_refused"],
    ),
    Guard(
        name="a cursor has as many values as the sort",
        file=PAGINATION,
        guard="values = self._adapter.validate_json(body, strict=True)",
        gone="values = orjson.loads(body)",
        tests=[TEST_OTHER_LIST],
    ),
    Guard(
        name="a page is read with the cursors of its tenant",
        file=PAGING,
        guard="tenant_id=context.tenant.id",
        gone="tenant_id=type(context.tenant.id)(int=0)",
        tests=[TEST_OTHER_LIST],
    ),
    Guard(
        name="a page is read with the cursors of its list",
        file=PAGING,
        guard="name=listing",
        gone='name=""',
        tests=[TEST_OTHER_LIST],
    ),
    Guard(
        name="a cursor of orders is bound to the customer",
        file="src/luxewin/modules/orders/routes/orders.py",
        guard='listing=f"orders/{query}/{search.buyer_email}"',
        gone='listing=f"orders/{search.buyer_email}"',
        tests=[TEST_NAMES],
    ),
    Guard(
        name="a cursor of payments is bound to the order",
        file="src/luxewin/modules/payments/routes.py",
        guard='listing=f"payments/{order_id}/{status}"',
        gone='listing=f"payments/{status}"',
        tests=[TEST_NAMES],
    ),
    Guard(
        name="a cursor of an import's changes is bound to the outcome",
        file="src/luxewin/modules/catalog_import/routes.py",
        guard='listing=f"imports/{import_id}/changes/{outcome}"',
        gone='listing=f"imports/{import_id}/changes"',
        tests=[TEST_NAMES],
    ),
    Guard(
        name="a cursor of products is bound to the filters and the sort",
        file="src/luxewin/modules/storefront/domain/listing.py",
        guard="return repr(replace(self, cursor=None, limit=0, fields=()))",
        gone='return ""',
        tests=[TEST_PRODUCTS],
    ),
    Guard(
        name="a cursor of products is bound to the route",
        file="src/luxewin/modules/storefront/service/listing.py",
        guard='scope = f"{route} {listing.scope}"',
        gone="scope = listing.scope",
        tests=[TEST_SEARCHES],
    ),
    Guard(
        name="a facet is not restricted by its own filter",
        file=FACETS,
        guard="replace(resolved, category_id=None, vendor_id=None),",
        gone="resolved,",
        tests=[TEST_FACETS],
    ),
    Guard(
        name="a facet is restricted by the filters of the others",
        file=FACETS,
        guard="WHERE m.by_vendor AND m.by_price GROUP BY",
        gone="GROUP BY",
        tests=[TEST_FACETS],
    ),
    Guard(
        name="fields: an unknown field is refused",
        file="src/luxewin/kit/http/sparse_fields.py",
        guard="for name in sorted(requested - set(known)):",
        gone="for name in ():",
        tests=[f"{TEST_FIELDS}::test_an_unknown_field_is_refused_with_the_nearest_known_one"],
    ),
    Guard(
        name="fields: equal choices are equal cache keys",
        file="src/luxewin/kit/http/sparse_fields.py",
        guard="return tuple(sorted(requested | {ID})) if requested else ()",
        gone="return (*names, ID) if requested else ()",
        tests=[f"{TEST_FIELDS}::test_equal_requests_are_equal_values_that_contain_the_id"],
    ),
    Guard(
        name="fields: a partial response does not claim to be complete",
        file="src/luxewin/modules/storefront/routes/cached_response.py",
        guard='content_type=PARTIAL_JSON if partial else "application/json"',
        gone='content_type="application/json"',
        tests=[f"{TEST_PARTIAL}::test_a_partial_response_has_a_media_type_of_its_own"],
    ),
)
