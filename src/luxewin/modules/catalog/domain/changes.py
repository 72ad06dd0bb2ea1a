"""What a change of a product amounts to, row by row: the difference between what it says and what it said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from luxewin.modules.catalog.domain.products import Content, Product, Variant


@dataclass(frozen=True, slots=True)
class PlacedVariant:
    """A variant with its id and its place among its siblings."""

    id: UUID
    position: int
    variant: Variant


@dataclass(frozen=True, kw_only=True)
class Change:
    """A product as it shall be, beside the product as it was (None: it is new).

    `variant_ids` stand in the order of the content's variants; `lineage` holds the ids of its category and of all
    categories above. `category_path` and `vendor_name` are what readers see of the two. `revived_ids` are variants that
    were taken away once and come back.
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
    def added(self) -> list[PlacedVariant]:
        """Variants that were never there before."""
        return [each for each in self._wanted if each.id not in self._known and each.id not in self.revived_ids]

    @cached_property
    def revived(self) -> list[PlacedVariant]:
        """Variants that were there once, and are again."""
        return [placed for placed in self._wanted if placed.id in self.revived_ids]

    @cached_property
    def altered(self) -> list[PlacedVariant]:
        """Variants that say something else than before, or stand elsewhere."""
        return [placed for placed in self._wanted if placed.id in self._known and not self._is_as_before(placed)]

    @cached_property
    def removed_ids(self) -> list[UUID]:
        """Variants that are there no longer."""
        kept = set(self.variant_ids)
        return [variant_id for variant_id in self._known if variant_id not in kept]

    @cached_property
    def skus_before(self) -> dict[str, UUID]:
        """The SKUs that its variants had, and whose they were."""
        return {placed.variant.sku: placed.id for placed in self._known.values() if placed.variant.sku is not None}

    @cached_property
    def skus_after(self) -> dict[str, UUID]:
        """The SKUs that its variants shall have, and whose they will be."""
        return {placed.variant.sku: placed.id for placed in self._wanted if placed.variant.sku is not None}

    @property
    def left_categories(self) -> frozenset[UUID]:
        """Categories that the product no longer stands in."""
        return frozenset(self.before.lineage if self.before else ()) - frozenset(self.lineage)

    @property
    def entered_categories(self) -> frozenset[UUID]:
        """Categories that the product newly stands in."""
        return frozenset(self.lineage) - frozenset(self.before.lineage if self.before else ())

    @property
    def lost_tags(self) -> frozenset[str]:
        """Tag keys that the product no longer has."""
        return (self.before.content.tag_keys if self.before else frozenset()) - self.content.tag_keys

    @property
    def gained_tags(self) -> frozenset[str]:
        """Tag keys that the product newly has."""
        return self.content.tag_keys - (self.before.content.tag_keys if self.before else frozenset())

    @cached_property
    def _wanted(self) -> list[PlacedVariant]:
        pairs = zip(self.variant_ids, self.content.variants, strict=True)
        return [PlacedVariant(variant_id, place, variant) for place, (variant_id, variant) in enumerate(pairs)]

    @cached_property
    def _known(self) -> Mapping[UUID, PlacedVariant]:
        if self.before is None:
            return {}
        pairs = zip(self.before.variant_ids, self.before.content.variants, strict=True)
        return {id_: PlacedVariant(id_, place, variant) for place, (id_, variant) in enumerate(pairs)}

    def _is_as_before(self, placed: PlacedVariant) -> bool:
        assert self.before is not None
        names = [option.name for option in self.content.options]
        return placed == self._known[placed.id] and names == [option.name for option in self.before.content.options]


def passed_on_skus(changes: Sequence[Change]) -> list[UUID]:
    """Return the variants whose SKU goes to another one: it must be free before the other can take it."""
    after = {sku: owner for change in changes for sku, owner in change.skus_after.items()}
    before = {sku: owner for change in changes for sku, owner in change.skus_before.items()}
    return [owner for sku, owner in before.items() if after.get(sku, owner) != owner]


def given_up_skus(changes: Iterable[Change]) -> set[UUID]:
    """Return the variants that will no longer have the SKU they have."""
    return {
        owner for change in changes for sku, owner in change.skus_before.items() if change.skus_after.get(sku) != owner
    }


def taken_skus(change: Change, owners: Mapping[str, tuple[UUID, str]], given_up: Collection[UUID]) -> dict[str, str]:
    """Return the SKUs that a product wants and another one keeps, each with that one's slug."""
    own = {*change.variant_ids, *change.skus_before.values()}
    held = {sku: owners[sku] for sku in change.skus_after if sku in owners}
    return {sku: slug for sku, (owner, slug) in held.items() if owner not in own and owner not in given_up}
