"""Guards of the catalogue, the storefront and its search."""

from collections.abc import Sequence

from tests.drill.guard import Guard

SEARCH = "src/luxewin/modules/storefront/models/search.sql"
CANARY = "tests/modules/storefront/test_search_index.py::test_a_canary_of_one_tenant_is_never_found_by_another"
CACHE = "src/luxewin/modules/storefront/service/versioned_cache.py"
TEST_PRECONDITIONS = "tests/modules/catalog/test_preconditions.py"
TEST_RECOGNITION = "tests/modules/catalog/test_recognition.py"
TEST_CACHE = "tests/modules/storefront/test_product_cache.py"
TEST_READS = "tests/modules/storefront/test_reads.py"

TEST_EXPORT = "tests/modules/catalog_import/test_shopify_csv_export.py"

IMPORTS = "src/luxewin/modules/catalog_import"
TEST_PRESTASHOP = "tests/modules/catalog_import/test_prestashop.py"
TEST_WOOCOMMERCE = "tests/modules/catalog_import/test_woocommerce.py"
TEST_READINGS = "tests/workflows/import_catalog/test_readings.py"
TEST_TURNS = "tests/workflows/import_catalog/test_turns.py"

REINDEXING = "tests/modules/storefront/test_reindexing.py"
SUSPENDED_FILE = "tests/modules/storefront/test_suspended_vendors.py"
SUSPENDED = f"{SUSPENDED_FILE}::test_products_of_a_suspended_vendor_are_hidden_until_it_is_active_again"

