-- A line of an order may be tickets of a raffle: then it names the raffle, and no variant; nothing of it is sent.
ALTER TABLE orders_lines
    ALTER COLUMN variant_id DROP NOT NULL,
    ALTER COLUMN product_id DROP NOT NULL,
    ALTER COLUMN product_slug DROP NOT NULL,
    ADD COLUMN raffle_id UUID,
    ADD CONSTRAINT orders_lines_what_check CHECK (CASE WHEN kind = 'ticket' THEN raffle_id IS NOT NULL AND variant_id IS NULL ELSE raffle_id IS NULL AND variant_id IS NOT NULL AND product_id IS NOT NULL AND product_slug IS NOT NULL END) NOT VALID;
