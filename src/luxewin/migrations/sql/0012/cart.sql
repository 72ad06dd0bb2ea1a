-- A cart knows the addresses, the shipping method, the buyer's email address and their note before it is ordered.
ALTER TABLE cart_carts
    ADD COLUMN shipping_address JSONB,
    ADD COLUMN billing_address JSONB,
    ADD COLUMN shipping_method TEXT,
    ADD COLUMN email TEXT,
    ADD COLUMN note TEXT;

GRANT UPDATE (shipping_address, billing_address, shipping_method, email, note) ON cart_carts TO luxewin_app;
