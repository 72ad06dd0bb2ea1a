"""Guards of the verification of draws: signatures, entries, promises and the proof of one ticket, in both verifiers."""

from collections.abc import Sequence

from tests.drill.guard import Guard

VERIFIER = "verify/verify_draw.py"
TYPESCRIPT = "verify/typescript/src"
TEST_VECTORS = "tests/modules/raffles/test_vectors.py"
SIGNATURES = [f"{TEST_VECTORS}::test_the_verifier_agrees_on_a_signature"]
ROUNDS = [f"{TEST_VECTORS}::test_the_program_and_the_verifier_agree_on_the_signature_of_a_round"]
CHANGES = [f"{TEST_VECTORS}::test_the_verifier_agrees_on_every_change"]
BUNDLES = [f"{TEST_VECTORS}::test_the_verifier_agrees_on_every_bundle"]
TICKETS = [f"{TEST_VECTORS}::test_the_verifier_agrees_on_every_answer_for_one_ticket"]
TYPESCRIPT_VECTORS = [
    "tests/modules/raffles/test_two_verifiers.py::test_the_verifier_in_typescript_agrees_with_every_vector"
]

VERIFICATION: Sequence[Guard] = (
    Guard(
        name="verifier: keys of small order are refused",
        file=VERIFIER,
        guard=" or edwards_times(8, a) == (0, 1):",
        gone=":",
        tests=SIGNATURES,
    ),
    Guard(
        name="verifier: the second half of a signature is below the order",
        file=VERIFIER,
        guard=" or s >= L or",
        gone=" or",
        tests=SIGNATURES,
    ),
    Guard(
        name="verifier: points of Ed25519 have one encoding",
        file=VERIFIER,
        guard="    if y >= Q:\n",
        gone="    if False:\n",
        tests=SIGNATURES,
    ),
    Guard(
        name="verifier: coordinates of BLS12-381 have one encoding",
        file=VERIFIER,
        guard=" or max(parts) >= P:",
        gone=":",
        tests=ROUNDS,
    ),
    Guard(
        name="verifier: points of BLS12-381 are in the subgroup",
        file=VERIFIER,
        guard="    return point if times(R, point) is None else None\n",
        gone="    return point\n",
        tests=ROUNDS,
    ),
    Guard(
        name="verifier: each range of numbers begins beyond the one before",
        file=VERIFIER,
        guard="        must(before + 1 < first <= last,",
        gone="        must(first <= last,",
        tests=CHANGES,
    ),
    Guard(
        name="verifier: texts have no unpaired surrogate",
        file=VERIFIER,
        guard="and not any(",
        gone="and any([]) == any(",
        tests=BUNDLES,
    ),
    Guard(
        name="verifier: what buyers were promised has its hash",
        file=VERIFIER,
        guard="    must(sha256(content).hex() == promised,",
        gone="    must(bool(content),",
        tests=BUNDLES,
    ),
    Guard(
        name="verifier: the path of a ticket ends at the root",
        file=VERIFIER,
        guard="    must(last == 0, ",
        gone="    must(last >= 0, ",
        tests=TICKETS,
    ),
    Guard(
        name="verifier: a ticket is that of the salt and the account",
        file=VERIFIER,
        guard='    must(opened_to.hex() == ticket["commit"],',
        gone="    must(bool(opened_to),",
        tests=TICKETS,
    ),
    Guard(
        name="verifier in TypeScript: the equation is not multiplied by the cofactor",
        file=f"{TYPESCRIPT}/ed25519.ts",
        guard=".equals(r.add(a.multiplyUnsafe(k)));",
        gone=".clearCofactor().equals(r.add(a.multiplyUnsafe(k)).clearCofactor());",
        tests=TYPESCRIPT_VECTORS,
    ),
    Guard(
        name="verifier in TypeScript: keys of small order are refused",
        file=f"{TYPESCRIPT}/ed25519.ts",
        guard=" || a.isSmallOrder()",
        gone="",
        tests=TYPESCRIPT_VECTORS,
    ),
    Guard(
        name="verifier in TypeScript: coordinates have one encoding",
        file=f"{TYPESCRIPT}/beacon.ts",
        guard="toInteger(part) < fields.Fp.ORDER",
        gone="toInteger(part) < 2n * fields.Fp.ORDER",
        tests=TYPESCRIPT_VECTORS,
    ),
    Guard(
        name="verifier in TypeScript: points are in the subgroup",
        file=f"{TYPESCRIPT}/beacon.ts",
        guard="    point.assertValidity(); // on the curve and in the subgroup\n",
        gone="",
        tests=TYPESCRIPT_VECTORS,
    ),
    Guard(
        name="verifier in TypeScript: what buyers were promised has its hash",
        file=f"{TYPESCRIPT}/verify.ts",
        guard="!hasBadText(value) && documentHash(value) === promised",
        gone='!hasBadText(value) && documentHash(value) !== "" && promised !== undefined',
        tests=TYPESCRIPT_VECTORS,
    ),
    Guard(
        name="raffle page: what buyers were promised has its hash",
        file="src/luxewin/pages/static/raffle.js",
        guard='  lw1.assertEqual(await lw1.hashOf(details), promised, "differ_details");\n',
        gone="",
        tests=["tests/pages/test_raffle_check.py::test_what_was_changed_on_the_way_fails_at_its_step[in_details]"],
    ),
    Guard(
        name="raffles: a promise that was changed after publication is a violation",
        file="src/luxewin/modules/raffles/service/prove_draws.py",
        guard="promised is not None and promised != hash_of(details_of(raffle.terms)).hex()",
        gone="promised is not None and not details_of(raffle.terms)",
        tests=[
            "tests/workflows/raffles/test_invariants.py::test_a_promise_that_was_changed_after_publication_is_found"
        ],
    ),
)
