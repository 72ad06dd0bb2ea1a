"""A real EVM node on a private port, and the hand that holds its clock, its blocks and its memory pool."""

import os
import platform
import re
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO, Any, Self

import httpx2

FOLDER = Path(__file__).parent
GENESIS = 1_900_000_000
CHAIN_ID = 31_337
ETHER = 10**18
_REMEDY = "run `npm ci --ignore-scripts --prefix tests/chain` (npm comes with Node.js; on Debian: apt-get install npm)"


class NodeRefused(Exception):
    """The node has answered with an error."""


class Anvil:
    """A node; it mines nothing by itself, unless a block's seconds are given."""

    def __init__(self, *, chain_id: int = CHAIN_ID, genesis: int = GENESIS, block_seconds: int | None = None) -> None:
        self.chain_id = chain_id
        self._folder = tempfile.TemporaryDirectory(prefix="luxewin-anvil-")
        options = ["--accounts", "4", "--timestamp", str(genesis), "--chain-id", str(chain_id)]
        options += ["--no-mining"] if block_seconds is None else ["--block-time", str(block_seconds)]
        self._process = subprocess.Popen(
            [program(), "--host", "127.0.0.1", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"HOME": self._folder.name},
        )
        self.url = f"http://127.0.0.1:{self._port()}"
        self._reader = threading.Thread(target=lambda: [None for _ in self._output])  # a full pipe would stop the node
        self._reader.start()
        self._client = httpx2.Client(base_url=self.url, timeout=20)
        self.accounts: list[str] = self.ask("eth_accounts")

    def ask(self, method: str, *parameters: Any) -> Any:
        """Ask over JSON-RPC."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        answer = self._client.post("/", json=body).json()
        if "error" in answer:
            raise NodeRefused(str(answer["error"]))
        return answer["result"]

    def mine(self, blocks: int = 1, *, at: int | None = None) -> None:
        """Mine what waits, the first block at a given time, the others a second apart."""
        for number in range(blocks):
            self.ask("evm_setNextBlockTimestamp", self.time + 1 if at is None or number else at)
            self.ask("evm_mine")

    def reorganise(self, depth: int) -> None:
        """Replace so many blocks by empty ones, with other hashes; the transactions in them are gone."""
        self.ask("anvil_reorg", depth, [])

    def forget(self, transaction_hash: bytes) -> None:
        """Drop a transaction that waits, as a node does whose pool is full or that was started anew."""
        self.ask("anvil_dropTransaction", "0x" + transaction_hash.hex())

    def stop(self) -> None:
        """Stop answering, with the port still open."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Answer again."""
        self._process.send_signal(signal.SIGCONT)

    def block(self, number: int | str) -> Any:
        """Return a block of the chain as it is now."""
        whole_transactions = False
        return self.ask("eth_getBlockByNumber", number if isinstance(number, str) else hex(number), whole_transactions)

    @property
    def head(self) -> Any:
        """The newest block."""
        return self.block("latest")

    @property
    def time(self) -> int:
        """The newest block's time."""
        return int(self.head["timestamp"], 16)

    @property
    def waiting(self) -> list[str]:
        """The hashes of all transactions that wait, ready or not."""
        content = self.ask("txpool_content")
        pools = (content["pending"], content["queued"])
        return [waiting["hash"] for pool in pools for sender in pool.values() for waiting in sender.values()]

    def close(self) -> None:
        """End the node."""
        self._client.close()
        self._process.send_signal(signal.SIGCONT)
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._output.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _port(self) -> int:
        said = []
        for line in self._output:
            if found := re.search(r"Listening on 127\.0\.0\.1:(\d+)", line):
                return int(found[1])
            said.append(line)
        raise RuntimeError(f"the node did not start:\n{''.join(said)}")


def program() -> Path:
    """Return where the node's program lies."""
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "?")
    name = f"anvil-{platform.system().lower()}-{machine}"
    found = FOLDER / "node_modules" / "@foundry-rs" / name / "bin" / "anvil"
    if not found.exists():
        raise RuntimeError(f"the EVM node of the tests ({name}) is not installed: {_REMEDY}")
    return found
