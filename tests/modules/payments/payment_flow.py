"""The steps of a payment one by one, as the workflows call them, and the invariants of its tenant."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit import invariants
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.invariants import Violation
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import (
    Attempt,
    Discrepancy,
    Outcome,
    PaymentGateway,
    PaymentSummary,
    Refund,
    RefundOutcome,
    Settled,
)

USD_129 = Money(12_900, "USD")


@dataclass(frozen=True, slots=True)
class PaymentFlow:
    """One tenant's payments at one gateway."""

    database: Database
    tenant: Tenancy
    gateway: PaymentGateway

    async def begin(self, *, order_id: UUID | None = None, token: str = "tok_visa", amount: Money = USD_129) -> Attempt:
        """Store a new attempt."""
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            attempt = Attempt.new(
                new_id(),
                order_id=order_id or new_id(),
                amount=amount,
                gateway="simulator",
                token=token,
                at=await tx.now(),
            )
            tx.write(*payments.begin_attempt(tx, attempt))
        return attempt

    async def charge(self, attempt: Attempt) -> Outcome:
        """Charge at the gateway."""
        return await self.gateway.charge(attempt.charge(merchant=str(self.tenant.id)))

    async def settle(self, attempt_id: UUID, outcome: Outcome) -> Settled:
        """Record an outcome; every try reads the attempt again."""

        async def use_case(tx: Transaction) -> Settled:
            settled = payments.settle(tx, await payments.attempt(tx, attempt_id), outcome)
            tx.write(*settled.writes)
            return settled

        return await self.database.run(self.tenant, SYSTEM, use_case)

    async def pay(self, *, token: str = "tok_visa", amount: Money = USD_129, order_id: UUID | None = None) -> Attempt:
        """Begin an attempt, charge, and record the outcome."""
        attempt = await self.begin(token=token, amount=amount, order_id=order_id)
        return (await self.settle(attempt.id, await self.charge(attempt))).attempt

    async def grant(self, attempt: Attempt, minor: int) -> UUID:
        """Grant a refund, and owe it to the buyer."""
        refund_id, amount = new_id(), Money(minor, attempt.amount.currency)

        async def use_case(tx: Transaction) -> None:
            tx.write(
                *payments.grant_refund(
                    tx,
                    refund_id=refund_id,
                    order_id=attempt.order_id,
                    attempt=attempt,
                    amount=amount,
                    reason="changed their mind",
                ),
                *ledger.post(
                    tx,
                    ledger.Transfer.caused_by(
                        "refund_granted",
                        refund_id,
                        (
                            ledger.Entry(AccountKind.ORDER_CLEARING, None, amount),
                            ledger.Entry(AccountKind.REFUNDS_PAYABLE, None, -amount),
                        ),
                    ),
                ),
            )

        await self.database.run(self.tenant, SYSTEM, use_case)
        return refund_id

    async def begin_refund(self, refund_id: UUID) -> Refund:
        """Begin to execute a refund."""
        return await self.database.run(self.tenant, SYSTEM, lambda tx: payments.begin_refund(tx, refund_id))

    async def settle_refund(self, refund_id: UUID, outcome: RefundOutcome) -> Refund:
        """Record the outcome of a refund."""

        async def use_case(tx: Transaction) -> None:
            tx.write(*payments.settle_refund(tx, await payments.refund(tx, refund_id), outcome))

        await self.database.run(self.tenant, SYSTEM, use_case)
        return await self.refund(refund_id)

    async def execute(self, refund_id: UUID) -> Refund:
        """Execute a refund: begin, call the gateway, record the outcome."""
        begun = await self.begin_refund(refund_id)
        return await self.settle_refund(refund_id, await self.gateway.refund(begun.instruction))

    async def dispute(self, attempt_id: UUID, amount: Money, reference: str) -> None:
        """Record a dispute."""

        async def use_case(tx: Transaction) -> None:
            attempt = await payments.attempt(tx, attempt_id)
            tx.write(*(await payments.open_dispute(tx, attempt, amount, reference)))

        await self.database.run(self.tenant, SYSTEM, use_case)

    async def attempt(self, attempt_id: UUID) -> Attempt:
        """Read an attempt."""
        return await self.database.run(self.tenant, SYSTEM, lambda tx: payments.attempt(tx, attempt_id))

    async def refund(self, refund_id: UUID) -> Refund:
        """Read a refund."""
        return await self.database.run(self.tenant, SYSTEM, lambda tx: payments.refund(tx, refund_id))

    async def summary(self, order_id: UUID) -> PaymentSummary:
        """Recompute the summary of an order's payments."""
        return await self.database.run(self.tenant, SYSTEM, lambda tx: payments.summary(tx, order_id))

    async def balance(self, kind: AccountKind, owner_id: UUID | None = None, currency: str = "USD") -> int:
        """Return an account's balance; clearing is the gateway's."""
        owner_id = payments.clearing_owner("simulator") if kind is AccountKind.GATEWAY_CLEARING else owner_id
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            return (await ledger.balance(tx, kind, owner_id, currency)).minor

    async def published_events(self) -> list[str]:
        """Return the types of all published domain events, in order."""
        async with self.database.system() as connection:
            rows = await connection.fetch(
                "SELECT type FROM kit_outbox WHERE tenant_id = $1 ORDER BY number", self.tenant.id
            )
        return [row["type"] for row in rows]

    async def violations(self) -> list[Violation]:
        """Return the violated invariants of payments and of the ledger in this tenant."""
        return await invariants.violations(
            self.database, {**ledger.INVARIANTS, **payments.INVARIANTS}, tenant_id=self.tenant.id
        )

    async def discrepancies(self) -> list[Discrepancy]:
        """Compare the gateway's own totals with the clearing account."""
        totals = await self.gateway.report(str(self.tenant.id))
        return await self.database.run(
            self.tenant, SYSTEM, lambda tx: payments.find_discrepancies(tx, "simulator", totals)
        )
