"""Guards of raffles: no ticket too many, no number taken back, no draw but the promised one, no prize twice."""

from collections.abc import Sequence

from tests.drill.guard import Guard

TICKET_ROWS = "src/luxewin/modules/raffles/repository/tickets.py"
DRAWING = "src/luxewin/modules/raffles/service/draw_raffles.py"
CLAIMS = "src/luxewin/modules/raffles/domain/claims.py"
CLAIM_ROWS = "src/luxewin/modules/raffles/repository/claims.py"
CLAIMING = "src/luxewin/modules/raffles/service/claim_prizes.py"
RAFFLE = "src/luxewin/modules/raffles/domain/raffles.py"
TICKETS_KIND = "src/luxewin/modules/line_kinds/kinds/tickets/kind.py"
TEST_DRAWING = "tests/workflows/raffles/test_drawing.py"
TEST_CLAIMS = "tests/workflows/raffles/test_claims.py"
TEST_SKIPS = "tests/workflows/raffles/test_skips.py"
TEST_ANCHORED = "tests/workflows/raffles/test_anchored.py"
TEST_CANCELLING = "tests/workflows/raffles/test_cancelling_locked.py"
TEST_CARTS = "tests/workflows/raffles/test_carts.py"
TEST_BUYING = "tests/workflows/raffles/test_buying.py"
TEST_POSTPONED_ANCHORS = "tests/workflows/raffles/test_postponed_anchors.py"
TEST_POSTPONING = "tests/workflows/raffles/test_postponing.py"
TEST_PLAY = "tests/workflows/raffles/test_play.py"
TEST_PAGES = "tests/workflows/raffles/test_pages.py"

