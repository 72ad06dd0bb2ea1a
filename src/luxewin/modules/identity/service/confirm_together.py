"""Decisions that take two people: the second one must really be another person.

A dishonest administrator could create a second account within minutes. So the accounts must be of some age, and neither
person may have created or changed the account of the other, as the audit log shows, nor a third one both. Both find the
decision among their security events. A super admin, who could also create accounts, confirms only by breaking the
glass: with a reason, which is audited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit import audit_log
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.independence import (
    IndependencePolicy,
    Influence,
    Influenced,
    must_be_independent,
)
from luxewin.modules.identity.domain.sessions import Device, SecurityEventKind
from luxewin.modules.identity.errors import NotIndependent
from luxewin.modules.identity.repository import security_events, users
from luxewin.modules.tenants.public import settings_of

_ACTIONS = {
    "identity.user_created": Influence.CREATED,
    "identity.user_changed": Influence.CHANGED,
    "identity.password_reset": Influence.PASSWORD_RESET,
}
_HARMLESS_CHANGES = {"name"}
_MOST_ENTRIES = 1000
_MOST_STEPS = 20
"""More accounts than anybody creates one with the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmer:
    """The person who confirms what another one has proposed; `break_glass` is a super admin's reason to do so."""

    user_id: UUID
    device: Device
    break_glass: str | None = None


async def must_be_two_people(tx: Transaction, confirmer: Confirmer, *, proposed_by: UUID) -> None:
    """Check that the caller, who confirms a proposal, and the person who made it are independent; tell both.

    Raises:
        NotIndependent: the rules of the tenant are not met; the error names the rule.
    """
    people = [proposed_by, confirmer.user_id]
    created_at = await users.created_at(tx, people)
    if tx.principal.is_super_admin:
        _break_glass(tx, confirmer, proposed_by=proposed_by)
    elif confirmer.break_glass is not None:
        raise NotIndependent("Only a super admin can break the glass", rule="break_glass_forbidden")
    elif confirmer.user_id not in created_at:
        raise NotIndependent("The account does not belong to this tenant", rule="account_unknown")
    else:
        policy, now = IndependencePolicy.of(await settings_of(tx)), await tx.now()
        policy.must_be_of_age(created_at, now=now)
        influences = [one for one in await _influences(tx, people) if policy.counts(one, now=now)]
        makers = await users.created_at(tx, list({one.by for one in influences}))
        must_be_independent(proposed_by, confirmer.user_id, influences, tenant=makers)
    kind = SecurityEventKind.DECISION_CONFIRMED
    tx.write(*(security_events.add(tx, user_id=user_id, kind=kind, device=confirmer.device) for user_id in created_at))


def _break_glass(tx: Transaction, confirmer: Confirmer, *, proposed_by: UUID) -> None:
    if confirmer.break_glass is None:
        raise NotIndependent(
            "A super admin confirms this only in an emergency: send the reason as `break_glass`",
            rule="break_glass_needed",
        )
    after = {"reason": confirmer.break_glass, "proposed_by": proposed_by}
    tx.audit("identity.glass_broken", target=confirmer.user_id, after=after)


async def _influences(tx: Transaction, people: Sequence[UUID]) -> list[Influenced]:
    """Return who has made the accounts of these people, who has made the accounts of those, and so on."""
    found: list[Influenced] = []
    known, waiting = set(people), set(people)
    for _ in range(_MOST_STEPS):
        entries = await audit_log.about(
            tx, targets=[str(user_id) for user_id in waiting], actions=list(_ACTIONS), limit=_MOST_ENTRIES
        )
        made = [one for one in map(_influence_of, entries) if one is not None]
        found += made
        waiting = {one.by for one in made} - known
        known |= waiting
        if not waiting:
            break
    return found


def _influence_of(entry: Any) -> Influenced | None:
    """Return what an entry says about the account that is its target; None if it matters to nobody."""
    kind, _, actor = entry["actor"].partition(":")
    changed = set((entry["after"] or {}).get("changed", ("role",)))
    if kind != "user" or actor == entry["target"] or changed <= _HARMLESS_CHANGES:
        return None
    return Influenced(
        user_id=UUID(entry["target"]), by=UUID(actor), influence=_ACTIONS[entry["action"]], at=entry["at"]
    )
