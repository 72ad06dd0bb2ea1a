-- An order keeps the billing address and the buyer's note; a refund keeps its lines, and whether they went into stock.
ALTER TABLE orders_orders
    ADD COLUMN billing_address JSONB,
    ADD COLUMN note TEXT;

ALTER TABLE orders_refunds
    ADD COLUMN lines JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN restocked BOOLEAN NOT NULL DEFAULT false;
