"""The storefront's only table: the full-text index of products, and the one function that searches it."""

from importlib.resources import files

from sqlalchemy import BigInteger, Column, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR

from luxewin.kit.roles import APP_ROLE, SEARCH_ROLE
from luxewin.kit.schema import index, tenant_table

search = tenant_table(
    "storefront_search",
    Column("product_id", Uuid, nullable=False),
    Column("product_version", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_words", Text(collation="C"), nullable=False),
    Column("document", TSVECTOR, nullable=False),
    key=("product_id",),
)
index("storefront_search_title_words_idx", search.c.title_words)
Index("storefront_search_document_idx", search.c.document, postgresql_using="gin")
Index(
    "storefront_search_title_trigrams_idx",
    search.c.title_words,
    postgresql_using="gin",
    postgresql_ops={"title_words": "gin_trgm_ops"},
)

# Full-text and trigram operators are not leakproof: under the tenant's policy they would read the whole table.
# Therefore one function runs as a role that may read only this table, without its policy, and filters by tenant itself.
search.info["also"] = [
    f"GRANT SELECT ON storefront_search TO {SEARCH_ROLE}",
    f"CREATE POLICY searched ON storefront_search FOR SELECT TO {SEARCH_ROLE} USING (true)",
    files("luxewin.modules.storefront").joinpath("models", "search.sql").read_text(encoding="utf-8").strip(),
    "REVOKE ALL ON FUNCTION storefront_search(text[], integer) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION storefront_search(text[], integer) TO {APP_ROLE}",
    # The migrating role may not be a superuser: to change the function's owner it must be a member of the new owner,
    # and the new owner needs CREATE on the schema. Both are granted only temporarily.
    f"GRANT {SEARCH_ROLE} TO CURRENT_USER",
    f"GRANT CREATE ON SCHEMA public TO {SEARCH_ROLE}",
    f"ALTER FUNCTION storefront_search(text[], integer) OWNER TO {SEARCH_ROLE}",
    f"REVOKE CREATE ON SCHEMA public FROM {SEARCH_ROLE}",
    f"REVOKE {SEARCH_ROLE} FROM CURRENT_USER",
]
