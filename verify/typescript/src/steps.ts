/** Section 11: the steps of verification, in order. Each step rejects with its error, or returns. */
import { chainHash, firstRound, isBeaconValid, QUICKNET_HASH, randomness, timeOfRound } from "./beacon.js";
import { fromHex, toHex, uuidBytes } from "./bytes.js";
import { arePositionsEmitted } from "./draw.js";
import { isEd25519Valid } from "./ed25519.js";
import { areRangesOrdered, countEntries, type Entries, entriesRoot, expandEntries } from "./entries.js";
import { demand } from "./errors.js";
import type { Bundle, Rules } from "./format.js";
import { documentHash, seedPreimage, sha256 } from "./hashes.js";
import { jcs, sameJson } from "./jcs.js";
import type { JsonObject } from "./json.js";
import { checkOutcome } from "./outcome.js";

/** Something that a person has to know about a bundle, although it is valid. */
export interface Caveat {
  readonly name: "local_beacon" | "no_anchor" | "anchor_not_looked_up" | "operator_decisions";
  readonly count?: number;
}

/** What the steps share: the bundle, its newest rules, and the entries once they are known to fit. */
export interface Context {
  readonly bundle: Bundle;
  readonly rules: Rules;
  readonly entries: () => Entries;
}

/** A step of section 11: its name, and its checks, which return the caveats that arise. */
export interface Step {
  readonly name: string;
  readonly check: (context: Context) => readonly Caveat[];
}

/** The steps 2 to 11. Step 1, the format, makes the context. */
export const STEPS: readonly Step[] = [
  { name: "rules", check: checkRules },
  { name: "chain", check: checkChain },
  { name: "entries", check: checkEntries },
  { name: "receipt", check: checkReceipt },
  { name: "anchor", check: checkAnchor },
  { name: "beacon", check: checkBeacon },
  { name: "seed", check: checkSeed },
  { name: "positions", check: checkPositions },
  { name: "outcome", check: checkAwards },
  { name: "signature", check: checkSignature },
];

/** The context of a bundle. The entries are expanded once, and only when a step asks for them. */
export function contextOf(bundle: Bundle): Context {
  let entries: Entries | undefined;
  return {
    bundle,
    rules: bundle.rules.at(-1) as Rules,
    entries: () => (entries ??= expandEntries(bundle.entries.numbers, bundle.entries.commits)),
  };
}

/** Whether an Ed25519 signature over the canonical form of a document is valid. */
export function isSigned(document: JsonObject, signature: string, key: string): boolean {
  return isEd25519Valid(fromHex(key), jcs(document), fromHex(signature));
}

function checkRules({ bundle, rules }: Context): readonly Caveat[] {
  bundle.rules.forEach((version, i) => checkVersion(bundle.raffle_id, version, i + 1, bundle.rules[i - 1]));
  demand(bundle.receipt.rules_hash === documentHash(rules.json), "rules.receipt");
  return [];
}

function checkVersion(raffleId: string, rules: Rules, version: number, previous: Rules | undefined): void {
  demand(rules.raffle_id === raffleId, "rules.raffle");
  demand(rules.version === version, "rules.version");
  const previousHash = previous === undefined ? null : documentHash(previous.json);
  demand(rules.previous_rules_hash === previousHash, "rules.previous");
  const due = BigInt(rules.closes_at) + BigInt(rules.draw_delay_seconds);
  demand(BigInt(rules.round) === firstRound(rules.beacon, due), "rules.round");
  demand((rules.anchor === null) === (rules.on_missed_anchor === null), "rules.missed_anchor");
  demand(rules.beacon.beacon_id !== "quicknet" || rules.draw_delay_seconds >= 600, "rules.delay");
  if (previous === undefined) return;
  demand(rules.closes_at > previous.closes_at, "rules.earlier");
  demand(sameJson(unchangedPart(rules), unchangedPart(previous)), "rules.changed");
}

