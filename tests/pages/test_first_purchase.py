"""The commands of the start page, run unchanged against the running program."""

import json
import subprocess
from html import unescape

import httpx2

from tests.program import Program


def test_the_first_purchase_works_as_printed_and_charges_once(program: Program) -> None:
    page = httpx2.get(f"{program.url}/", timeout=30).text
    commands = unescape(page.partition('<pre id="commands"')[2].partition("<code>")[2].partition("</code>")[0])
    order = commands[commands.index("curl -s $API/orders") :]
    ran = subprocess.run(
        ["bash", "-euc", f"{commands}\necho\n{order}"], capture_output=True, text=True, check=True, timeout=60
    )
    first, again = (json.loads(line) for line in ran.stdout.splitlines())
    assert first["status"] == "paid"
    assert (again["id"], again["payments"]) == (first["id"], first["payments"])
