"""A real EVM node on a free port, with control of its clock, its blocks and its pool of transactions."""

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


class NodeError(Exception):
    """The node answered with an error."""


class Anvil:
    """A node; it mines only on request, unless `block_seconds` is given."""

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
        self._reader = threading.Thread(target=lambda: [None for _ in self._output])  # a full pipe would block the node
        self._reader.start()
        self._client = httpx2.Client(base_url=self.url, timeout=20)
        self.accounts: list[str] = self.request("eth_accounts")

    def request(self, method: str, *parameters: Any) -> Any:
        """Return the result of a JSON-RPC request."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        answer = self._client.post("/", json=body).json()
        if "error" in answer:
            raise NodeError(str(answer["error"]))
        return answer["result"]

    def mine(self, blocks: int = 1, *, at: int | None = None) -> None:
        """Mine blocks with the pooled transactions: the first at the given time, the others a second apart."""
        for number in range(blocks):
            self.request("evm_setNextBlockTimestamp", self.time + 1 if at is None or number else at)
            self.request("evm_mine")

    def reorganise(self, depth: int) -> None:
        """Replace the newest blocks by empty ones with other hashes; their transactions are dropped."""
        self.request("anvil_reorg", depth, [])

    def drop(self, transaction_hash: bytes) -> None:
        """Drop a pooled transaction, as a node does whose pool is full or that was restarted."""
        self.request("anvil_dropTransaction", "0x" + transaction_hash.hex())

    def suspend(self) -> None:
        """Suspend the process: the port stays open, but nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume the suspended process."""
        self._process.send_signal(signal.SIGCONT)

    def block(self, number: int | str) -> Any:
        """Return a block of the current chain, with the hashes of its transactions."""
        full_transactions = False
        return self.request(
            "eth_getBlockByNumber", number if isinstance(number, str) else hex(number), full_transactions
        )

    @property
    def head(self) -> Any:
        """The newest block."""
        return self.block("latest")

    @property
    def time(self) -> int:
        """The newest block's time."""
        return int(self.head["timestamp"], 16)

    @property
    def pooled(self) -> list[str]:
        """The hashes of all pooled transactions, executable or not."""
        content = self.request("txpool_content")
        pools = (content["pending"], content["queued"])
        return [pooled["hash"] for pool in pools for sender in pool.values() for pooled in sender.values()]

    def close(self) -> None:
        """Stop the node."""
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
        lines = []
        for line in self._output:
            if found := re.search(r"Listening on 127\.0\.0\.1:(\d+)", line):
                return int(found[1])
            lines.append(line)
        raise RuntimeError(f"the node did not start:\n{''.join(lines)}")


def program() -> Path:
    """Return the path of the node's executable."""
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "?")
    name = f"anvil-{platform.system().lower()}-{machine}"
    found = FOLDER / "node_modules" / "@foundry-rs" / name / "bin" / "anvil"
    if not found.exists():
        raise RuntimeError(f"the EVM node of the tests ({name}) is not installed: {_REMEDY}")
    return found
