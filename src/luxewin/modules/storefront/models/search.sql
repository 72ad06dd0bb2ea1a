CREATE FUNCTION storefront_search(
    terms text[], most integer, OUT products uuid[], OUT ranks bigint[], OUT stems text[], OUT near text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_custom_plan
SET pg_trgm.word_similarity_threshold = 0.3
AS $$
DECLARE
    tenant CONSTANT uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    -- Every document carries its tenant as a lexeme, so that the index itself leaves out the others' products.
    mark CONSTANT tsquery := quote_literal('@' || tenant)::tsquery;
    telling text[];
    term text;
    stem text;
    part tsquery;
    wanted tsquery;
BEGIN
    SELECT array_agg(t.word ORDER BY t.place) INTO telling
        FROM unnest(terms) WITH ORDINALITY AS t(word, place) WHERE ts_lexize('english_stem', t.word) <> '{}';
    telling := coalesce(telling, terms);
    IF tenant IS NULL OR coalesce(cardinality(telling), 0) = 0 THEN
        RETURN;
    END IF;
    FOREACH term IN ARRAY telling LOOP
        term := translate(term, '''\', '');
        stem := coalesce((ts_lexize('english_stem', term))[1], term);
        stems := stems || ARRAY[term, stem];
        part := to_tsquery('simple', '''' || term || '''') || to_tsquery('simple', '''' || stem || '''');
        IF length(term) >= 3 THEN
            part := part || to_tsquery('simple', '''' || term || ''':*');
        END IF;
        wanted := CASE WHEN wanted IS NULL THEN part ELSE wanted && part END;
    END LOOP;

    SELECT array_agg(h.product_id ORDER BY h.place DESC, h.product_id DESC),
           array_agg(h.place ORDER BY h.place DESC, h.product_id DESC)
        INTO products, ranks
        FROM (
            SELECT c.product_id, (1000000 * ts_rank(c.document, wanted, 1))::bigint AS place
            FROM (
                SELECT s.tenant_id, s.product_id, s.document FROM storefront_search s
                WHERE s.document @@ (mark && wanted) LIMIT 5000
            ) c
            WHERE c.tenant_id = tenant
            ORDER BY place DESC, c.product_id DESC LIMIT most
        ) h;
    IF products IS NOT NULL THEN
        RETURN;
    END IF;

    IF cardinality(terms) = 1 AND length(terms[1]) < 3 THEN
        SELECT array_agg(h.product_id ORDER BY h.product_id DESC), array_agg(1::bigint)
            INTO products, ranks
            FROM (
                SELECT s.product_id FROM storefront_search s
                WHERE s.tenant_id = tenant
                  AND s.title_words >= terms[1] AND s.title_words < terms[1] || chr(1114111)
                ORDER BY s.title_words LIMIT most
            ) h;
        RETURN;
    END IF;

    near := ARRAY(
        SELECT w.word
        FROM unnest(telling) AS t(term)
        CROSS JOIN LATERAL (
            SELECT n.word, similarity(n.word, t.term) AS likeness
            FROM (
                SELECT s.title_words FROM storefront_search s
                WHERE s.tenant_id = tenant AND s.title_words %> t.term LIMIT 2000
            ) c
            CROSS JOIN LATERAL string_to_table(c.title_words, ' ') AS n(word)
            GROUP BY n.word ORDER BY likeness DESC, n.word LIMIT 30
        ) w
        WHERE length(t.term) > 3
        ORDER BY w.likeness DESC, w.word
    );
END
$$
