"""The field table agrees with what cannot be derived from it: attributes, tables and schemas."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from luxewin.modules.catalog.domain.fields import PRODUCT_FIELDS, VARIANT_FIELDS, Field, ProductBase, VariantBase
from luxewin.modules.catalog.models.products import products
from luxewin.modules.catalog.models.variants import variants
from luxewin.modules.catalog.repository.products import PRODUCT_COLUMNS, VARIANT_COLUMNS
from luxewin.modules.catalog.schemas.product_views import ProductView, VariantView
from luxewin.modules.catalog.schemas.products import ProductBody, ProductPatch, VariantBody, VariantPatch

TABLES = [(PRODUCT_FIELDS, ProductBase), (VARIANT_FIELDS, VariantBase)]
FILLED_IN_SQL = {"tenant_id", "currency", "created_at", "updated_at", "deleted_at"}


@pytest.mark.parametrize(("declared", "base"), TABLES)
def test_each_field_is_an_attribute_with_its_default(declared: Sequence[Field], base: type) -> None:
    attributes = {each.name: each.default for each in fields(base)}
    assert [field.name for field in declared] == list(attributes)
    assert {field.name: field.default for field in declared if not field.is_required} == {
        field.name: attributes[field.name] for field in declared if not field.is_required
    }


@pytest.mark.parametrize(("columns", "table"), [(PRODUCT_COLUMNS, products), (VARIANT_COLUMNS, variants)])
def test_the_columns_that_are_written_are_those_of_the_models(columns: Mapping[str, str], table: Table) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its dialects untyped
    declared = {
        column.name: column.type.compile(dialect=dialect).partition(" ")[0].lower()
        for column in table.columns
        if column.name not in FILLED_IN_SQL
    }
    assert dict(columns) == declared


@pytest.mark.parametrize(("declared", "table"), [(PRODUCT_FIELDS, products), (VARIANT_FIELDS, variants)])
def test_a_column_is_nullable_if_its_default_is_null(declared: Sequence[Field], table: Table) -> None:
    for field in declared:
        assert table.columns[field.name].nullable is (field.default is None and not field.is_required), field.name


@pytest.mark.parametrize("body", [VariantBody, VariantPatch])
def test_the_api_accepts_the_fields_that_are_accepted_and_no_others(body: type[VariantBody]) -> None:
    accepted = {field.api_name for field in VARIANT_FIELDS if field.is_public}
    assert accepted == body.model_fields.keys() - {"options", "stock"}


def test_the_api_returns_the_fields_that_are_public_and_no_others() -> None:
    public = {field.api_name for field in VARIANT_FIELDS if field.is_public}
    assert public == VariantView.model_fields.keys() - {"id", "options", "stock", "in_stock"}
    assert {field.api_name for field in PRODUCT_FIELDS if field.is_public} <= ProductView.model_fields.keys()
    for body in (ProductBody, ProductPatch):
        assert {field.api_name for field in PRODUCT_FIELDS if field.is_public} <= body.model_fields.keys()


def test_no_two_fields_share_a_name() -> None:
    every = [*PRODUCT_FIELDS, *VARIANT_FIELDS]
    columns = [name.casefold() for field in every for name in field.columns]
    assert len(set(columns)) == len(columns)
    for table in (PRODUCT_FIELDS, VARIANT_FIELDS):
        for names in ([field.api_name for field in table], [field.jsonl_name for field in table]):
            assert len(set(names)) == len(names)
