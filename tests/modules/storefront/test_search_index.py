"""Products for sale, and only these, can be found by their words within their tenant."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from luxewin.kit.access import ANONYMOUS, SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog.events import ProductChanged, ProductCreated, ProductDeleted
from luxewin.modules.storefront.repository.search import titles_with_prefix
from luxewin.modules.storefront.service.matching import QueryMatch, match_query
from tests.conftest import TestDatabase
from tests.modules.storefront.events import created, deliver, deliver_batch, settle


async def match(database: Database, tenant: Tenancy, query: str) -> QueryMatch:
    async with database.begin(tenant, ANONYMOUS) as tx:
        return await match_query(tx, query)


async def found(database: Database, tenant: Tenancy, query: str) -> Sequence[UUID]:
    return (await match(database, tenant, query)).hits.products


def deleted(event: ProductCreated, *, version: int) -> ProductDeleted:
    return ProductDeleted(aggregate_id=event.aggregate_id, aggregate_version=version, slug=event.slug, variant_ids=())


def changed(event: ProductCreated, *, version: int, **changes: object) -> ProductChanged:
    values = {
        name: getattr(event, name) for name in event.__dataclass_fields__ if name not in {"type", "schema_version"}
    }
    return ProductChanged(**{**values, "aggregate_version": version, **changes})


@pytest.mark.parametrize(
    "query",
    ["oslo", "OSLO chair", "chairs", "lounge oslo", "oslo lou", "wool", "Örebro", "orebro", "seating", "nordlys",
     "OSLO-OAK", "reclining", "the oslo chair for the", "grey"],
)  # fmt: skip
async def test_a_product_is_found_by_any_of_its_words_inflected_or_begun(
    query: str, database: Database, tenant: Tenancy
) -> None:
    chair = created(
        "Oslo Lounge Chair",
        description="It reclines. Made in Örebro.",
        tags=("wool",),
        category_path="Living Room/Seating",
        vendor_name="Nordlys Interiors",
        skus=("OSLO-OAK",),
        options=("Grey", "Moss"),
    )
    await deliver(database, tenant, chair)
    assert await found(database, tenant, query) == [chair.aggregate_id]


@pytest.mark.parametrize(
    "query", ["oslo table", "slo", "%", "_", "' OR true --", "oslo & !chair", "", "   ", "\\", "''"]
)
async def test_a_product_that_does_not_match_every_word_is_not_found(
    query: str, database: Database, tenant: Tenancy
) -> None:
    await deliver(database, tenant, created("Oslo Lounge Seat", skus=("S-1",)))
    assert await found(database, tenant, query) == ()


async def test_the_longest_texts_can_be_found_by_how_they_begin(database: Database, tenant: Tenancy) -> None:
    endless = created(
        "Oslo " + "\ufdfa" * 250,  # a single character that folds to four words
        description=" ".join(f"{number}x" + "\U00010330" * 30 for number in range(20_000)),  # four bytes each
        tags=tuple(f"tag {number}{'x' * 190}" for number in range(250)),
        skus=tuple(f"S-{number}" for number in range(2_000)),
    )
    await deliver(database, tenant, endless)
    assert await found(database, tenant, "oslo") == [endless.aggregate_id]


async def test_a_word_in_the_name_weighs_more_than_one_in_the_description(database: Database, tenant: Tenancy) -> None:
    mentioned = created("Rug", description="Goes well with a lamp")
    named = created("Brass Lamp", description="Shines")
    await deliver(database, tenant, named, mentioned)
    assert await found(database, tenant, "lamp") == [named.aggregate_id, mentioned.aggregate_id]


@pytest.mark.parametrize(
    ("query", "corrected"), [("chiar", "chair"), ("leathr chair", "leather chair"), ("lether chairr", "leather chair")]
)
async def test_misspellings_are_corrected_if_nothing_matches_as_written(
    query: str, corrected: str, database: Database, tenant: Tenancy
) -> None:
    chair = created("Leather Chair")
    await deliver(database, tenant, chair, created("Chic Candle"))
    meaning = await match(database, tenant, query)
    assert meaning.hits.products == [chair.aggregate_id]
    assert meaning.corrected == corrected


async def test_a_query_with_results_is_not_corrected(database: Database, tenant: Tenancy) -> None:
    await deliver(database, tenant, created("Chair"), created("Chain"))
    assert (await match(database, tenant, "chain")).corrected is None


async def test_one_or_two_letters_find_whole_words_or_else_the_beginnings_of_names(
    database: Database, tenant: Tenancy
) -> None:
    stand, table = created("Stand for a TV"), created("Table")
    await deliver(database, tenant, stand, table)
    assert await found(database, tenant, "tv") == [stand.aggregate_id]
    assert await found(database, tenant, "ta") == [table.aggregate_id]
    assert await found(database, tenant, "bl") == ()


async def test_a_changed_product_is_found_by_its_new_words_only(database: Database, tenant: Tenancy) -> None:
    chair = created("Oslo Chair")
    await deliver(database, tenant, chair, changed(chair, version=2, name="Bergen Chair"))
    assert await found(database, tenant, "oslo") == ()
    assert await found(database, tenant, "bergen") == [chair.aggregate_id]


@pytest.mark.parametrize("status", ["draft", "archived"])
async def test_a_product_that_is_not_for_sale_is_not_found(status: str, database: Database, tenant: Tenancy) -> None:
    chair = created("Oslo Chair")
    await deliver(database, tenant, chair, changed(chair, version=2, status=status))
    assert await found(database, tenant, "oslo") == ()
    await deliver(database, tenant, changed(chair, version=3))
    assert await found(database, tenant, "oslo") == [chair.aggregate_id]


async def test_an_older_fact_changes_nothing_and_brings_no_deleted_product_back(
    database: Database, tenant: Tenancy
) -> None:
    chair = created("Oslo Chair")
    renamed = changed(chair, version=2, name="Bergen Chair")
    await deliver(database, tenant, chair, renamed, chair, renamed)
    assert await found(database, tenant, "oslo") == ()
    await deliver(database, tenant, deleted(chair, version=3), renamed, chair)
    assert await found(database, tenant, "bergen") == ()


async def test_names_that_begin_like_the_query_are_suggested(
    database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    gone = created("Oslo Bench")
    await deliver(database, tenant, created("Oslo Chair"), created("Oslo Table"), created("Chair Oslo"), gone)
    await deliver(database, tenant, deleted(gone, version=2))
    await deliver(database, other_tenant, created("Oslo Secret"))
    async with database.begin(tenant, ANONYMOUS) as tx:
        assert await titles_with_prefix(tx, "oslo") == ["Oslo Chair", "Oslo Table"]


@pytest.mark.parametrize("query", ["zanzibar", "zanz", "zanzibra", "canary", "za", "lamp"])
async def test_a_canary_of_one_tenant_is_never_found_by_another(
    query: str, database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    canary = created("Zanzibar Lamp", description="A canary sings here", tags=("canary",))
    await deliver(database, tenant, canary)
    ours = created("Lamp")
    await deliver(database, other_tenant, ours)
    assert (await found(database, tenant, query)) == [canary.aggregate_id]
    hits = (await match(database, other_tenant, query)).hits
    assert set(hits.products) <= {ours.aggregate_id}
    assert "zanzibar" not in hits.similar_words


async def test_without_a_tenant_nothing_is_found(
    database: Database, tenant: Tenancy, test_database: TestDatabase
) -> None:
    await deliver(database, tenant, created("Zanzibar Lamp"))
    connection = await asyncpg.connect(**test_database.role("app"))
    try:
        row = await connection.fetchrow("SELECT * FROM storefront_search('{zanzibar}', 10)")
    finally:
        await connection.close()
    assert row is not None
    assert set(row.values()) == {None}


async def test_the_tenants_lexeme_cannot_be_searched_for(
    database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    await deliver(database, tenant, created("Zanzibar Lamp"))
    async with database.begin(other_tenant, ANONYMOUS) as tx:
        for term in (f"@{tenant.id}", f"@{tenant.id}' | 'lamp", str(tenant.id)):
            row = await tx.fetchrow("SELECT * FROM storefront_search($1, 10)", [term])
            assert row is not None
            assert row["products"] is None


async def test_the_role_that_bypasses_the_policy_reads_one_table_owns_one_function_and_has_no_members(
    test_database: TestDatabase,
) -> None:
    connection = await asyncpg.connect(**test_database.owner)
    try:
        role = await connection.fetchrow(
            "SELECT oid, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
            " WHERE rolname = 'luxewin_search'"
        )
        assert role is not None
        assert set(tuple(role)[1:]) == {False}
        rights = await connection.fetch(
            "SELECT c.relname, a.privilege_type FROM pg_class c CROSS JOIN aclexplode(c.relacl) a WHERE a.grantee = $1",
            role["oid"],
        )
        assert [tuple(right) for right in rights] == [("storefront_search", "SELECT")]
        functions = await connection.fetch(
            "SELECT proname, prosecdef, proconfig[1], has_function_privilege('luxewin_app', oid, 'EXECUTE'),"
            " EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0) FROM pg_proc WHERE proowner = $1",
            role["oid"],
        )
        assert [tuple(function) for function in functions] == [
            ("storefront_search", True, "search_path=public, pg_temp", True, False)
        ]
        assert await connection.fetch("SELECT FROM pg_class WHERE relowner = $1", role["oid"]) == []
        assert await connection.fetch("SELECT FROM pg_auth_members WHERE roleid = $1", role["oid"]) == []
        assert not await connection.fetchval("SELECT has_schema_privilege($1::oid, 'public', 'CREATE')", role["oid"])
    finally:
        await connection.close()


async def test_the_application_itself_reads_only_its_own_tenants_rows_of_the_index(
    database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    await deliver(database, tenant, created("Zanzibar Lamp"))
    async with database.begin(other_tenant, ANONYMOUS) as tx:
        assert await tx.fetchval("SELECT count(*) FROM storefront_search") == 0
        changes = await tx.connection.execute("UPDATE storefront_search SET title = 'ours'")
    assert changes == "UPDATE 0"


async def test_events_in_one_batch_have_the_effect_of_the_last_of_each_product(
    database: Database, tenant: Tenancy
) -> None:
    remaining, gone, hidden = created("Oslo Chair"), created("Bergen Chair"), created("Turku Chair")
    events = [
        *(remaining, gone, hidden),
        changed(remaining, version=2, name="Oslo Sofa"),
        deleted(gone, version=2),
        changed(hidden, version=2, status="draft"),
    ]
    await deliver_batch(database, tenant, *events)
    assert await found(database, tenant, "sofa") == [remaining.aggregate_id]
    assert not await found(database, tenant, "chair")
    await deliver_batch(database, tenant, remaining, gone)
    assert not await found(database, tenant, "chair"), "older events change nothing"


async def test_the_index_of_an_imported_catalogue_equals_its_source(database: Database, tenant: Tenancy) -> None:
    names = [f"Piece number {number}" for number in range(700)]
    events = [created(name, tags=("all",)) for name in names]
    async with database.begin(tenant, SYSTEM) as tx:
        tx.publish(*events)
    await settle(database, tenant)
    async with database.begin(tenant, SYSTEM) as tx:
        rows = await tx.fetch("SELECT product_id, title, product_version FROM storefront_search")
    assert {tuple(row) for row in rows} == {(event.aggregate_id, event.name, 1) for event in events}