GOODS: Sequence[Guard] = (
    Guard(
        name="two files that do not belong together are not read as one",
        file=f"{IMPORTS}/domain/csv_files/combinations.py",
        guard="if preset is None or preset.platform is not Platform.PRESTASHOP or not is_combinations(headers[1]):",
        gone="if False:",
        tests=[f"{TEST_PRESTASHOP}::test_combinations_alone_and_other_pairs_of_files_are_refused_with_what_to_do"],
    ),
    Guard(
        name="a variant that its platform does not sell is not for sale",
        file=f"{IMPORTS}/domain/presets/translation.py",
        guard="hidden = [each for each in variants if self._cells.is_hidden(each.row, about)]",
        gone="hidden: list[Variant] = []",
        tests=[f"{TEST_WOOCOMMERCE}::test_a_variant_that_is_not_for_sale_is_left_out_unless_no_variant_is"],
    ),
    Guard(
        name="units that variants share are sold once",
        file=f"{IMPORTS}/domain/presets/variants.py",
        guard='units if each is first or not units else "0"',
        gone="units",
        tests=[f"{TEST_WOOCOMMERCE}::test_units_that_woocommerce_variations_share_are_not_sold_twice"],
    ),
    Guard(
        name="the address in front of images is one of the web",
        file=f"{IMPORTS}/routes.py",
        guard='if not is_image_address(text) or text.startswith("/"):',
        gone="if False:",
        tests=["tests/workflows/import_catalog/test_routes.py::test_options_without_meaning_are_refused"],
    ),
    Guard(
        name="no text of a CSV export runs as a formula",
        file=f"{IMPORTS}/domain/shopify_csv/formulas.py",
        guard="    if _WOULD_RUN.match(text) and not _PLAIN_NUMBER.fullmatch(text):\n",
        gone="    if False:\n",
        tests=[f"{TEST_EXPORT}::test_every_text_of_an_export_that_a_spreadsheet_would_run_is_disarmed"],
    ),
    Guard(
        name="rows of a product that are apart are joined",
        file=f"{IMPORTS}/domain/csv_files/surveys.py",
        guard="self.is_grouped = self.is_grouped and len(self._seen) > known_before",
        gone="pass",
        tests=[f"{TEST_READINGS}::test_rows_of_a_product_that_are_apart_are_joined"],
    ),
    Guard(
        name="an import deletes no variants unless asked to",
        file=f"{IMPORTS}/service/plan_products.py",
        guard="replaces=job.variants is VariantPolicy.REPLACE",
        gone="replaces=True",
        tests=[f"{TEST_READINGS}::test_variants_that_the_file_does_not_have_stay"],
    ),
    Guard(
        name="an archive is unpacked up to a limit",
        file=f"{IMPORTS}/domain/csv_files/unpacking.py",
        guard="if unpacked > MOST_UNPACKED_BYTES:",
        gone="if False:",
        tests=[f"{TEST_READINGS}::test_an_archive_that_would_fill_the_disk_is_refused"],
    ),
    Guard(
        name="a code without its last digits is refused",
        file=f"{IMPORTS}/domain/csv_files/grouping.py",
        guard="if has_lost_digits(code):",
        gone="if False:",
        tests=[f"{TEST_READINGS}::test_codes_that_a_spreadsheet_has_marked_are_restored_and_lost_digits_are_refused"],
    ),
    Guard(
        name="a tenant has one import at a time",
        file="src/luxewin/workflows/import_catalog/turns.py",
        guard="if tenant.id in self._busy or tenant.id in failures:",
        gone="if tenant.id in failures:",
        tests=[f"{TEST_TURNS}::test_a_long_import_keeps_no_other_tenant_waiting_and_is_alone_in_its_shop"],
    ),
    Guard(
        name="a body that was read sets no stock back",
        file="src/luxewin/modules/catalog/service/products.py",
        guard='if "version" not in body.given or all(',
        gone="if True or all(",
        tests=["tests/modules/catalog/test_preconditions.py"],
    ),
    Guard(
        name="an import locks the products that it changes",
        file="src/luxewin/modules/catalog/repository/products.py",
        guard=" ORDER BY id FOR NO KEY UPDATE{'' if waits else ' SKIP LOCKED'}",
        gone="",
        tests=["tests/workflows/import_catalog/test_contention.py"],
    ),
    Guard(
        name="a list of variants drops none that has stock",
        file="src/luxewin/modules/catalog/service/products.py",
        guard="if variant_id not in remaining and level is not None and (level.stock or level.reserved):",
        gone="if False and level is not None:",
        tests=[f"{TEST_RECOGNITION}::test_a_list_never_drops_a_variant_that_has_stock"],
    ),
    Guard(
        name="a list of variants drops none that is reserved",
        file="src/luxewin/modules/catalog/service/products.py",
        guard="(level.stock or level.reserved)",
        gone="level.stock",
        tests=[f"{TEST_RECOGNITION}::test_a_list_never_drops_a_variant_that_an_order_has_reserved"],
    ),
    Guard(
        name="a variant is recognised by its SKU before its options",
        file="src/luxewin/modules/catalog/domain/matching.py",
        guard="[(_sku, _sku)]",
        gone="[]",
        tests=[f"{TEST_RECOGNITION}::test_a_variant_is_recognised_by_its_sku_whatever_its_options_become"],
    ),
    Guard(
        name="stock that its client has not seen is not overwritten",
        file="src/luxewin/kit/http/fields.py",
        guard='if state is None or rest.partition("-")[0] == state:',
        gone="if True:",
        tests=[f"{TEST_PRECONDITIONS}::test_stock_is_not_written_over_a_sale_that_its_client_has_not_seen"],
    ),
    Guard(
        name="a weak entity tag never matches a write",
        file="src/luxewin/kit/http/entity_tags.py",
        guard="[text for weak, text in _tags(header) if not weak]",
        gone="[text for weak, text in _tags(header)]",
        tests=[f"{TEST_PRECONDITIONS}::test_a_tag_that_is_not_the_current_one_does_not_match"],
    ),
    Guard(
        name="stock is compared under lock",
        file="src/luxewin/modules/catalog/routes/products.py",
        guard="            await must_be_current(tx, product)\n",
        gone="",
        tests=[f"{TEST_PRECONDITIONS}::test_a_version_that_changes_meanwhile_is_noticed"],
    ),
    Guard(
        name="a category is compared under lock",
        file="src/luxewin/modules/catalog/service/categories.py",
        guard="    confirm(before)\n",
        gone="",
        tests=[f"{TEST_PRECONDITIONS}::test_of_two_edits_of_a_category_of_one_version_one_succeeds"],
    ),
    Guard(
        name="a field that cannot be written is refused",
        file="src/luxewin/kit/http/read_only.py",
        guard="if name not in values or not _are_equal(value, values[name]):",
        gone="if False:",
        tests=["tests/modules/catalog/test_written_back.py::test_a_read_only_field_that_differs_is_refused_by_name"],
    ),
    Guard(
        name="a price is bounded, so that orders add up",
        file="src/luxewin/kit/http/fields.py",
        guard="ge=0, le=LARGEST_UNIT_AMOUNT_MINOR",
        gone="ge=0",
        tests=["tests/modules/shipping/test_methods.py"],
    ),
    Guard(
        name="a vendor changes only its own products",
        file="src/luxewin/modules/catalog/service/ownership.py",
        guard="if not tx.principal.is_staff and product.content.vendor_id != await _own_vendor(tx):",
        gone="if False:",
        tests=["tests/modules/catalog/test_vendor_products.py::test_products_of_another_vendor_are_not_found"],
    ),
    Guard(
        name="an image comes from the web or the site",
        file="src/luxewin/modules/catalog/domain/addresses.py",
        guard="return bool(_WEB.fullmatch(text) or _OF_THE_SITE.fullmatch(text))",
        gone="return True",
        tests=["tests/modules/catalog/test_products.py::test_an_image_comes_from_the_web_or_the_site_and_nowhere_else"],
    ),
    Guard(
        name="a tariff code is one",
        file="src/luxewin/modules/catalog/domain/fields.py",
        guard="return SHORTEST_HS_CODE <= len(text) <= LONGEST_HS_CODE and re.fullmatch(",
        gone="return True or re.fullmatch(",
        tests=[
            "tests/modules/catalog/test_customs_data.py::test_an_invalid_tariff_code_is_refused_with_its_rule_in_words"
        ],
    ),
    Guard(
        name="what may run is taken out of a description",
        file="src/luxewin/modules/catalog/domain/descriptions.py",
        guard="cleaned = _clean(text)",
        gone="cleaned = text",
        tests=["tests/modules/catalog/test_products.py::test_active_content_is_removed_from_a_description"],
    ),
    Guard(
        name="lists show only what is for sale",
        file="src/luxewin/modules/storefront/repository/filtering.py",
        guard="p.tenant_id = $1 AND {has_status(status)}",
        gone="p.tenant_id = $1",
        tests=[f"{TEST_CACHE}::test_products_not_for_sale_are_not_counted_on_a_page"],
    ),
    Guard(
        name="a draft is shown to those who may see it",
        file="src/luxewin/modules/storefront/service/listing.py",
        guard='if row is None or not (_is_for_sale(row) or await _may_see_drafts(tx, row["vendor_id"])):',
        gone="if row is None:",
        tests=[f"{TEST_READS}::test_products_not_for_sale_are_shown_only_to_staff_and_never_listed"],
    ),
    Guard(
        name="search: words are found in the caller's tenant",
        file=SEARCH,
        guard=(
            "WHERE s.document @@ (mark && wanted) LIMIT 5000\n            ) c\n            WHERE c.tenant_id = tenant\n"
        ),
        gone="WHERE s.document @@ wanted LIMIT 5000\n            ) c\n",
        tests=[CANARY],
    ),
    Guard(
        name="search: beginnings are found in the caller's tenant",
        file=SEARCH,
        guard="WHERE s.tenant_id = tenant\n                  AND s.title_words >= terms[1]",
        gone="WHERE s.title_words >= terms[1]",
        tests=[CANARY],
    ),
    Guard(
        name="search: slips are forgiven with the caller's words",
        file=SEARCH,
        guard="WHERE s.tenant_id = tenant AND s.title_words %> t.term",
        gone="WHERE s.title_words %> t.term",
        tests=[CANARY],
    ),
    Guard(
        name="storefront: an entry is valid for its version",
        file=CACHE,
        guard="if entry is None or entry.version != at.version or at.seconds >= entry.expires_at:",
        gone="if entry is None or at.seconds >= entry.expires_at:",
        tests=[f"{TEST_CACHE}::test_a_change_invalidates_every_product_of_the_shop"],
    ),
    Guard(
        name="storefront: an entry expires",
        file=CACHE,
        guard="if entry is None or entry.version != at.version or at.seconds >= entry.expires_at:",
        gone="if entry is None or entry.version != at.version:",
        tests=[f"{TEST_CACHE}::test_a_product_expires_so_that_stock_levels_are_a_second_old_at_most"],
    ),
    Guard(
        name="storefront: only staff and vendors list drafts",
        file="src/luxewin/modules/storefront/service/listing.py",
        guard="        if vendor_id is None:\n            raise Forbidden",
        gone="        if False:\n            raise Forbidden",
        tests=["tests/modules/storefront/test_reads.py::test_only_staff_and_vendors_list_what_is_not_for_sale"],
    ),
    Guard(
        name="storefront: a vendor lists only their own drafts",
        file="src/luxewin/modules/storefront/service/listing.py",
        guard="listing = replace(listing, filters=replace(listing.filters, vendor=str(vendor_id)))",
        gone="listing = replace(listing)",
        tests=["tests/modules/storefront/test_reads.py::test_a_vendor_lists_only_their_own_drafts"],
    ),
    Guard(
        name="collections: visitors do not see what is not for sale",
        file="src/luxewin/modules/catalog/repository/collections.py",
        guard="collections = _PUBLIC_COLLECTIONS if for_sale else _COLLECTIONS",
        gone="collections = _COLLECTIONS",
        tests=["tests/modules/storefront/test_reads.py::test_a_draft_in_a_collection_is_seen_by_staff_only"],
    ),
    Guard(
        name="storefront: what is not for sale is on no list",
        file="src/luxewin/modules/storefront/repository/products.py",
        guard='status = f" AND {IS_FOR_SALE.format(\'o\')}" if for_sale else ""\n    return await tx.fetch(',
        gone='status = ""\n    return await tx.fetch(',
        tests=[f"{TEST_CACHE}::test_a_product_withdrawn_before_it_is_read_is_left_out"],
    ),
    Guard(
        name="storefront: a failed write does not invalidate the cache",
        file="src/luxewin/modules/storefront/routes/read_your_writes.py",
        guard='if message["type"] == "http.response.start" and message["status"] < _FIRST_ERROR:',
        gone='if message["type"] == "http.response.start":',
        tests=["tests/modules/storefront/test_cached_reads.py::test_a_failed_write_does_not_invalidate_the_cache"],
    ),
    Guard(
        name="products of a suspended vendor are not listed",
        file="src/luxewin/modules/catalog/repository/sellables.py",
        guard=" AND {0}.vendor_status IS DISTINCT FROM 'suspended'",
        gone="",
        tests=[SUSPENDED],
    ),
    Guard(
        name="products of a suspended vendor cannot be bought",
        file="src/luxewin/modules/catalog/repository/sellables.py",
        guard="WHERE d.status IS DISTINCT FROM 'suspended'",
        gone="WHERE true",
        tests=[SUSPENDED],
    ),
    Guard(
        name="a filter by properties requires one value of each",
        file="src/luxewin/modules/storefront/repository/filtering.py",
        guard="count(DISTINCT w.number)",
        gone="count(w.number)",
        tests=["tests/modules/storefront/test_properties.py"],
    ),
    Guard(
        name="a price that is sent back as it was read changes no variant",
        file="src/luxewin/modules/catalog/service/described_variants.py",
        guard="default in {None, shown.price_minor}",
        gone="default is None",
        tests=["tests/modules/catalog/test_variants.py"],
    ),
    Guard(
        name="a comparison price that is sent back as it was read changes no variant",
        file="src/luxewin/modules/catalog/service/described_variants.py",
        guard="default == shown.compare_at_minor",
        gone="default is None",
        tests=["tests/modules/catalog/test_variants.py"],
    ),
    Guard(
        name="completions show no titles of suspended vendors",
        file="src/luxewin/modules/storefront/repository/search.py",
        guard="p.vendor_status = 'suspended' OFFSET 0)",
        gone="false OFFSET 0)",
        tests=[SUSPENDED],
    ),
    Guard(
        name="products of a suspended vendor are neither shown to other vendors nor stored by shared caches",
        file="src/luxewin/modules/storefront/service/listing.py",
        guard=' and row["vendor_status"] != VendorStatus.SUSPENDED',
        gone="",
        tests=[
            f"{SUSPENDED_FILE}::test_other_vendors_do_not_see_the_products_of_a_suspended_one",
            f"{SUSPENDED_FILE}::test_no_shared_cache_stores_the_product_of_a_suspended_vendor",
        ],
    ),
    Guard(
        name="the start page shows no products of suspended vendors",
        file="src/luxewin/pages/status_queries.py",
        guard="p.vendor_status IS DISTINCT FROM 'suspended'\"\n        \" ORDER BY",
        gone='true"\n        " ORDER BY',
        tests=[f"{SUSPENDED_FILE}::test_the_start_page_does_not_show_the_products_of_a_suspended_vendor"],
    ),
    Guard(
        name="a cart says that a seller is suspended",
        file="src/luxewin/modules/line_kinds/kinds/goods/kind.py",
        guard="is_of_suspended_vendor=id in suspended",
        gone="is_of_suspended_vendor=False",
        tests=["tests/modules/orders/test_suspended_vendors.py"],
    ),
    Guard(
        name="indexing again continues with the next products of a vendor",
        file="src/luxewin/modules/storefront/handlers.py",
        guard="        VendorPartlyIndexed.type: _continue_vendor,\n",
        gone="",
        tests=[f"{REINDEXING}::test_a_vendors_new_name_is_indexed_batch_by_batch"],
    ),
    Guard(
        name="indexing again continues with the next products of a category",
        file="src/luxewin/modules/storefront/handlers.py",
        guard="        CategoryPartlyIndexed.type: _continue_category,\n",
        gone="",
        tests=[f"{REINDEXING}::test_a_categorys_new_name_is_indexed_batch_by_batch"],
    ),
    Guard(
        name="an older event does not bring back older names of vendors and categories",
        file="src/luxewin/modules/storefront/service/indexing.py",
        guard="product | names.get(id_, {})",
        gone="product",
        tests=[f"{REINDEXING}::test_an_event_with_older_names_than_those_indexed_does_not_bring_them_back"],
    ),
)
