"""Access to products: staff may change all products, a vendor only its own."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.products import Product, VendorName
from luxewin.modules.catalog.errors import CatalogueMoved, NotAVendor, NotYoursToSet, ProductUnknown, VendorNotFound
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.vendors import public as vendors


async def own_product(tx: Transaction, product_id: UUID) -> Product:
    """Return a product that the caller may change.

    Raises:
        ProductUnknown: there is no such product, or it belongs to another vendor.
    """
    product = (await repository.products_by_id(tx, [product_id])).get(product_id)
    if product is None:
        raise ProductUnknown
    if not tx.principal.is_staff and product.content.vendor_id != await _own_vendor(tx):
        raise ProductUnknown
    return product


async def must_be_current(tx: Transaction, product: Product) -> None:
    """Check that a product is unchanged since it was read, and keep others from changing it in this transaction.

    Call it after the stock has been locked: every other write locks the product after the stock.

    Raises:
        CatalogueMoved: another transaction has changed it.
    """
    if await repository.lock_version(tx, product.id) != product.version:
        raise CatalogueMoved


async def vendor_for(tx: Transaction, wanted: UUID | None) -> VendorName | None:
    """Return the vendor for a product: staff may request any vendor; a vendor's products always belong to the vendor.

    Raises:
        VendorNotFound: staff named a vendor that does not exist.
        NotYoursToSet: a vendor named another one.
        NotAVendor: the caller has a vendor's role, but is not a member of any vendor.
    """
    if not tx.principal.is_staff:
        own = await _own_vendor(tx)
        if wanted not in {None, own}:
            raise NotYoursToSet
        wanted = own
    if wanted is None:
        return None
    vendor = (await vendors.find_vendors(tx, [wanted])).get(wanted)
    if vendor is None:
        raise VendorNotFound(pointer="/vendor_id")
    return VendorName(id=vendor.id, name=vendor.name)


async def _own_vendor(tx: Transaction) -> UUID:
    user_id = tx.principal.user_id
    vendor_id = await vendors.vendor_of(tx, user_id) if user_id else None
    if vendor_id is None:
        raise NotAVendor
    return vendor_id
