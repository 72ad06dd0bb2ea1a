"""The errors of the catalogue."""

from luxewin.kit.errors import Conflict, Forbidden, InvalidInput, NotFound


class ProductUnknown(NotFound):
    """There is no such product, or it does not belong to the caller."""


class VariantUnknown(NotFound):
    """No such variant of this product."""


class CategoryUnknown(NotFound):
    """No such category."""


class CollectionUnknown(NotFound):
    """No such collection."""


class ProductTypeUnknown(NotFound):
    """No such product type."""


class ProductInvalid(InvalidInput):
    """The parts of the product do not fit together."""

    code = "catalog.product_invalid"
    title = "The values of the product contradict each other"


class AttributeInvalid(InvalidInput):
    """An attribute is missing, unknown to the product's type, or of another kind."""

    code = "catalog.attribute_invalid"
    title = "The attributes do not match those of the product type"


class CurrencyNotSold(InvalidInput):
    """Prices are in the tenant's currency."""

    code = "catalog.currency_not_sold"
    title = "Prices must be in the currency of the shop"


class CategoryNotFound(InvalidInput):
    """A product names a category that does not exist, and the caller may not create one."""

    code = "catalog.category_not_found"
    title = "The category does not exist"


class CategoryAmbiguous(InvalidInput):
    """Several categories have this name."""

    code = "catalog.category_ambiguous"
    title = "Several categories have this name; give the path instead"


class CategoryInvalid(InvalidInput):
    """The name of a category, or its position in the tree, is not allowed."""

    code = "catalog.category_invalid"
    title = "The category cannot have this name or parent"


class CollectionInvalid(InvalidInput):
    """A collection names products that do not exist, or one of them twice."""

    code = "catalog.collection_invalid"
    title = "The collection contains products that do not exist"


class VendorNotFound(InvalidInput):
    """A product names a vendor that does not exist."""

    code = "catalog.vendor_not_found"
    title = "The vendor does not exist"


class ProductTypeNotFound(InvalidInput):
    """A product names a product type that does not exist."""

    code = "catalog.product_type_not_found"
    title = "The product type does not exist"


class NotAVendor(Forbidden):
    """The account has a vendor's role, but is a member of no vendor."""

    code = "catalog.not_a_vendor"
    title = "This account is not a member of a vendor; ask the staff of the shop to add it"


class NotYoursToSet(Forbidden):
    """Only staff may set the vendor of a product."""

    code = "catalog.not_yours_to_set"
    title = "Only staff of the shop may set this field"


class SlugTaken(Conflict):
    """Two products, or two categories, of one tenant may not share an address."""

    code = "catalog.slug_taken"
    title = "This slug is already in use; choose another one"


class SkuTaken(Conflict):
    """Another variant has the SKU; each variant has its own."""

    code = "catalog.sku_taken"
    title = "Another variant already has this SKU"


class NameTaken(Conflict):
    """Two siblings may not share a name."""

    code = "catalog.name_taken"
    title = "This name is already in use; choose another one"


class VariantExists(Conflict):
    """Two variants of a product may not have the same options."""

    code = "catalog.variant_exists"
    title = "The product already has a variant with these options"


class LastVariant(Conflict):
    """A product has at least one variant."""

    code = "catalog.last_variant"
    title = "This is the product's last variant; delete the product instead"


class VariantAmbiguous(Conflict):
    """The product has several variants, and the request names none of them."""

    code = "catalog.variant_ambiguous"
    title = "The product has several variants; give the `variant_id` of one of `variants`"


class StockCounted(Conflict):
    """Stock tracking of a variant with a counted stock level cannot be disabled."""

    code = "catalog.stock_counted"
    title = "This variant has a counted stock level; give a number"


class StockedVariantsDropped(Conflict):
    """A list of variants would drop variants that have stock, or that orders have reserved.

    `variants` names them, with their stock.
    """

    code = "catalog.stocked_variants_dropped"
    title = "The list of variants leaves out variants that have stock or open orders"


class CategoryInUse(Conflict):
    """A category that contains products or other categories cannot be deleted."""

    code = "catalog.category_in_use"
    title = "The category still has products or subcategories"


class ProductTypeInUse(Conflict):
    """Products use the attributes of this type."""

    code = "catalog.product_type_in_use"
    title = "Products of this type exist and use its attributes"


class CatalogueMoved(Conflict):
    """Another transaction changed the same object at the same time."""

    code = "catalog.contended"
    title = "Another request changed this object at the same time; try again"
    retriable = True
