"""Guards of carts and orders."""

from collections.abc import Sequence

from tests.drill.guard import Guard

MODELS = "src/luxewin/modules/orders/models.py"
ORDER_ROWS = "src/luxewin/modules/orders/repository/orders.py"
TEST_PRECONDITIONS = "tests/modules/orders/test_preconditions.py"

ORDERS: Sequence[Guard] = (
    Guard(
        name="a cart lists what prevents its order",
        file="src/luxewin/modules/cart/service/details.py",
        guard="        obstacles |= await kind.obstacles(tx, of_kind, offers, user_id=tx.principal.user_id)\n",
        gone="        pass\n",
        tests=["tests/modules/orders/test_cart_problems.py"],
    ),
    Guard(
        name="a cart is ordered as it was read",
        file="src/luxewin/modules/cart/repository.py",
        guard=(
            "\" WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'open'\",\n"
            "        tx.tenant_id,\n"
            "        basket.cart_id,\n"
            "        basket.version,\n"
            "        status,\n"
        ),
        gone=(
            "\" WHERE tenant_id = $1 AND id = $2 AND $3::bigint > 0 AND status = 'open'\",\n"
            "        tx.tenant_id,\n"
            "        basket.cart_id,\n"
            "        basket.version,\n"
            "        status,\n"
        ),
        tests=["tests/modules/cart/test_ordering.py"],
    ),
    Guard(
        name="an order changes at the version that was read",
        file=ORDER_ROWS,
        guard="AND version = $4 AND status = $5",
        gone="AND $4::bigint > 0 AND $5::text <> ''",
        tests=["tests/modules/orders/test_transitions.py::test_an_order_changes_only_from_the_version_that_was_read"],
    ),
    Guard(
        name="changes of one order are serialised",
        file=ORDER_ROWS,
        guard='" WHERE tenant_id = $1 AND id = $2 AND version = $3",',
        gone='" WHERE tenant_id = $1 AND id = $2 AND $3::bigint > 0",',
        tests=["tests/modules/orders/test_transitions.py::test_of_two_refunds_based_on_one_read_the_second_is_refused"],
    ),
    Guard(
        name="an order larger than the largest amount has an error of its own",
        file="src/luxewin/modules/orders/service/place_order.py",
        guard="    except AmountTooLargeError as error:\n        raise OrderTooLarge from error\n",
        gone="    finally:\n        pass\n",
        tests=[
            "tests/modules/orders/test_free_expired_and_late.py::test_an_order_larger_than_the_largest_amount_is_refused"
        ],
    ),
    Guard(
        name="units are returned once: the write",
        file=ORDER_ROWS,
        guard='        " AND l.refunded_quantity + r.quantity <= l.quantity",\n',
        gone='        "",\n',
        tests=["tests/modules/orders/test_transitions.py::test_no_more_units_are_returned_than_were_sold"],
    ),
    Guard(
        name="units are returned once: the table",
        file=MODELS,
        guard='    CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_quantity"),\n',
        gone="",
        tests=["tests/modules/orders/test_constraints.py::test_no_line_returns_more_units_than_it_sold"],
    ),
    Guard(
        name="an order's total is its parts'",
        file=MODELS,
        guard=(
            '    CheckConstraint("total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor",'
            ' name="total"),\n'
        ),
        gone="",
        tests=["tests/modules/orders/test_constraints.py::test_an_orders_total_is_the_sum_of_its_parts"],
    ),
    Guard(
        name="a line's total is its price times its units",
        file=MODELS,
        guard='    CheckConstraint("total_minor = unit_price_minor * quantity", name="total"),\n',
        gone="",
        tests=["tests/modules/orders/test_constraints.py::test_a_lines_total_is_its_price_times_its_units"],
    ),
    Guard(
        name="an order costs what the buyer expects",
        file="src/luxewin/modules/orders/service/place_order.py",
        guard="    must_cost(order, command.expected_total)\n",
        gone="",
        tests=["tests/modules/orders/test_expected_totals.py"],
    ),
    Guard(
        name="an order honours the tag of its cart",
        file="src/luxewin/modules/orders/service/place_order.py",
        guard="        command.confirm(await cart.entity_tag_of(tx, opened, _priced(quoted)))\n",
        gone="        pass\n",
        tests=["tests/modules/orders/test_expected_totals.py"],
    ),
    Guard(
        name="the tag of a cart moves with what it costs",
        file="src/luxewin/modules/cart/domain/totals.py",
        guard="    digest = hashlib.sha256(repr((prices, astuple(totals))).encode()).hexdigest()\n",
        gone='    digest = hashlib.sha256(repr(len(prices)).encode()).hexdigest() if totals else ""\n',
        tests=["tests/modules/cart/test_checkout_details.py", "tests/modules/orders/test_expected_totals.py"],
    ),
    Guard(
        name="goods that are shipped have an address",
        file="src/luxewin/modules/orders/service/place_order.py",
        guard="(address is None and _is_shipped(quoted))",
        gone="address is ...",
        tests=["tests/modules/orders/test_expected_totals.py"],
    ),
    Guard(
        name="nothing that makes a cart too large is added",
        file="src/luxewin/modules/cart/service/items.py",
        guard="    must_be_payable(details.estimate)\n    tx.write(\n",
        gone="    tx.write(\n",
        tests=["tests/modules/cart/test_items.py::test_a_total_larger_than_the_largest_amount_is_refused"],
    ),
    Guard(
        name="an empty list of lines refunds nothing",
        file="src/luxewin/workflows/refund_order/schemas.py",
        guard="Field(min_length=1, max_length=100)",
        gone="Field(max_length=100)",
        tests=["tests/modules/orders/test_refunding.py::test_an_empty_list_of_lines_is_refused_and_refunds_nothing"],
    ),
    Guard(
        name="units go back into stock only if their line is named",
        file="src/luxewin/modules/orders/service/grant_refund.py",
        guard="    if request.restock and request.amount is not None and not request.lines:\n",
        gone="    if request.restock and request.amount is not None and request.lines is None:\n",
        tests=["tests/modules/orders/test_refunding.py"],
    ),
    Guard(
        name="a vendor's orders are for its members and staff",
        file="src/luxewin/modules/orders/service/vendor_orders.py",
        guard="    if not is_member and not (",
        gone="    if False and not (",
        tests=["tests/modules/orders/test_vendor_orders.py::test_only_members_and_staff_see_a_vendors_orders"],
    ),
    Guard(
        name="a vendor sees no order without its goods, and none that was not paid",
        file="src/luxewin/modules/orders/service/vendor_orders.py",
        guard="    if order is None or not order.was_paid or all(",
        gone="    if order is None or all(",
        tests=["tests/modules/orders/test_vendor_orders.py"],
    ),
    Guard(
        name="a vendor sees its own lines only",
        file="src/luxewin/modules/orders/schemas/vendor_orders.py",
        guard="for line in order.lines if line.vendor_id == vendor_id]",
        gone="for line in order.lines]",
        tests=["tests/modules/orders/test_vendor_orders.py::test_a_vendor_sees_its_own_lines_and_where_they_are_sent"],
    ),
    Guard(
        name="a vendor does not see the buyer's email address",
        file="src/luxewin/modules/orders/schemas/vendor_orders.py",
        guard='_NOT_FOR_VENDORS = ("email",)',
        gone="_NOT_FOR_VENDORS = ()",
        tests=["tests/modules/orders/test_vendor_orders.py::test_a_vendor_sees_its_own_lines_and_where_they_are_sent"],
    ),
    Guard(
        name="the stored payment status follows the events",
        file=MODELS,
        guard="AND o.payment_status <> s.status;",
        gone="AND o.payment_status <> s.status AND false;",
        tests=["tests/modules/orders/test_lists.py::test_the_stored_payment_status_follows_the_payments"],
    ),
    Guard(
        name="lists of orders: rare states are found by their index in every order",
        file="src/luxewin/modules/orders/repository/order_lists.py",
        guard="    few = await _few_orders(tx, query)\n",
        gone="    few = await _few_orders(tx, OrderQuery())\n",
        tests=["tests/modules/orders/test_plans.py::test_no_list_of_orders_reads_many_rows"],
    ),
    Guard(
        name="lists of a vendor's orders: rare states are found by their index",
        file="src/luxewin/modules/orders/repository/order_lists.py",
        guard='        sold.where("l.order_id = ANY ({}::uuid[])", await',
        gone='        sold.where("(true OR l.order_id = ANY ({}::uuid[]))", await',
        tests=["tests/modules/orders/test_plans.py::test_no_list_of_a_vendors_orders_reads_many_rows"],
    ),
    Guard(
        name="a refund is of the version of the order that was seen",
        file="src/luxewin/workflows/refund_order/workflow.py",
        guard="    must_match(context, order.version)\n",
        gone="",
        tests=[TEST_PRECONDITIONS],
    ),
    Guard(
        name="a payment is of the version of the order that was seen",
        file="src/luxewin/workflows/pay_order/workflow.py",
        guard="        must_match(context, order.version)\n",
        gone="",
        tests=[TEST_PRECONDITIONS],
    ),
    Guard(
        name="a confirmation is of the version of the order that was seen",
        file="src/luxewin/workflows/pay_order/confirmation.py",
        guard="            must_match(context, order.version)\n",
        gone="            pass\n",
        tests=[TEST_PRECONDITIONS],
    ),
    Guard(
        name="a cancellation is of the version of the order that was seen",
        file="src/luxewin/workflows/cancel_order/workflow.py",
        guard="                must_match(context, order.version)\n",
        gone="                pass\n",
        tests=[TEST_PRECONDITIONS],
    ),
    Guard(
        name="a payment is voided only for the version of the order that was seen",
        file="src/luxewin/workflows/cancel_order/workflow.py",
        guard="    must_match(context, order.version)\n    return attempt\n",
        gone="    return attempt\n",
        tests=[TEST_PRECONDITIONS],
    ),
)
