"""The tables of inventory.

Invariants that the tables themselves enforce: the stock on hand is never negative, no more is reserved than is on hand
plus the backorder limit, movements are only added, and a reservation that has ended is never changed.

The view `inventory_v_availability` gives two numbers: `available` is the number of units that can be sold, and `stock`
is the same without the backorder limit: the units that are on hand and not reserved, negative if more are sold.

A trigger keeps `inventory_variants.in_stock` up to date and writes the event `AvailabilityChanged`. A use case cannot
decide this from an earlier read: if two buyers both read "two left" and take one each, neither would notice that the
last unit is gone. The trigger sees the row before and after the change, under its lock. It runs only when the
availability of one location crosses zero (its WHEN clause costs nothing otherwise), so it does not serialise writers of
a hot variant. It then locks the row of the variant, reads all locations again, and numbers the event with the version
of that row: the events of one variant are ordered and do not repeat, even if its last two locations run empty at the
same time.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Computed, Text, Uuid, text

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique

locations = tenant_table(
    "inventory_locations",
    Column("id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_default", Boolean, nullable=False),
    timestamp("created_at"),
    unique("code"),
    app="SELECT, INSERT",
)
index("inventory_locations_default_idx", unique=True, postgresql_where=text("is_default"))

variants = tenant_table(
    "inventory_variants",
    Column("variant_id", Uuid, nullable=False),
    Column("tracked", Boolean, nullable=False),
    Column("in_stock", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("tracked OR in_stock", name="untracked_is_in_stock"),
    CheckConstraint("version > 0", name="version"),
    key=("variant_id",),
    app="SELECT, INSERT, UPDATE (tracked, in_stock, version)",
    system="SELECT",
)
index("inventory_variants_sold_out_idx", variants.c.variant_id, postgresql_where=text("NOT in_stock"))

stock = tenant_table(
    "inventory_stock",
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("backorder_limit", BigInteger, nullable=False),
    Column("available", BigInteger, Computed("on_hand - reserved + backorder_limit", persisted=True), nullable=False),
    Column("backorders_closed", Boolean, nullable=False, server_default=text("false")),
    reference(["variant_id"], "inventory_variants", to=("variant_id",)),
    reference(["location_id"], "inventory_locations"),
    CheckConstraint("on_hand >= 0", name="on_hand"),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("backorder_limit >= 0", name="backorder_limit"),
    CheckConstraint("reserved <= on_hand + backorder_limit", name="never_oversold"),
    key=("variant_id", "location_id"),
    app="SELECT, INSERT, UPDATE (on_hand, reserved, backorder_limit, backorders_closed)",
    system="SELECT",
)
# Includes the variant, so that a plan that prefers this index to the primary key (without statistics) also finds one
# row.
index("inventory_stock_location_idx", stock.c.location_id, stock.c.variant_id)

movements = tenant_table(
    "inventory_movements",
    Column("id", Uuid, nullable=False),
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("delta", BigInteger, nullable=False),
    Column("reason", Text),
    Column("cause_id", Uuid),
    timestamp("at"),
    reference(["variant_id", "location_id"], "inventory_stock", to=("variant_id", "location_id")),
    CheckConstraint("kind IN ('received', 'sold', 'restocked', 'adjusted', 'transferred')", name="kind"),
    CheckConstraint("delta <> 0", name="delta"),
    CheckConstraint("kind <> 'sold' OR delta < 0", name="sold_goes_out"),
    CheckConstraint("kind NOT IN ('received', 'restocked') OR delta > 0", name="received_comes_in"),
    app="SELECT, INSERT",
    system="SELECT",
)
index("inventory_movements_variant_idx", movements.c.variant_id, movements.c.at.desc(), movements.c.id.desc())

reservations = tenant_table(
    "inventory_reservations",
    Column("id", Uuid, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    timestamp("created_at"),
    timestamp("expires_at", nullable=True),
    timestamp("settled_at", nullable=True),
    reference(["variant_id", "location_id"], "inventory_stock", to=("variant_id", "location_id")),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("status IN ('active', 'consumed', 'released', 'expired')", name="status"),
    CheckConstraint("(status = 'active') = (settled_at IS NULL)", name="settled"),
    app="SELECT, INSERT, UPDATE (status, expires_at, settled_at)",
    system="SELECT",
)
index("inventory_reservations_owner_idx", reservations.c.owner_id)
index(
    # Only active reservations are queried; stock rows are never deleted, so the foreign key needs no complete index.
    "inventory_reservations_active_idx",
    reservations.c.variant_id,
    reservations.c.location_id,
    reservations.c.expires_at,
    postgresql_where=text("status = 'active'"),
)

reservations.info["also"] = [
    """
    CREATE FUNCTION inventory_reservation_has_ended() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'reservation % is % already', OLD.id, OLD.status USING ERRCODE = 'check_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER a_reservation_ends_once BEFORE UPDATE ON inventory_reservations FOR EACH ROW
    WHEN (OLD.status <> 'active') EXECUTE FUNCTION inventory_reservation_has_ended()
    """,
]

stock.info["also"] = [
    "ALTER TABLE inventory_stock SET (fillfactor = 70)",
    """
    CREATE FUNCTION inventory_shrink_backorders() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.backorder_limit = least(NEW.backorder_limit, greatest(0, NEW.reserved - NEW.on_hand));
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER closed_backorders_only_shrink BEFORE UPDATE ON inventory_stock FOR EACH ROW
    WHEN (NEW.backorders_closed AND NEW.backorder_limit > 0) EXECUTE FUNCTION inventory_shrink_backorders()
    """,
    """
    CREATE FUNCTION inventory_note_flip() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        variant inventory_variants;
        now_in_stock boolean;
    BEGIN
        SELECT * INTO variant FROM inventory_variants v
        WHERE v.tenant_id = NEW.tenant_id AND v.variant_id = NEW.variant_id FOR NO KEY UPDATE;
        -- A statement of its own, so that it sees what those who held the lock before have committed.
        SELECT NOT variant.tracked OR coalesce(sum(s.available), 0) > 0 INTO now_in_stock FROM inventory_stock s
        WHERE s.tenant_id = NEW.tenant_id AND s.variant_id = NEW.variant_id;
        IF now_in_stock <> variant.in_stock THEN
            UPDATE inventory_variants v SET in_stock = now_in_stock, version = v.version + 1
            WHERE v.tenant_id = NEW.tenant_id AND v.variant_id = NEW.variant_id;
            INSERT INTO kit_outbox
                (tenant_id, id, type, schema_version, aggregate_id, aggregate_version, occurred_at, payload)
            VALUES (NEW.tenant_id, gen_random_uuid(), 'inventory.stock_flipped', 1, NEW.variant_id,
                variant.version + 1, kit_now(),
                jsonb_build_object('variant_id', NEW.variant_id, 'in_stock', now_in_stock));
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER a_new_shelf_may_flip AFTER INSERT ON inventory_stock FOR EACH ROW
    WHEN (NEW.available > 0) EXECUTE FUNCTION inventory_note_flip()
    """,
    """
    CREATE TRIGGER a_shelf_may_flip AFTER UPDATE ON inventory_stock FOR EACH ROW
    WHEN ((OLD.available > 0) <> (NEW.available > 0)) EXECUTE FUNCTION inventory_note_flip()
    """,
    """
    CREATE TRIGGER tracking_may_flip AFTER UPDATE OF tracked ON inventory_variants FOR EACH ROW
    WHEN (OLD.tracked <> NEW.tracked) EXECUTE FUNCTION inventory_note_flip()
    """,
    """
    CREATE VIEW inventory_v_availability WITH (security_invoker = true) AS
    SELECT v.tenant_id, v.variant_id, CASE WHEN v.tracked THEN coalesce(s.available, 0) END AS available, v.in_stock,
        CASE WHEN v.tracked THEN coalesce(s.stock, 0) END AS stock
    FROM inventory_variants v LEFT JOIN LATERAL (
        SELECT sum(available)::bigint AS available, sum(on_hand - reserved)::bigint AS stock FROM inventory_stock
        WHERE tenant_id = v.tenant_id AND variant_id = v.variant_id
    ) AS s ON true
    """,
    f"GRANT SELECT ON inventory_v_availability TO {APP_ROLE}, {SYSTEM_ROLE}",
]
