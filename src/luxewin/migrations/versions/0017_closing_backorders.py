"""Backorders can be closed: the limit of a stock level shrinks to the units that are already sold beyond it."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, open, and the trigger that shrinks the limit of closed backorders."""
    op.execute("ALTER TABLE inventory_stock ADD COLUMN backorders_closed BOOLEAN DEFAULT false NOT NULL")
    op.execute("GRANT UPDATE (backorders_closed) ON inventory_stock TO luxewin_app")
    op.execute("""
CREATE FUNCTION inventory_shrink_backorders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.backorder_limit = least(NEW.backorder_limit, greatest(0, NEW.reserved - NEW.on_hand));
    RETURN NEW;
END
$$
""")
    op.execute("""
CREATE TRIGGER closed_backorders_only_shrink BEFORE UPDATE ON inventory_stock FOR EACH ROW
WHEN (NEW.backorders_closed AND NEW.backorder_limit > 0) EXECUTE FUNCTION inventory_shrink_backorders()
""")
