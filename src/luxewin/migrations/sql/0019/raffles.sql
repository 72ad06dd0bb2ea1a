CREATE TABLE raffles_left_out (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    number INTEGER NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT raffles_left_out_pkey PRIMARY KEY (tenant_id, raffle_id, number),
    CONSTRAINT raffles_left_out_tenant_id_raffle_id_number_fkey FOREIGN KEY(tenant_id, raffle_id, number) REFERENCES raffles_tickets (tenant_id, raffle_id, number),
    CONSTRAINT raffles_left_out_reason_check CHECK (reason IN ('disputed'))
);

GRANT SELECT, INSERT ON raffles_left_out TO luxewin_app;

GRANT SELECT ON raffles_left_out TO luxewin_system;

ALTER TABLE raffles_left_out ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_left_out FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_left_out TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_left_out TO luxewin_system USING (true) WITH CHECK (true);
