-- How long a winner has to claim.
ALTER TABLE raffles_raffles
    ADD COLUMN claim_days INTEGER NOT NULL DEFAULT 14,
    ADD CONSTRAINT raffles_raffles_claim_days_check CHECK (claim_days > 0) NOT VALID;

-- A prize may be a piece of the catalogue; the order that will ship it has its id from the beginning.
ALTER TABLE raffles_prizes
    ADD COLUMN variant_id UUID,
    ADD COLUMN order_id UUID,
    ADD CONSTRAINT raffles_prizes_ships_check CHECK ((variant_id IS NULL) = (order_id IS NULL)) NOT VALID;

-- What became of a prize. The version before writes 'reserve' and 'winner' alone, which are allowed as they were.
ALTER TABLE raffles_winners
    ADD COLUMN claim_by TIMESTAMP WITH TIME ZONE,
    ADD COLUMN order_id UUID,
    DROP CONSTRAINT raffles_winners_status_check,
    DROP CONSTRAINT raffles_winners_prize_check,
    ADD CONSTRAINT raffles_winners_status_check CHECK (status IN ('reserve', 'winner', 'claimed', 'handed_over', 'unclaimed', 'declined', 'refused')) NOT VALID,
    ADD CONSTRAINT raffles_winners_prize_check CHECK (CASE status WHEN 'reserve' THEN prize IS NULL ELSE prize IS NOT NULL OR status = 'refused' END) NOT VALID,
    ADD CONSTRAINT raffles_winners_order_check CHECK (order_id IS NULL OR status = 'claimed') NOT VALID;

GRANT UPDATE (claim_by, order_id) ON raffles_winners TO luxewin_app;

CREATE VIEW raffles_v_claims WITH (security_invoker = true) AS
    SELECT tenant_id, raffle_id, prize, order_id, entrant_id FROM raffles_winners WHERE order_id IS NOT NULL;

GRANT SELECT ON raffles_v_claims TO luxewin_app, luxewin_system;

CREATE TABLE raffles_skips (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    number INTEGER NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    proposed_by UUID NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_by UUID,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT raffles_skips_pkey PRIMARY KEY (tenant_id, raffle_id, number),
    CONSTRAINT raffles_skips_tenant_id_raffle_id_number_fkey FOREIGN KEY(tenant_id, raffle_id, number) REFERENCES raffles_tickets (tenant_id, raffle_id, number),
    CONSTRAINT raffles_skips_reason_check CHECK (reason IN ('underage', 'territory', 'excluded', 'staff', 'fraud')),
    CONSTRAINT raffles_skips_confirmed_check CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT raffles_skips_two_people_check CHECK (confirmed_by <> proposed_by)
);

GRANT SELECT, INSERT, UPDATE (confirmed_by, confirmed_at) ON raffles_skips TO luxewin_app;

GRANT SELECT ON raffles_skips TO luxewin_system;

ALTER TABLE raffles_skips ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_skips FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_skips TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_skips TO luxewin_system USING (true) WITH CHECK (true);