/** The members of the rules that no postponement changes. */
function unchangedPart(rules: Rules): JsonObject {
  const changing = ["version", "previous_rules_hash", "closes_at", "round"];
  return new Map([...rules.json].filter(([name]) => !changing.includes(name)));
}

function checkChain({ rules: { beacon } }: Context): readonly Caveat[] {
  demand(beacon.chain_hash === chainHash(beacon), "chain.hash");
  if (beacon.beacon_id === "local") return [{ name: "local_beacon" }];
  demand(beacon.chain_hash === QUICKNET_HASH, "chain.quicknet");
  return [];
}

function checkEntries({ bundle: { entries }, rules }: Context): readonly Caveat[] {
  demand(areRangesOrdered(entries.numbers), "entries.order");
  const count = countEntries(entries.numbers);
  demand(count <= rules.capacity, "entries.capacity");
  demand(BigInt(entries.commits.length) === 64n * BigInt(count), "entries.commits");
  return [];
}

function checkReceipt({ bundle, rules, entries }: Context): readonly Caveat[] {
  const { receipt } = bundle;
  demand(receipt.raffle_id === bundle.raffle_id, "receipt.raffle");
  demand(receipt.round === rules.round, "receipt.round");
  demand(receipt.entries === entries().numbers.length, "receipt.entries"); // so there is at least one entry
  demand(receipt.merkle_root === toHex(entriesRoot(receipt.raffle_id, entries())), "receipt.root");
  demand(rules.closes_when_sold_out || receipt.locked_at >= rules.closes_at, "receipt.early");
  demand(BigInt(receipt.locked_at) < timeOfRound(rules.beacon, rules.round), "receipt.late");
  demand(isSigned(receipt.json, bundle.receipt_signature, rules.signing_key), "receipt.signature");
  return [];
}

function checkAnchor({ bundle: { anchor }, rules }: Context): readonly Caveat[] {
  const promise = rules.anchor;
  demand((anchor === null) === (promise === null), "anchor.presence");
  if (anchor === null || promise === null) return [{ name: "no_anchor" }];
  const isThere = anchor.chain_id === promise.chain_id && anchor.contract === promise.contract;
  demand(isThere && anchor.sender === promise.sender, "anchor.location");
  const receiptBefore = timeOfRound(rules.beacon, rules.round) - BigInt(promise.margin_seconds);
  demand(BigInt(anchor.block_timestamp) < receiptBefore, "anchor.late");
  return [{ name: "anchor_not_looked_up" }];
}

function checkBeacon({ bundle: { beacon }, rules }: Context): readonly Caveat[] {
  demand(beacon.round === rules.round, "beacon.round");
  const isValid = isBeaconValid(fromHex(rules.beacon.public_key), beacon.round, fromHex(beacon.signature));
  demand(isValid, "beacon.signature");
  return [];
}

function checkSeed({ bundle, rules }: Context): readonly Caveat[] {
  const preimage = seedPreimage({
    chainHash: rules.beacon.chain_hash,
    round: rules.round,
    randomness: randomness(fromHex(bundle.beacon.signature)),
    raffleId: uuidBytes(bundle.receipt.raffle_id),
    merkleRoot: bundle.receipt.merkle_root,
    entries: bundle.receipt.entries,
  });
  demand(bundle.draw.seed === toHex(sha256(preimage)), "seed.value");
  return [];
}

function checkPositions({ bundle: { draw }, entries }: Context): readonly Caveat[] {
  demand(arePositionsEmitted(fromHex(draw.seed), entries().numbers.length, draw.positions), "positions.value");
  return [];
}

function checkAwards({ bundle, rules, entries }: Context): readonly Caveat[] {
  const decisions = checkOutcome(bundle, rules, entries());
  return decisions === 0 ? [] : [{ name: "operator_decisions", count: decisions }];
}

function checkSignature({ bundle, rules }: Context): readonly Caveat[] {
  const unsigned: JsonObject = new Map([...bundle.json].filter(([name]) => name !== "bundle_signature"));
  demand(isSigned(unsigned, bundle.bundle_signature, rules.signing_key), "signature.value");
  return [];
}
