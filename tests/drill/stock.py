"""Guards of inventory: nothing is sold twice."""

from collections.abc import Sequence

from tests.drill.guard import Guard

MODELS = "src/luxewin/modules/inventory/models.py"
STOCK_ROWS = "src/luxewin/modules/inventory/repository/stock.py"

TEST_LOCKS = "tests/modules/inventory/test_locks.py"
TEST_BACKORDERS = "tests/modules/inventory/test_backorders.py"
TEST_REFUNDING = "tests/modules/orders/test_refunding.py"
TEST_RESERVATIONS = "tests/modules/inventory/test_reservations.py"

STOCK: Sequence[Guard] = (
    Guard(
        name="stock is set under the lock of its rows",
        file=STOCK_ROWS,
        guard="ORDER BY variant_id, location_id FOR NO KEY UPDATE",
        gone="ORDER BY variant_id, location_id",
        tests=["tests/modules/inventory/test_locks.py::test_stock_that_is_set_while_units_are_reserved_counts_them"],
    ),
    Guard(
        name="stock is subtracted only if it is still there",
        file=STOCK_ROWS,
        guard=(
            '        " AND s.on_hand + d.on_hand >= 0 AND s.reserved + d.reserved >= 0"\n'
            '        " AND s.available + d.on_hand - d.reserved >= 0",\n'
        ),
        gone='        "",\n',
        tests=[
            "tests/modules/inventory/test_stale_readings.py::test_an_allocation_of_a_unit_that_was_sold_meanwhile_is_refused"
        ],
    ),
    Guard(
        name="the table never reserves more than there is",
        file=MODELS,
        guard='    CheckConstraint("reserved <= on_hand + backorder_limit", name="never_oversold"),\n',
        gone="",
        tests=[f"{TEST_RESERVATIONS}::test_the_database_itself_refuses_to_reserve_more_than_there_is"],
    ),
    Guard(
        name="stock rows are locked in one order",
        file=STOCK_ROWS,
        guard=' ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE OF s)"',
        gone=')"',
        tests=[f"{TEST_LOCKS}::test_an_order_locks_its_stock_rows_in_one_order_whatever_the_plan"],
    ),
    Guard(
        name="closed backorders only shrink",
        file=MODELS,
        guard="WHEN (NEW.backorders_closed AND NEW.backorder_limit > 0)",
        gone="WHEN (false)",
        tests=[f"{TEST_BACKORDERS}::test_closed_backorders_shrink_to_what_is_sold_and_never_grow_again"],
    ),
    Guard(
        name="a policy that denies closes the backorders",
        file="src/luxewin/modules/catalog/service/save_products.py",
        guard="        inventory.close_backorders(tx, closed)\n",
        gone="        pass\n",
        tests=["tests/workflows/import_catalog/test_recognition.py"],
    ),
    Guard(
        name="stock that is adjusted is the stock that was seen",
        file="src/luxewin/modules/inventory/routes.py",
        guard="        must_match(context, stock.version, has_state=True, state=_state(stock))\n",
        gone="",
        tests=["tests/modules/inventory/test_routes.py"],
    ),
    Guard(
        name="stock gets back no more than it has given",
        file="src/luxewin/modules/inventory/domain.py",
        guard="min(quantity, taken[variant_id])",
        gone="quantity",
        tests=[
            "tests/modules/inventory/test_movements.py::test_units_sold_before_the_first_count_do_not_come_back_into_it",
            f"{TEST_REFUNDING}::test_units_that_were_sold_untracked_do_not_come_back_into_the_first_count",
        ],
    ),
    Guard(
        name="what stays reserved of a backorder is reserved again",
        file="src/luxewin/modules/inventory/service/restock.py",
        guard="        *([repository.keep_reservations(tx, returned.kept)] if returned.kept else []),\n",
        gone="",
        tests=[f"{TEST_BACKORDERS}::test_the_rest_of_a_part_returned_backorder_keeps_its_place_in_the_queue"],
    ),
    Guard(
        name="a reservation ends once: the write",
        file="src/luxewin/modules/inventory/repository/reservations.py",
        guard='r.location_id = e.location_id"\n        " AND r.status = \'active\'",',
        gone='r.location_id = e.location_id",',
        tests=["tests/modules/inventory/test_stale_readings.py::test_ending_a_reservation_that_has_ended_is_refused"],
    ),
    Guard(
        name="a reservation ends once: the trigger",
        file=MODELS,
        guard="WHEN (OLD.status <> 'active')",
        gone="WHEN (false)",
        tests=[f"{TEST_RESERVATIONS}::test_a_reservation_that_has_ended_is_never_changed_again"],
    ),
    Guard(
        name="a change of availability is decided under the variant's lock",
        file=MODELS,
        guard="AND v.variant_id = NEW.variant_id FOR NO KEY UPDATE;",
        gone="AND v.variant_id = NEW.variant_id;",
        tests=[f"{TEST_LOCKS}::test_of_two_orders_that_empty_two_locations_the_second_sees_the_first"],
    ),
)
