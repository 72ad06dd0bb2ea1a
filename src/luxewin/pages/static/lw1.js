// The protocol LW1 in a browser, with Web Cryptography only: the hashes and signatures of a draw.
// Nothing here touches the page. A check that fails throws `Mismatch`; one that cannot be made throws `Inconclusive`.

const text = new TextEncoder();
const LEAVES_PER_BATCH = 2048;

export class Mismatch extends Error {
  constructor(reason, expected, found) {
    super(reason);
    Object.assign(this, { reason, expected, found });
  }
}

export class Inconclusive extends Error {
  constructor(reason, values = {}) {
    super(reason);
    Object.assign(this, { reason, values });
  }
}

export function assertEqual(found, expected, reason) {
  if (found !== expected) throw new Mismatch(reason, expected, found);
}

// --- Bytes ---

export function bytes(hex) {
  if (typeof hex !== "string" || hex.length % 2 || !/^[0-9a-f]*$/.test(hex)) throw new Mismatch("differ_read", "hex", hex);
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

export function hex(array) {
  return Array.from(array, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function uuid(id) {
  return bytes(id.replaceAll("-", ""));
}

function u64be(number) {
  const array = new Uint8Array(8);
  new DataView(array.buffer).setBigUint64(0, BigInt(number));
  return array;
}

function joined(...parts) {
  const arrays = parts.map((part) => (typeof part === "string" ? text.encode(part) : part));
  const result = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

// RFC 8785 for the documents of the protocol: their numbers are integers and their names are ASCII.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export async function hashOf(document) {
  return hex(await sha256(canonical(document)));
}

// --- Rules: each version refers to the earlier one, and may only move the closing time later ---

// Two versions may differ in their closing time and round only, and the closing time moves later.
export async function assertVersionsFollow(versions) {
  let hash = null;
  for (const [index, rules] of versions.entries()) {
    assertEqual(rules.version, index + 1, "differ_versions");
    assertEqual(rules.previous_rules_hash, hash, "differ_versions");
    if (index) {
      const before = versions[index - 1];
      const { version, previous_rules_hash, closes_at, round } = rules;
      assertEqual(closes_at > before.closes_at, true, "differ_versions");
      assertEqual(canonical(rules), canonical({ ...before, version, previous_rules_hash, closes_at, round }), "differ_versions");
    }
    hash = await hashOf(rules);
  }
}

// --- Signatures: Ed25519 ---

export async function assertSigned(document, key, signature, reason) {
  let publicKey;
  try {
    publicKey = await crypto.subtle.importKey("raw", bytes(key), "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error instanceof Mismatch) throw error;
    throw new Inconclusive("unsure_browser");
  }
  const isValid = await crypto.subtle.verify("Ed25519", publicKey, bytes(signature), text.encode(canonical(document)));
  if (!isValid) throw new Mismatch(reason);
}

// --- The tree of entries: RFC 6962, section 2.1 ---

function leaf(raffleId, number, commit) {
  return sha256(Uint8Array.of(0), "LW1/ticket", uuid(raffleId), u64be(number), commit);
}

function node(left, right) {
  return sha256(Uint8Array.of(1), left, right);
}

// Accepts entries in chunks of any size; stores one hash for each binary digit of their number.
export class Tree {
  #subtrees = [];

  constructor(raffleId) {
    this.raffleId = raffleId;
    this.entries = 0;
  }

  async add(entries) {
    for (let at = 0; at < entries.length; at += LEAVES_PER_BATCH) {
      const some = entries.slice(at, at + LEAVES_PER_BATCH);
      const leaves = await Promise.all(some.map(([number, commit]) => leaf(this.raffleId, number, commit)));
      for (const hashed of leaves) await this.#append(hashed);
    }
  }

  async #append(hashed) {
    this.entries += 1;
    for (let seen = this.entries; seen % 2 === 0; seen /= 2) hashed = await node(this.#subtrees.pop(), hashed);
    this.#subtrees.push(hashed);
  }

  async root() {
    if (!this.entries) return hex(await sha256());
    const subtrees = [...this.#subtrees];
    let root = subtrees.pop();
    while (subtrees.length) root = await node(subtrees.pop(), root);
    return hex(root);
  }
}

// Return the pairs of number and commitment in a chunk of the list.
export function entriesOf({ numbers, commits }) {
  const pairs = [];
  for (const [first, last] of numbers) {
    for (let number = first; number <= last; number += 1) {
      pairs.push([number, bytes(commits.slice(64 * pairs.length, 64 * pairs.length + 64))]);
    }
  }
  if (commits.length !== 64 * pairs.length) throw new Mismatch("differ_count", pairs.length, commits.length / 64);
  return pairs;
}

// RFC 9162, section 2.1.3.2: return the root of a leaf's path; null if the path has the wrong length.
export async function rootFromPath(raffleId, { number, commit, position, path }, entries) {
  let hashed = await leaf(raffleId, number, bytes(commit));
  let index = position;
  let last = entries - 1;
  for (const sibling of path.map(bytes)) {
    if (last === 0) return null;
    if (index % 2 || index === last) {
      hashed = await node(sibling, hashed);
      while (index % 2 === 0 && index) [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
    } else {
      hashed = await node(hashed, sibling);
    }
    [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hex(hashed) : null;
}

// --- The commitment of a ticket ---

export async function holderTag(raffleId, accountId) {
  return sha256("LW1/holder", uuid(raffleId), uuid(accountId));
}

export async function commitment(salt, tag) {
  return hex(await sha256("LW1/commit", bytes(salt), tag));
}

// --- From the round to the winners ---

export function timeOf({ genesis_time: genesis, period_seconds: period }, round) {
  return genesis + (round - 1) * period;
}

export async function seedOf(rules, receipt, beacon) {
  const drawn = [bytes(rules.beacon.chain_hash), u64be(receipt.round), await sha256(bytes(beacon.signature))];
  const list = [uuid(receipt.raffle_id), bytes(receipt.merkle_root), u64be(receipt.entries)];
  return hex(await sha256("LW1/seed", ...drawn, ...list));
}

// A sparse Fisher–Yates shuffle over HMAC-SHA256 in counter mode; blocks that favour small numbers are rejected.
export async function positions(seed, entries, count) {
  const key = await crypto.subtle.importKey("raw", bytes(seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const moved = new Map();
  const drawn = [];
  let counter = 0;
  const block = async () => {
    const signed = await crypto.subtle.sign("HMAC", key, joined("LW1/idx", u64be(counter++)));
    return BigInt(`0x${hex(new Uint8Array(signed))}`);
  };
  for (let k = 0; k < Math.min(entries, count); k += 1) {
    const left = BigInt(entries - k);
    const limit = ((1n << 256n) / left) * left;
    let value = await block();
    while (value >= limit) value = await block();
    const chosen = k + Number(value % left);
    drawn.push(moved.get(chosen) ?? chosen);
    moved.set(chosen, moved.get(k) ?? k);
  }
  return drawn;
}

// Check that the winners and reserve winners are the entries at the drawn positions, in their order.
export async function assertOutcome(outcome, rules, drawn, entryAt) {
  const skips = new Map(outcome.skips.map((skip) => [skip.position, skip]));
  const places = [];
  for (const position of drawn) {
    const [number, commit] = entryAt(position);
    const skip = skips.get(position);
    if (!skip) places.push({ position, number });
    else if (skip.number !== number) throw new Mismatch("differ_skip", number, skip.number);
    else if (skip.reason === "one_per_person") await assertSkip(skip, rules, commit, places, entryAt);
  }
  const prizes = rules.prizes.length;
  const winners = places.slice(0, prizes).map((place, at) => ({ prize: at + 1, ...place }));
  assertEqual(canonical(outcome.winners), canonical(winners), "differ_winners");
  assertEqual(canonical(outcome.reserves), canonical(places.slice(prizes)), "differ_winners");
  return winners;
}

async function assertSkip({ number, reveal }, rules, commit, places, entryAt) {
  const [own, holding] = reveal;
  const place = places.find((one) => one.number === holding.number);
  const isValid = rules.one_prize_per_person && own.number === number && place && own.holder_tag === holding.holder_tag;
  if (!isValid) throw new Mismatch("differ_skip", number, own.number);
  assertEqual(await commitment(own.salt, bytes(own.holder_tag)), hex(commit), "differ_skip");
  assertEqual(await commitment(holding.salt, bytes(holding.holder_tag)), hex(entryAt(place.position)[1]), "differ_skip");
}