RAFFLES: Sequence[Guard] = (
    Guard(
        name="raffles: purchases that cannot end yet keep no other waiting",
        file="src/luxewin/workflows/cancel_raffle/workflow.py",
        guard="        is_last = len(page) < BATCH\n",
        gone="        is_last = True\n",
        tests=[f"{TEST_DRAWING}::test_payments_that_stay_unknown_keep_no_other_order_from_being_ended"],
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
        name="raffles: paid tickets are given back by staff alone",
        file=TICKETS_KIND,
        guard="        if not tx.principal.is_staff:\n",
        gone="        if False:\n",
        tests=[f"{TEST_BUYING}::test_paid_tickets_can_be_given_back_by_staff_alone_and_keep_their_numbers"],
    ),
    Guard(
        name="raffles: no one holds more tickets than the rules allow",
        file=TICKET_ROWS,
        guard='        " WHERE h.tickets + excluded.tickets <= (SELECT l.most FROM unnest($3::uuid[], $5::int[])"\n',
        gone='        " WHERE excluded.tickets <= (SELECT l.most FROM unnest($3::uuid[], $5::int[])"\n',
        tests=["tests/workflows/raffles/test_races.py::test_one_person_with_twenty_windows_stays_within_their_limit"],
    ),
    Guard(
        name="raffles: what is locked is not given back",
        file=TICKET_ROWS,
        guard='            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id AND NOT c.locked"\n',
        gone='            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id"\n',
        tests=[f"{TEST_DRAWING}::test_nothing_is_taken_out_of_a_locked_list"],
    ),
    Guard(
        name="raffles: a list that somebody has changed is not drawn",
        file=DRAWING,
        guard="!= lock.receipt.merkle_root:",
        gone="== b'':",
        tests=[f"{TEST_DRAWING}::test_a_list_that_somebody_has_changed_is_not_drawn"],
    ),
    Guard(
        name="raffles: a list that was locked too late is not drawn",
        file=DRAWING,
        guard="if counts.valid == 0 or now >= Schedule.of(rules).draws_at:",
        gone="if counts.valid == 0:",
        tests=[f"{TEST_DRAWING}::test_a_list_that_was_not_locked_in_time_is_never_drawn"],
    ),
    Guard(
        name="raffles: what promises an anchor is drawn from an anchored list alone",
        file=RAFFLE,
        guard="RaffleStatus.ANCHORED if self.limits.with_anchor else RaffleStatus.LOCKED",
        gone="RaffleStatus.LOCKED",
        tests=[f"{TEST_ANCHORED}::test_an_anchored_raffle_is_drawn_and_a_stranger_finds_it_on_the_chain"],
    ),
    Guard(
        name="raffles: a prize is claimed in time",
        file=CLAIMS,
        guard="        if self.status is not WinnerStatus.WINNER or self.is_overdue(now):\n",
        gone="        if self.status is not WinnerStatus.WINNER:\n",
        tests=[
            f"{TEST_CLAIMS}::test_after_the_deadline_a_prize_goes_to_the_next_in_reserve_with_a_time_of_their_own",
        ],
    ),
    Guard(
        name="raffles: a prize is claimed by who won it",
        file=CLAIM_ROWS,
        guard='        f"{_WINNERS} AND w.entrant_id = $3 AND w.prize IS NOT NULL ORDER BY w.place",\n',
        gone='        f"{_WINNERS} AND $3::uuid IS NOT NULL AND w.prize IS NOT NULL ORDER BY w.place",\n',
        tests=[f"{TEST_CLAIMS}::test_anothers_prize_is_not_there"],
    ),
    Guard(
        name="raffles: a prize is held from the publication on",
        file="src/luxewin/modules/raffles/service/keep_raffles.py",
        guard="    await hold_prizes(tx, limits.prizes)\n",
        gone="",
        tests=[f"{TEST_CLAIMS}::test_a_prize_that_is_not_there_is_not_promised"],
    ),
    Guard(
        name="raffles: whoever claims waits for who came before",
        file="src/luxewin/workflows/claim_prize/workflow.py",
        guard="    await tx.flush()  # a simultaneous claim waits here, and then finds the prize claimed\n",
        gone="",
        tests=[f"{TEST_CLAIMS}::test_a_prize_claimed_many_times_at_once_is_claimed_and_sent_once"],
    ),
    Guard(
        name="raffles: nobody confirms what they have proposed",
        file=CLAIMS,
        guard="        if person == self.proposed_by:\n",
        gone="        if person == self.confirmed_by:\n",
        tests=[f"{TEST_SKIPS}::test_one_person_alone_skips_nothing"],
    ),
    Guard(
        name="raffles: nobody is skipped while the round is known and the winners are not",
        file=CLAIMS,
        guard="and not (before_draw and now.timestamp() < draws_at):",
        gone="and not before_draw:",
        tests=[f"{TEST_SKIPS}::test_nobody_is_skipped_while_the_round_is_known_and_the_winners_are_not"],
    ),
    Guard(
        name="raffles: what is on its way is not taken back",
        file="src/luxewin/modules/raffles/service/skip_tickets.py",
        guard="    if drawn is not None and drawn.is_open:\n",
        gone="    if drawn is not None and drawn.prize is not None:\n",
        tests=[f"{TEST_SKIPS}::test_what_is_on_its_way_is_not_taken_back"],
    ),
    Guard(
        name="raffles: the pieces of prizes that nobody has go back to the shelf",
        file=CLAIMING,
        guard="RaffleStatus.SETTLED), *await released_prizes(tx, left))",
        gone="RaffleStatus.SETTLED))",
        tests=[f"{TEST_CLAIMS}::test_the_chain_of_reserves_ends_and_the_prize_can_be_sold_again"],
    ),
    Guard(
        name="raffles: one nonce of an account is one purpose's, across all shops",
        file="src/luxewin/modules/raffles/repository/anchors.py",
        guard="t.nonce = $9 AND (t.raffle_id, t.purpose) <> ($5, $4))",
        gone="t.nonce = $9 AND ($5, $4) IS NULL)",
        tests=[
            f"{TEST_ANCHORED}::test_the_store_keeps_one_purpose_for_a_nonce_and_one_live_nonce_for_a_purpose",
        ],
    ),
    Guard(
        name="raffles: a path is shown only into the list that the receipt commits to",
        file="src/luxewin/modules/raffles/service/show_entries.py",
        guard="        if branches.close() != lock.receipt.merkle_root:\n",
        gone="        if not branches.close():\n",
        tests=["tests/workflows/raffles/test_pieces.py::test_a_list_that_is_not_the_receipts_is_shown_to_nobody"],
    ),
    Guard(
        name="raffles: nobody but staff learns of a draft, on a page either",
        file="src/luxewin/modules/raffles/service/show_raffles.py",
        guard="    if raffle.status not in PUBLIC:\n",
        gone="    if False:\n",
        tests=[f"{TEST_PAGES}::test_what_is_not_there_or_not_public_is_not_found"],
    ),
    Guard(
        name="raffles: a host shows the raffles of its own shop alone",
        file="src/luxewin/kit/http/tenants.py",
        guard="if hosted is not None and hosted.id != tenant.id:",
        gone="if False:",
        tests=[f"{TEST_PAGES}::test_the_shop_is_the_hosts_and_only_that"],
    ),
    Guard(
        name="raffles: the page's round is told of a locked raffle alone",
        file="src/luxewin/pages/raffles/pages.py",
        guard="        if raffle.lock is None or not",
        gone="        if not",
        tests=[f"{TEST_PAGES}::test_its_round_is_told_as_a_relay_would_and_not_before_it_is_due"],
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
        file="src/luxewin/modules/cart/service.py",
        guard="theirs, most=most)",
        gone="theirs, most={})",
        tests=[f"{TEST_CARTS}::test_a_guests_tickets_are_merged_within_what_the_rules_still_allow"],
    ),
    Guard(
        name="raffles: a cart's tickets are held by its order",
        file="src/luxewin/modules/orders/service/place_order.py",
        guard="        tx.write(*quote.reserve(tx, order_id=order.id, until=order.expires_at))\n",
        gone="        pass\n",
        tests=["tests/workflows/raffles/test_mixed_orders.py::test_one_payment_buys_goods_and_tickets"],
    ),
    Guard(
        name="raffles: who has proposed to cancel a locked raffle does not confirm it",
        file="src/luxewin/modules/raffles/domain/cancelling.py",
        guard="        if person == self.proposed_by:\n",
        gone="        if False:\n",
        tests=[f"{TEST_CANCELLING}::test_one_person_alone_cancels_nothing"],
    ),
    Guard(
        name="raffles: no locked raffle is cancelled once its round is due",
        file="src/luxewin/modules/raffles/domain/cancelling.py",
        guard=" or now.timestamp() >= draws_at:",
        gone=":",
        tests=[f"{TEST_CANCELLING}::test_nothing_is_cancelled_once_the_round_is_known"],
    ),
    Guard(
        name="raffles: what two people have cancelled is drawn all the same, for all to see",
        file="src/luxewin/modules/raffles/repository/draws.py",
        guard=" OR r.status = 'cancelled' AND {_TO_BE_SHOWN})\"",
        gone=')"',
        tests=[f"{TEST_CANCELLING}::test_everybody_sees_for_ever_who_would_have_won"],
    ),
    Guard(
        name="raffles: a draw that is shown is kept once",
        file="src/luxewin/modules/raffles/repository/draws.py",
        guard="$8, kit_now()) ON CONFLICT DO NOTHING",
        gone="$8, kit_now())",
        tests=[f"{TEST_CANCELLING}::test_of_two_workers_that_show_it_at_once_one_does"],
    ),
    Guard(
        name="raffles: what is postponed is not locked by who has read the closing before",
        file=DRAWING,
        guard="    if counts.held or not raffle.has_closed(await tx.now()):\n",
        gone="    if counts.held:\n",
        tests=[f"{TEST_POSTPONING}::test_a_lock_that_was_decided_before_finds_the_raffle_open"],
    ),
    Guard(
        name="raffles: what is postponed sells on",
        file="src/luxewin/modules/raffles/service/keep_raffles.py",
        guard="        draws.sell_on(tx, raffle.id),\n",
        gone="",
        tests=[f"{TEST_POSTPONING}::test_a_closing_that_has_just_begun_is_taken_back_for_who_asked_in_time"],
    ),
    Guard(
        name="raffles: a published raffle never closes earlier",
        file=RAFFLE,
        guard='    if closes_at <= versions[-1]["closes_at"]:\n',
        gone="    if False:\n",
        tests=[f"{TEST_POSTPONING}::test_what_was_published_never_closes_earlier"],
    ),
    Guard(
        name="raffles: every version of the rules is anchored",
        file="src/luxewin/modules/raffles/repository/anchors.py",
        guard="        \" OR r.status = 'open' AND (SELECT count(*) FROM raffles_rules v WHERE",
        gone="        \" OR r.status = 'open' AND (SELECT least(count(*), 1) FROM raffles_rules v WHERE",
        tests=[f"{TEST_POSTPONED_ANCHORS}::test_a_postponed_raffle_has_every_version_of_its_rules_on_the_chain"],
    ),
    Guard(
        name="raffles: what has closed because all was sold is not postponed",
        file="src/luxewin/modules/raffles/service/keep_raffles.py",
        guard="    replace(raffle, counts=await draws.lock_counter(tx, raffle.id)).must_not_have_closed(now)\n",
        gone="",
        tests=[f"{TEST_POSTPONING}::test_what_has_closed_because_all_was_sold_is_not_postponed"],
    ),
    Guard(
        name="raffles: a postponed raffle changes nothing but its closing, and anybody can see that",
        file="verify/verify_draw.py",
        guard="        must(rules == promised | {key: rules[key] for key in POSTPONED}",
        gone="        must(True or rules == promised | {key: rules[key] for key in POSTPONED}",
        tests=[f"{TEST_POSTPONING}::test_it_sells_until_the_later_closing_and_its_proof_holds_all_versions"],
    ),
    Guard(
        name="raffles: a version of the rules that changes more than the closing breaks a law",
        file="src/luxewin/modules/raffles/repository/invariants.py",
        guard="        \" OR v.document::jsonb - '{version,previous_rules_hash,closes_at,round}'::text[]\"\n",
        gone="        \" OR b.document::jsonb - '{version,previous_rules_hash,closes_at,round}'::text[]\"\n",
        tests=[f"{TEST_POSTPONING}::test_a_version_that_changes_more_than_the_closing_or_closes_earlier_breaks_a_law"],
    ),
    Guard(
        name="raffles: what is set withdraws what waits",
        file="src/luxewin/modules/raffles/service/play.py",
        guard="    tx.write(repository.withdraw_waiting(tx, user_id, period, now=now))\n",
        gone="",
        tests=[
            f"{TEST_PLAY}::test_a_limit_withdraws_what_still_waits",
            f"{TEST_PLAY}::test_a_lift_cannot_be_asked_for_in_advance",
        ],
    ),
    Guard(
        name="raffles: held tickets are paid by who may still take part",
        file=TICKETS_KIND,
        guard="        if buyer.user_id is not None:\n",
        gone="        if False:\n",
        tests=[f"{TEST_PLAY}::test_tickets_that_are_held_are_not_paid_by_who_may_not_take_part_any_more"],
    ),
    Guard(
        name="raffles: staff enter by post neither",
        file="src/luxewin/modules/raffles/service/enter_free.py",
        guard="if entrant.role in STAFF:",
        gone="if False:",
        tests=["tests/workflows/raffles/test_free_entries.py::test_staff_take_no_part_by_post_either"],
    ),
    Guard(
        name="raffles: a page that is kept keeps its policy",
        file="src/luxewin/pages/raffles/pages.py",
        guard='{**headers, "content-security-policy": self._policy()}',
        gone="headers",
        tests=[f"{TEST_PAGES}::test_a_page_is_kept_for_a_moment_and_not_sent_again_unchanged"],
    ),
)
