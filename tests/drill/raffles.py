"""Guards of raffles: capacity, ticket numbers, the promised draw, and one winner per prize."""

from collections.abc import Sequence

from tests.drill.guard import Guard

TICKET_ROWS = "src/luxewin/modules/raffles/repository/tickets.py"
DRAWING = "src/luxewin/modules/raffles/service/draw_raffles.py"
LOCKING = "src/luxewin/modules/raffles/service/lock_raffles.py"
PUBLISHING = "src/luxewin/modules/raffles/service/publish_raffles.py"
RESCHEDULING = "src/luxewin/modules/raffles/service/reschedule_raffles.py"
CLAIMS = "src/luxewin/modules/raffles/domain/claims.py"
CLAIM_ROWS = "src/luxewin/modules/raffles/repository/claims.py"
CLAIMING = "src/luxewin/modules/raffles/service/claim_prizes.py"
RAFFLE = "src/luxewin/modules/raffles/domain/raffles.py"
TICKETS_KIND = "src/luxewin/modules/line_kinds/kinds/tickets/kind.py"
TEST_DRAWING = "tests/workflows/raffles/test_drawing.py"
TEST_CLAIMS = "tests/workflows/raffles/test_claims.py"
TEST_DISQUALIFYING = "tests/workflows/raffles/test_disqualifying.py"
TEST_ANCHORED = "tests/workflows/raffles/test_anchored.py"
TEST_CANCELLING = "tests/workflows/raffles/test_cancelling_locked.py"
TEST_CARTS = "tests/workflows/raffles/test_carts.py"
TEST_BUYING = "tests/workflows/raffles/test_buying.py"
TEST_RESCHEDULED_ANCHORS = "tests/workflows/raffles/test_rescheduled_anchors.py"
TEST_RESCHEDULING = "tests/workflows/raffles/test_rescheduling.py"
TEST_PERSONS = "tests/workflows/raffles/test_accounts_of_a_person.py"
TEST_GAMING = "tests/workflows/raffles/test_responsible_gaming.py"
TEST_PAGES = "tests/workflows/raffles/test_pages.py"

