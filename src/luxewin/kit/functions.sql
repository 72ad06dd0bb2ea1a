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

CREATE FUNCTION kit_take_statistics(names text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    name text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(1280835588) THEN
        RETURN;
    END IF;
    FOREACH name IN ARRAY names LOOP
        EXECUTE format('ANALYZE public.%I', name);
    END LOOP;
END
$$;

COMMENT ON FUNCTION kit_take_statistics(text[]) IS
    'Tells the planner how large tables have become; they are analysed by their owner, one transaction at a time.';

REVOKE ALL ON FUNCTION kit_take_statistics(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION kit_take_statistics(text[]) TO luxewin_app;

CREATE FUNCTION kit_analyse_growing_table() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    name text;
BEGIN
    SELECT s.relname INTO name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = 'public' AND c.reltuples < 10000 AND s.n_mod_since_analyze >= greatest(50, c.reltuples / 2)
    ORDER BY s.n_mod_since_analyze LIMIT 1;
    IF FOUND THEN
        EXECUTE format('ANALYZE public.%I', name);
    END IF;
    RETURN name;
END
$$;

COMMENT ON FUNCTION kit_analyse_growing_table() IS
    'Updates the planner statistics of one small table that has grown by half, and returns its name; null if there is '
    'none. Statements that were planned while it was empty are planned again.';

REVOKE ALL ON FUNCTION kit_analyse_growing_table() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION kit_analyse_growing_table() TO luxewin_system;
