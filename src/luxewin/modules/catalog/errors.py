"""What the catalogue refuses."""

from luxewin.kit.errors import Conflict, Forbidden, InvalidInput, NotFound


class ProductUnknown(NotFound):
    """No such product, or not the caller's."""


class VariantUnknown(NotFound):
    """No such variant of this product."""


class CategoryUnknown(NotFound):
    """No such category."""


class CollectionUnknown(NotFound):
    """No such collection."""


class ProductTypeUnknown(NotFound):
    """No such product type."""


class ImportUnknown(NotFound):
    """No such import."""


class ProductInvalid(InvalidInput):
    """What the product says of itself does not fit together."""

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
    """A product names a category that does not exist, and the caller may not make one."""

    code = "catalog.category_not_found"
    title = "The category does not exist"


class CategoryAmbiguous(InvalidInput):
    """Several categories have this name."""

    code = "catalog.category_ambiguous"
    title = "Several categories have this name; give the path instead"


class CategoryInvalid(InvalidInput):
    """A category's name or place in the tree is out of bounds."""

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
    """Only staff decide to whom a product belongs."""

    code = "catalog.not_yours_to_set"
    title = "Only staff of the shop may set this field"


class SlugTaken(Conflict):
    """Two products, or two categories, of one tenant may not share an address."""

    code = "catalog.slug_taken"
    title = "This slug is already in use; choose another one"


class SkuTaken(Conflict):
    """A stock-keeping unit stands for one variant."""

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
    """The product has several variants, and the request does not say which one it means."""

    code = "catalog.variant_ambiguous"
    title = "The product has several variants; give a `variant_id`"


class StockCounted(Conflict):
    """What is counted stays counted: a number can be corrected, not forgotten."""

    code = "catalog.stock_counted"
    title = "This variant has a counted stock level; give a number"


class CategoryInUse(Conflict):
    """A category that holds products or other categories stays."""

    code = "catalog.category_in_use"
    title = "The category still has products or subcategories"


class ProductTypeInUse(Conflict):
    """Products rely on the attributes of their type."""

    code = "catalog.product_type_in_use"
    title = "Products of this type exist and use its attributes"


class CatalogueMoved(Conflict):
    """Somebody else changed the same thing at the same moment."""

    code = "catalog.contended"
    title = "Another request changed this object at the same time; try again"
    retriable = True


class ImportTakenOver(Conflict):
    """Another worker has taken the import over; this one must stop."""

    code = "catalog.import_taken_over"
    title = "Another worker processes this import"


class ImportBroken(Conflict):
    """The import stumbled over a defect of the program; what was brought in before stays."""

    code = "catalog.import_broken"
    title = "The import stopped because of an internal error; a part of the file is imported"


class ImportAborted(Conflict):
    """The file has errors, and nothing of such a file was to come in."""

    code = "catalog.import_aborted"
    title = "The file has errors, so nothing was imported; see the errors of the import"


class ImportNotUndoable(Conflict):
    """Taking the import back would lose something, or there is nothing to take back; `reason` says which.

    not_finished, nothing_changed, undone, not_last, changed_since, stock_sold, category_gone, forgotten.
    """

    code = "catalog.import_not_undoable"
    title = "This import cannot be undone"
