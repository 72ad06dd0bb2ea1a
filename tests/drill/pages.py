"""Guards of the pages: what they say of a draw, of an unknown address, and of a person who signs in."""

from collections.abc import Sequence

from tests.drill.guard import Guard

ADDRESSES = "tests/pages/test_raffle_addresses.py"
CHECKS = "tests/pages/test_raffle_check.py"
EXPLORER = "src/luxewin/pages/static/swagger.js"
IN_A_BROWSER = "tests/pages/test_in_a_browser.py"
RAFFLE_PAGES = "src/luxewin/pages/raffles/pages.py"
RAFFLE_SCRIPT = "src/luxewin/pages/static/raffle.js"

PAGES: Sequence[Guard] = (
    Guard(
        name="pages: a draw of a local beacon is not called proved",
        file=RAFFLE_SCRIPT,
        guard='else if (page.dataset.round && isDrawn()) showResult(verdict, "unsure"',
        gone='else if (false) showResult(verdict, "unsure"',
        tests=[f"{CHECKS}::test_every_step_passes_on_the_demos_first_draw"],
    ),
    Guard(
        name="pages: a check with a failed step has failed",
        file=RAFFLE_SCRIPT,
        guard='if (failed) showResult(verdict, "failed"',
        gone='if (false) showResult(verdict, "failed"',
        tests=[f"{CHECKS}::test_what_was_changed_on_the_way_fails_at_its_step"],
    ),
    Guard(
        name="pages: a check with an unsure step has not passed",
        file=RAFFLE_SCRIPT,
        guard='else if (states.has("unsure"))',
        gone="else if (false)",
        tests=[f"{CHECKS}::test_what_cannot_be_found_out_is_not_called_right"],
    ),
    Guard(
        name="pages: the verifier can be downloaded",
        file=RAFFLE_PAGES,
        guard='if scope["path"] == VERIFIER_PATH:',
        gone="if False:",
        tests=[f"{ADDRESSES}::test_the_verifier_can_be_downloaded_and_needs_nothing_else"],
    ),
    Guard(
        name="pages: an unknown shop is called an unknown shop",
        file=RAFFLE_PAGES,
        guard='_message_without_shop(scope, 404, "unknown_shop")',
        gone='_message_without_shop(scope, 503, "unavailable")',
        tests=[f"{ADDRESSES}::test_an_unknown_shop_is_called_an_unknown_shop"],
    ),
    Guard(
        name="pages: a browser gets a page for an unknown address",
        file="src/luxewin/kit/http/pages.py",
        guard="return self._missing if is_browser and",
        gone="return self._missing if False and",
        tests=[f"{ADDRESSES}::test_a_browser_gets_a_page_and_a_program_a_problem_document"],
    ),
    Guard(
        name="pages: the API answers with problem documents also to browsers",
        file="src/luxewin/kit/http/pages.py",
        guard='if is_browser and not scope["path"].startswith("/api") else None',
        gone="if is_browser else None",
        tests=[f"{ADDRESSES}::test_the_api_answers_with_problem_documents_also_to_browsers"],
    ),
    Guard(
        name="pages: the explorer calls with the token of the person who signed in",
        file=EXPLORER,
        guard='window.ui.preauthorizeApiKey("bearerAuth", answer.access_token);',
        gone="",
        tests=[f"{IN_A_BROWSER}::test_a_person_signs_in_and_calls_an_operation_of_their_account"],
    ),
    Guard(
        name="pages: signing out takes the token from the explorer",
        file=EXPLORER,
        guard='window.ui.authActions.logout(["bearerAuth"]);',
        gone="",
        tests=[f"{IN_A_BROWSER}::test_a_person_signs_in_and_calls_an_operation_of_their_account"],
    ),
    Guard(
        name="pages: nobody signs in before the explorer can use the token",
        file="src/luxewin/pages/templates/swagger.html",
        guard="data-sign-in hidden",
        gone="data-sign-in",
        tests=[f"{IN_A_BROWSER}::test_nobody_signs_in_before_the_explorer_can_use_the_token"],
    ),
)