RAFFLES: Sequence[Guard] = (
    Guard(
        name="raffles: purchases that cannot end yet do not block others",
        file="src/luxewin/workflows/cancel_raffle/workflow.py",
        guard="        is_last = len(page) < BATCH\n",
        gone="        is_last = True\n",
        tests=[f"{TEST_DRAWING}::test_unknown_payments_do_not_delay_the_end_of_other_orders"],
    ),
    Guard(
        name="raffles: no ticket is held beyond the capacity",
        file=TICKET_ROWS,
        guard='        " AND c.sold + c.held + s.quantity <= c.capacity",\n',
        gone='        "",\n',
        tests=[
            "tests/workflows/raffles/test_races.py::test_the_last_tickets_are_sold_once_to_fifty_simultaneous_buyers"
        ],
    ),
    Guard(
        name="raffles: only staff refund paid tickets",
        file=TICKETS_KIND,
        guard="        if not tx.principal.is_staff:\n",
        gone="        if False:\n",
        tests=[f"{TEST_BUYING}::test_paid_tickets_can_be_refunded_only_by_staff_and_keep_their_numbers"],
    ),
    Guard(
        name="raffles: no one holds more tickets than the rules allow",
        file=TICKET_ROWS,
        guard='        " WHERE h.tickets + excluded.tickets <= (SELECT l.most FROM unnest($3::uuid[], $5::int[])"\n',
        gone='        " WHERE excluded.tickets <= (SELECT l.most FROM unnest($3::uuid[], $5::int[])"\n',
        tests=["tests/workflows/raffles/test_races.py::test_concurrent_purchases_of_one_person_stay_within_the_limit"],
    ),
    Guard(
        name="raffles: tickets of a locked list are not refunded",
        file=TICKET_ROWS,
        guard='            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id AND NOT c.locked"\n',
        gone='            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id"\n',
        tests=[f"{TEST_DRAWING}::test_nothing_is_removed_from_a_locked_list"],
    ),
    Guard(
        name="raffles: a list changed in the database is not drawn",
        file=DRAWING,
        guard="!= lock.receipt.merkle_root:",
        gone="== b'':",
        tests=[f"{TEST_DRAWING}::test_a_list_changed_in_the_database_is_not_drawn"],
    ),
    Guard(
        name="raffles: a list that was locked too late is not drawn",
        file=LOCKING,
        guard="    if now >= Schedule.of(rules).draws_at:\n",
        gone="    if counts.valid == 0:\n",
        tests=[f"{TEST_DRAWING}::test_a_list_not_locked_in_time_is_not_drawn"],
    ),
    Guard(
        name="raffles: a raffle that promises an anchor is drawn only from an anchored list",
        file=RAFFLE,
        guard="RaffleStatus.ANCHORED if self.terms.with_anchor else RaffleStatus.LOCKED",
        gone="RaffleStatus.LOCKED",
        tests=[f"{TEST_ANCHORED}::test_an_anchored_raffle_is_drawn_and_its_anchor_is_found_on_the_chain"],
    ),
    Guard(
        name="raffles: a prize is claimed in time",
        file=CLAIMS,
        guard="        if self.status is not WinnerStatus.WINNER or self.is_overdue(now):\n",
        gone="        if self.status is not WinnerStatus.WINNER:\n",
        tests=[
            f"{TEST_CLAIMS}::test_after_the_deadline_a_prize_is_passed_on_with_a_new_deadline",
        ],
    ),
    Guard(
        name="raffles: a prize is claimed only by its winner",
        file=CLAIM_ROWS,
        guard='        f"{_WINNERS} AND w.entrant_id = $3 AND w.prize IS NOT NULL ORDER BY w.place",\n',
        gone='        f"{_WINNERS} AND $3::uuid IS NOT NULL AND w.prize IS NOT NULL ORDER BY w.place",\n',
        tests=[f"{TEST_CLAIMS}::test_another_persons_prize_is_not_found"],
    ),
    Guard(
        name="raffles: a prize is held from publication on",
        file=PUBLISHING,
        guard="    await hold_prizes(tx, terms.prizes)\n",
        gone="",
        tests=[f"{TEST_CLAIMS}::test_a_prize_that_is_not_available_is_not_published"],
    ),
    Guard(
        name="raffles: concurrent claims are serialised",
        file="src/luxewin/workflows/claim_prize/workflow.py",
        guard="    await tx.flush()  # a simultaneous claim waits here, and then finds the prize claimed\n",
        gone="",
        tests=[f"{TEST_CLAIMS}::test_a_prize_claimed_concurrently_is_claimed_and_shipped_once"],
    ),
    Guard(
        name="raffles: nobody confirms their own disqualification proposal",
        file=CLAIMS,
        guard="        if person == self.proposed_by:\n",
        gone="        if person == self.confirmed_by:\n",
        tests=[f"{TEST_DISQUALIFYING}::test_one_person_alone_cannot_disqualify"],
    ),
    Guard(
        name="raffles: no ticket is disqualified between the round and the draw",
        file=CLAIMS,
        guard="and not (before_draw and now.timestamp() < draws_at):",
        gone="and not before_draw:",
        tests=[f"{TEST_DISQUALIFYING}::test_no_ticket_is_disqualified_between_the_round_and_the_draw"],
    ),
    Guard(
        name="raffles: a shipped prize is not taken back",
        file="src/luxewin/modules/raffles/service/disqualify_tickets.py",
        guard="    if drawn is not None and drawn.is_open:\n",
        gone="    if drawn is not None and drawn.prize is not None:\n",
        tests=[f"{TEST_DISQUALIFYING}::test_a_shipped_prize_is_not_taken_back"],
    ),
    Guard(
        name="raffles: the stock of prizes that are not awarded is released",
        file=CLAIMING,
        guard="RaffleStatus.SETTLED), *await release_prizes(tx, not_awarded))",
        gone="RaffleStatus.SETTLED))",
        tests=[f"{TEST_CLAIMS}::test_the_chain_of_reserves_ends_and_the_prize_can_be_sold_again"],
    ),
    Guard(
        name="raffles: a nonce of an account belongs to one purpose, across all shops",
        file="src/luxewin/modules/raffles/repository/anchors.py",
        guard="t.nonce = $9 AND (t.raffle_id, t.purpose) <> ($5, $4))",
        gone="t.nonce = $9 AND ($5, $4) IS NULL)",
        tests=[
            f"{TEST_ANCHORED}::test_the_store_keeps_one_purpose_for_a_nonce_and_one_live_nonce_for_a_purpose",
        ],
    ),
    Guard(
        name="raffles: inclusion is proved only in the list that the receipt commits to",
        file="src/luxewin/modules/raffles/service/read_entries.py",
        guard="        if tree.close() != lock.receipt.merkle_root:\n",
        gone="        if not tree.close():\n",
        tests=[
            "tests/workflows/raffles/test_entry_chunks.py::test_no_inclusion_is_proved_in_a_list_that_differs_from_the_receipt"
        ],
    ),
    Guard(
        name="raffles: a draft has no public page",
        file="src/luxewin/modules/raffles/service/read_public_raffles.py",
        guard="    if raffle.status not in PUBLIC:\n",
        gone="    if False:\n",
        tests=[f"{TEST_PAGES}::test_a_missing_or_unpublished_raffle_is_not_found"],
    ),
    Guard(
        name="raffles: a host shows only the raffles of its own shop",
        file="src/luxewin/kit/http/tenants.py",
        guard="if hosted is not None and hosted.id != tenant.id:",
        gone="if False:",
        tests=[f"{TEST_PAGES}::test_the_page_belongs_to_the_shop_of_the_host"],
    ),
    Guard(
        name="raffles: the page serves the round of locked raffles only",
        file="src/luxewin/pages/raffles/pages.py",
        guard="        if raffle.lock is None or not",
        gone="        if not",
        tests=[f"{TEST_PAGES}::test_the_round_is_served_like_a_relay_does_once_it_is_due"],
    ),
    Guard(
        name="raffles: a guest's cart buys no tickets",
        file=TICKETS_KIND,
        guard="        if buyer.user_id is None:\n",
        gone="        if False:\n",
        tests=[f"{TEST_CARTS}::test_a_guest_keeps_tickets_in_a_cart_and_signs_in_to_buy_them"],
    ),
    Guard(
        name="raffles: a guest's tickets are merged within what the rules still allow",
        file="src/luxewin/modules/cart/service/merging.py",
        guard="guest_items, most=most)",
        gone="guest_items, most={})",
        tests=[f"{TEST_CARTS}::test_a_guests_tickets_are_merged_within_what_the_rules_still_allow"],
    ),
    Guard(
        name="raffles: the tickets of a cart are held by its order",
        file="src/luxewin/modules/orders/service/place_order.py",
        guard="        tx.write(*quote.reserve(tx, order_id=order.id, until=order.expires_at))\n",
        gone="        pass\n",
        tests=["tests/workflows/raffles/test_mixed_orders.py::test_one_payment_buys_goods_and_tickets"],
    ),
    Guard(
        name="raffles: nobody confirms their own cancellation proposal",
        file="src/luxewin/modules/raffles/domain/cancellations.py",
        guard="        if person == self.proposed_by:\n",
        gone="        if False:\n",
        tests=[f"{TEST_CANCELLING}::test_one_person_alone_cannot_cancel"],
    ),
    Guard(
        name="raffles: no locked raffle is cancelled once its round is due",
        file="src/luxewin/modules/raffles/domain/cancellations.py",
        guard=" or now.timestamp() >= draws_at:",
        gone=":",
        tests=[f"{TEST_CANCELLING}::test_nothing_is_cancelled_once_the_round_is_known"],
    ),
    Guard(
        name="raffles: a raffle cancelled by two people has a hypothetical draw",
        file="src/luxewin/modules/raffles/repository/draws.py",
        guard=" OR r.status = 'cancelled' AND {_NEEDS_HYPOTHETICAL_DRAW})\"",
        gone=')"',
        tests=[f"{TEST_CANCELLING}::test_everybody_can_see_who_would_have_won"],
    ),
    Guard(
        name="raffles: a hypothetical draw is stored once",
        file="src/luxewin/modules/raffles/repository/draws.py",
        guard="$8, kit_now()) ON CONFLICT DO NOTHING",
        gone="$8, kit_now())",
        tests=[f"{TEST_CANCELLING}::test_of_two_concurrent_workers_one_records_the_draw"],
    ),
    Guard(
        name="raffles: a rescheduled raffle is not locked by an earlier decision",
        file=LOCKING,
        guard="    if counts.held or not raffle.has_closed(await tx.now()):\n",
        gone="    if counts.held:\n",
        tests=[f"{TEST_RESCHEDULING}::test_a_rescheduled_raffle_is_not_locked_by_an_earlier_decision"],
    ),
    Guard(
        name="raffles: the sales of a rescheduled raffle resume",
        file=RESCHEDULING,
        guard="        draws.resume_sales(tx, raffle.id),\n",
        gone="",
        tests=[f"{TEST_RESCHEDULING}::test_sales_that_have_just_stopped_resume_after_a_rescheduling"],
    ),
    Guard(
        name="raffles: a published raffle never closes earlier",
        file=RAFFLE,
        guard='    if closes_at <= versions[-1]["closes_at"]:\n',
        gone="    if False:\n",
        tests=[f"{TEST_RESCHEDULING}::test_a_published_raffle_never_closes_earlier"],
    ),
    Guard(
        name="raffles: every version of the rules is anchored",
        file="src/luxewin/modules/raffles/repository/anchors.py",
        guard="        \" OR r.status = 'open' AND (SELECT count(*) FROM raffles_rules v WHERE",
        gone="        \" OR r.status = 'open' AND (SELECT least(count(*), 1) FROM raffles_rules v WHERE",
        tests=[f"{TEST_RESCHEDULED_ANCHORS}::test_a_rescheduled_raffle_has_every_version_of_its_rules_anchored"],
    ),
    Guard(
        name="raffles: a raffle closed by selling out is not rescheduled",
        file=RESCHEDULING,
        guard="    replace(raffle, counts=await draws.lock_counter(tx, raffle.id)).must_not_have_closed(now)\n",
        gone="",
        tests=[f"{TEST_RESCHEDULING}::test_a_raffle_closed_by_selling_out_is_not_rescheduled"],
    ),
    Guard(
        name="raffles: the verifier refuses a rescheduling with other changes",
        file="verify/verify_draw.py",
        guard="            rules == promised | {key: rules[key] for key in RESCHEDULED}",
        gone="            True or rules == promised | {key: rules[key] for key in RESCHEDULED}",
        tests=[f"{TEST_RESCHEDULING}::test_it_sells_until_the_later_closing_and_its_proof_holds_all_versions"],
    ),
    Guard(
        name="raffles: a version of the rules with other changes is a violation",
        file="src/luxewin/modules/raffles/repository/invariants.py",
        guard="        \" OR v.document::jsonb - '{version,previous_rules_hash,closes_at,round}'::text[]\"\n",
        gone="        \" OR b.document::jsonb - '{version,previous_rules_hash,closes_at,round}'::text[]\"\n",
        tests=[f"{TEST_RESCHEDULING}::test_a_version_with_other_changes_or_an_earlier_closing_is_a_violation"],
    ),
    Guard(
        name="raffles: a new limit withdraws pending changes",
        file="src/luxewin/modules/raffles/service/responsible_gaming.py",
        guard="    tx.write(repository.withdraw_pending(tx, participant.entrants, period, now=now))\n",
        gone="",
        tests=[
            f"{TEST_GAMING}::test_a_limit_withdraws_changes_that_do_not_apply_yet",
            f"{TEST_GAMING}::test_a_limit_cannot_be_removed_in_advance",
        ],
    ),
    Guard(
        name="raffles: an address in another spelling is the same person",
        file="src/luxewin/modules/raffles/service/responsible_gaming.py",
        guard="identity.canonical_email(user.email))",
        gone="user.email.casefold())",
        tests=[f"{TEST_PERSONS}::test_a_spending_limit_is_not_shed_by_a_new_account"],
    ),
    Guard(
        name="raffles: all accounts of a person spend within one limit",
        file="src/luxewin/modules/raffles/repository/responsible_gaming.py",
        guard="SELECT o.entrant_id FROM raffles_persons o",
        gone="SELECT o.entrant_id FROM (SELECT * FROM raffles_persons WHERE false) o",
        tests=[f"{TEST_PERSONS}::test_a_spending_limit_is_not_shed_by_a_new_account"],
    ),
    Guard(
        name="raffles: the tickets of all accounts of a person count together",
        file="src/luxewin/modules/raffles/service/sell_tickets.py",
        guard="if held.get(line.raffle_id, 0) + line.quantity > line.limit:",
        gone="if False:",
        tests=[f"{TEST_PERSONS}::test_the_tickets_of_all_accounts_of_a_person_count_together"],
    ),
    Guard(
        name="raffles: purchases of a person run one after the other",
        file="src/luxewin/modules/raffles/repository/responsible_gaming.py",
        guard="FROM pg_advisory_xact_lock($4) ON CONFLICT",
        gone="WHERE $4::bigint IS NOT NULL ON CONFLICT",
        tests=[f"{TEST_PERSONS}::test_concurrent_purchases_by_two_accounts_of_a_person_stay_within_the_limit"],
    ),
    Guard(
        name="raffles: held tickets are paid only by an eligible person",
        file=TICKETS_KIND,
        guard="        if buyer.user_id is not None:\n",
        gone="        if False:\n",
        tests=[f"{TEST_GAMING}::test_held_tickets_cannot_be_paid_by_a_person_who_is_no_longer_eligible"],
    ),
    Guard(
        name="raffles: staff cannot enter by post",
        file="src/luxewin/modules/raffles/service/record_free_entries.py",
        guard="if entrant.role in STAFF:",
        gone="if False:",
        tests=["tests/workflows/raffles/test_free_entries.py::test_staff_cannot_enter_by_post"],
    ),
    Guard(
        name="raffles: a cached page keeps its security policy",
        file="src/luxewin/pages/raffles/pages.py",
        guard='{**headers, "content-security-policy": self._policy()}',
        gone="headers",
        tests=[f"{TEST_PAGES}::test_a_page_is_cached_and_answered_with_304_if_unchanged"],
    ),
)
