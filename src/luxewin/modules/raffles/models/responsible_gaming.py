"""Responsible gaming: the declarations of participants, their spending limits and their exclusions, per tenant.

An exclusion is stored under a keyed hash, which does not identify a person, so that it outlives the account and its
erasure. It cannot be updated or deleted. Limits that have applied stay stored; one that is withdrawn before it applies
is deleted, and remains only in the audit log. The accounts of a person are those whose e-mail addresses reach the same
mailbox; they are recorded under the keyed hash of the address, and stay recorded when they are deleted.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, LargeBinary, Text, Uuid

from luxewin.kit.schema import index, tenant_table, timestamp

players = tenant_table(
    "raffles_players",
    Column("user_id", Uuid, nullable=False),
    Column("born_on", Date),
    Column("territory", Text),
    timestamp("updated_at"),
    CheckConstraint("territory ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$'", name="territory"),
    key=("user_id",),
)

limits = tenant_table(
    "raffles_limits",
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", BigInteger),
    timestamp("holds_from"),
    CheckConstraint("period IN ('day', 'week', 'month')", name="period"),
    CheckConstraint("amount_minor >= 0", name="amount"),
    app="SELECT, INSERT, DELETE",
)
index("raffles_limits_user_idx", limits.c.user_id, limits.c.period, limits.c.holds_from.desc())

exclusions = tenant_table(
    "raffles_exclusions",
    Column("person_hash", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    timestamp("begun_at"),
    timestamp("ends_at"),
    CheckConstraint("kind IN ('cool_off', 'self_exclusion')", name="kind"),
    CheckConstraint("octet_length(person_hash) = 32", name="person_hash"),
    CheckConstraint("ends_at > begun_at", name="ends_at"),
    key=("person_hash", "kind", "begun_at"),
    app="SELECT, INSERT",
)

persons = tenant_table(
    "raffles_persons",
    Column("person_hash", LargeBinary, nullable=False),
    Column("entrant_id", Uuid, nullable=False),
    CheckConstraint("octet_length(person_hash) = 32", name="person_hash"),
    key=("person_hash", "entrant_id"),
    app="SELECT, INSERT",
)
index("raffles_persons_entrant_idx", persons.c.entrant_id)
