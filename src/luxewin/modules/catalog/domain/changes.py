"""Changes of products, row by row: the difference between the new content and the stored content."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from luxewin.modules.catalog.domain.extra import continues_selling
from luxewin.modules.catalog.domain.products import Content, Product, Variant


@dataclass(frozen=True, slots=True)
class PositionedVariant:
    """A variant with its id and its position among the product's variants."""

    id: UUID
    position: int
    variant: Variant


@dataclass(frozen=True, kw_only=True)
class Change:
    """The new content of a product, beside the product `before` (None: it is new).

    `variant_ids` are in the order of the content's variants; `lineage` holds the ids of its category and of all its
    ancestors. `category_path` and `vendor_name` are their names. `revived_ids` are deleted variants that are restored.
    """

    product_id: UUID
    before: Product | None
    content: Content
    variant_ids: tuple[UUID, ...]
    lineage: tuple[UUID, ...]
    category_path: str | None
    vendor_name: str | None
    revived_ids: frozenset[UUID] = frozenset()

    @property
    def version(self) -> int:
        """The version that the product will have."""
        return self.before.version + 1 if self.before else 1

    @cached_property
    def added(self) -> list[PositionedVariant]:
        """New variants."""
        return [each for each in self._new if each.id not in self._old and each.id not in self.revived_ids]

    @cached_property
    def revived(self) -> list[PositionedVariant]:
        """Deleted variants that are restored."""
        return [positioned for positioned in self._new if positioned.id in self.revived_ids]

    @cached_property
    def altered(self) -> list[PositionedVariant]:
        """Existing variants whose values or position change."""
        return [
            positioned for positioned in self._new if positioned.id in self._old and not self._is_as_before(positioned)
        ]

    @cached_property
    def policy_changes(self) -> dict[UUID, bool]:
        """Existing variants that begin, or cease, to be sold beyond their stock."""
        return {
            each.id: continues_selling(each.variant)
            for each in self.altered
            if continues_selling(each.variant) is not continues_selling(self._old[each.id].variant)
        }

    @cached_property
    def removed_ids(self) -> list[UUID]:
        """Variants that are removed."""
        remaining = set(self.variant_ids)
        return [variant_id for variant_id in self._old if variant_id not in remaining]

    @cached_property
    def skus_before(self) -> dict[str, UUID]:
        """The variants before the change, by SKU."""
        return {
            positioned.variant.sku: positioned.id
            for positioned in self._old.values()
            if positioned.variant.sku is not None
        }

    @cached_property
    def skus_after(self) -> dict[str, UUID]:
        """The variants after the change, by SKU."""
        return {positioned.variant.sku: positioned.id for positioned in self._new if positioned.variant.sku is not None}

    @cached_property
    def passed_on_keys(self) -> list[UUID]:
        """Variants whose option values go to another variant: they must be released before the other takes them."""
        after = {positioned.variant.key: positioned.id for positioned in self._new}
        old = ((each.variant.key, each.id) for each in self._old.values())
        return [variant_id for key, variant_id in old if after.get(key, variant_id) != variant_id]

    @property
    def left_categories(self) -> frozenset[UUID]:
        """Categories that the product leaves."""
        return frozenset(self.before.lineage if self.before else ()) - frozenset(self.lineage)

    @property
    def entered_categories(self) -> frozenset[UUID]:
        """Categories that the product enters."""
        return frozenset(self.lineage) - frozenset(self.before.lineage if self.before else ())

    @property
    def lost_tags(self) -> frozenset[str]:
        """Tag keys that the product loses."""
        return (self.before.content.tag_keys if self.before else frozenset()) - self.content.tag_keys

    @property
    def gained_tags(self) -> frozenset[str]:
        """Tag keys that the product gains."""
        return self.content.tag_keys - (self.before.content.tag_keys if self.before else frozenset())

    @property
    def lost_properties(self) -> frozenset[str]:
        """Property keys that the product loses."""
        return (self.before.content.property_keys if self.before else frozenset()) - self.content.property_keys

    @property
    def gained_properties(self) -> frozenset[str]:
        """Property keys that the product gains."""
        return self.content.property_keys - (self.before.content.property_keys if self.before else frozenset())

    @cached_property
    def _new(self) -> list[PositionedVariant]:
        pairs = zip(self.variant_ids, self.content.variants, strict=True)
        return [
            PositionedVariant(variant_id, position, variant) for position, (variant_id, variant) in enumerate(pairs)
        ]

    @cached_property
    def _old(self) -> Mapping[UUID, PositionedVariant]:
        if self.before is None:
            return {}
        pairs = zip(self.before.variant_ids, self.before.content.variants, strict=True)
        return {id_: PositionedVariant(id_, position, variant) for position, (id_, variant) in enumerate(pairs)}

    def _is_as_before(self, positioned: PositionedVariant) -> bool:
        assert self.before is not None
        names = [option.name for option in self.content.options]
        return positioned == self._old[positioned.id] and names == [
            option.name for option in self.before.content.options
        ]


def passed_on_skus(changes: Sequence[Change]) -> list[UUID]:
    """Return the variants whose SKU goes to another variant: it must be released before the other takes it."""
    after = {sku: owner for change in changes for sku, owner in change.skus_after.items()}
    before = {sku: owner for change in changes for sku, owner in change.skus_before.items()}
    return [owner for sku, owner in before.items() if after.get(sku, owner) != owner]


def given_up_skus(changes: Iterable[Change]) -> set[UUID]:
    """Return the variants that lose their current SKU."""
    return {
        owner for change in changes for sku, owner in change.skus_before.items() if change.skus_after.get(sku) != owner
    }


def taken_skus(change: Change, owners: Mapping[str, tuple[UUID, str]], given_up: Collection[UUID]) -> dict[str, str]:
    """Return the SKUs of a change that belong to other products, with the slugs of these products."""
    own = {*change.variant_ids, *change.skus_before.values()}
    held = {sku: owners[sku] for sku in change.skus_after if sku in owners}
    return {sku: slug for sku, (owner, slug) in held.items() if owner not in own and owner not in given_up}
