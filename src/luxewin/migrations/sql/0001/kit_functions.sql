CREATE EXTENSION IF NOT EXISTS pg_trgm;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA public TO luxewin_app, luxewin_system, luxewin_search, luxewin_simulator;

CREATE FUNCTION kit_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT now() + coalesce(nullif(current_setting('app.clock_offset', true), '')::interval, interval '0')
$$;

COMMENT ON FUNCTION kit_now() IS 'The tenant''s time: the database''s clock plus the tenant''s offset.';

CREATE FUNCTION kit_demand(counted bigint[], demanded bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR place IN 1 .. cardinality(demanded) LOOP
        IF demanded[place] >= 0 AND counted[place] <> demanded[place] THEN
            RAISE EXCEPTION USING ERRCODE = 'LW001', MESSAGE = (place - 1)::text;
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION kit_demand(bigint[], bigint[]) IS
    'Refuses the statement when a write touched another number of rows than it must; the message is its place.';
