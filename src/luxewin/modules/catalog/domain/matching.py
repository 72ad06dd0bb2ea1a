"""Recognising the variants of a product in a list of described variants.

A variant that is recognised keeps its id, and with it its stock, reservations, places in carts, and history.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.modules.catalog.domain.names import option_key, single_spaced
from luxewin.modules.catalog.domain.products import Option, Product, Variant
from luxewin.modules.catalog.errors import ProductInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedVariant:
    """What identifies a described variant: its id or its SKU, if it has them, and its option values in order."""

    id: UUID | None = None
    sku: str | None = None
    values: tuple[str, ...] = ()


def match_variants(
    wanted: Sequence[WantedVariant], names: Sequence[str], before: Product | None
) -> tuple[UUID | None, ...]:
    """Return the id of the stored variant that each described variant is, None if it is a new one.

    A variant is recognised by its id, else by its SKU, else by the values of its options `names`, whose spelling does
    not count. If the options were renamed, their order counts. A stored variant is recognised once.

    Raises:
        ProductInvalid: an id is not the id of a variant of this product, or occurs twice.
    """
    if before is None:
        stored: dict[UUID, Variant] = {}
        old_names: list[str] = []
    else:
        stored = dict(zip(before.variant_ids, before.content.variants, strict=True))
        old_names = [option.name for option in before.content.options]
    _ids_must_be_known([each.id for each in wanted if each.id is not None], stored)
    found: dict[int, UUID] = {index: each.id for index, each in enumerate(wanted) if each.id is not None}
    for old_key, new_key in _keys(old_names, names):
        taken = set(found.values())
        free: dict[Hashable, UUID] = {}
        for variant_id, variant in stored.items():
            key = old_key(WantedVariant(sku=variant.sku, values=variant.values))
            if variant_id not in taken and key is not None:
                free.setdefault(key, variant_id)
        for index, each in enumerate(wanted):
            key = new_key(each)
            if index not in found and key is not None and key in free:
                found[index] = free.pop(key)
    return tuple(found.get(index) for index in range(len(wanted)))


def with_known_spellings(
    variants: Sequence[Variant], known: Sequence[Variant | None], names: Sequence[str], declared: Iterable[Option] = ()
) -> list[Variant]:
    """Return the variants with one spelling of each option value: the declared one, or the first one.

    `known` are the stored variants that they are: values that stay as they are stored keep their spelling.
    """
    spellings: dict[tuple[int, str], str] = {}
    positions = {option_key(name): position for position, name in enumerate(names)}
    for option in declared:
        position = positions.get(option_key(option.name), -1)
        for value in option.values:
            spellings.setdefault((position, option_key(value)), value)
    spelled = []
    for variant, stored in zip(variants, known, strict=True):
        values = tuple(
            spellings.setdefault((position, option_key(value)), value)
            if stored is None or value not in stored.values
            else value
            for position, value in enumerate(variant.values)
        )
        spelled.append(replace(variant, values=values))
    return spelled


def must_be_distinct(variants: Sequence[Variant], known: Collection[Variant]) -> None:
    """Check that no two variants have option values that differ only in spelling, except stored ones.

    Raises:
        ProductInvalid: two variants have the same options.
    """
    counts = Counter(tuple(map(option_key, variant.values)) for variant in variants)
    stored = {variant.values for variant in known}
    for variant in variants:
        if counts[tuple(map(option_key, variant.values))] > 1 and variant.values not in stored:
            label = " / ".join(variant.values)
            raise ProductInvalid(f"Two variants have the same options: {label}", pointer="/variants")


_Key = Callable[[WantedVariant], Hashable | None]


def _keys(old_names: Sequence[str], names: Sequence[str]) -> list[tuple[_Key, _Key]]:
    """Return the ways to recognise a variant, the best first: the keys of stored and of described variants."""
    ways: list[tuple[_Key, _Key]] = [(_sku, _sku)]
    if set(map(option_key, old_names)) == set(map(option_key, names)):
        ways.append((_named(old_names, str), _named(names, str)))
        ways.append((_named(old_names, option_key), _named(names, option_key)))
    else:
        ways.append((_in_order, _in_order))
    return ways


def _sku(variant: WantedVariant) -> Hashable | None:
    return None if variant.sku is None else single_spaced(variant.sku)


def _named(names: Sequence[str], spelling: Callable[[str], str]) -> _Key:
    keys = [option_key(name) for name in names]
    return lambda variant: frozenset(zip(keys, map(spelling, variant.values), strict=True))


def _in_order(variant: WantedVariant) -> Hashable | None:
    return tuple(map(option_key, variant.values))


def _ids_must_be_known(ids: Sequence[UUID], stored: Mapping[UUID, Variant]) -> None:
    for variant_id in ids:
        if variant_id not in stored:
            raise ProductInvalid(
                f"The product has no variant {variant_id}; leave `id` out to add a variant", pointer="/variants"
            )
    if len(set(ids)) < len(ids):
        raise ProductInvalid("Two variants have the same id", pointer="/variants")
