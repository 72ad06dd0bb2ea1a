-- An item of a cart may be tickets of a raffle: then it names the raffle, and no variant.
ALTER TABLE cart_items
    ALTER COLUMN variant_id DROP NOT NULL,
    ADD COLUMN raffle_id UUID,
    ADD COLUMN skill_answer TEXT,
    ADD CONSTRAINT cart_items_what_check CHECK (CASE WHEN kind = 'ticket' THEN raffle_id IS NOT NULL AND variant_id IS NULL ELSE raffle_id IS NULL AND variant_id IS NOT NULL AND skill_answer IS NULL END) NOT VALID;
