/** Section 3: every hash of the protocol. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ascii, concat, fromHex, toHex, toInteger, u64be, uuidBytes } from "./bytes.js";
import { jcs } from "./jcs.js";
import type { Json } from "./json.js";

export { sha256 };

/** The hash of a document: rules, receipt or details; in hexadecimal digits. */
export function documentHash(document: Json): string {
  return toHex(sha256(jcs(document)));
}

/** The same for all tickets of a holder in one raffle. */
export function holderTag(raffleId: string, holderId: string): string {
  return toHex(sha256(concat(ascii("LW1/holder"), uuidBytes(raffleId), uuidBytes(holderId))));
}

/** Binds a ticket to its holder without showing the holder. */
export function commit(salt: string, tag: string): string {
  return toHex(sha256(concat(ascii("LW1/commit"), fromHex(salt), fromHex(tag))));
}

/** The 66 bytes of a leaf. */
export function leaf(raffleId: string, number: number, ticketCommit: string): Uint8Array {
  return concat(ascii("LW1/ticket"), uuidBytes(raffleId), u64be(number), fromHex(ticketCommit));
}

/** The hash of a leaf, with the prefix 00. */
export function leafHash(leafBytes: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(0), leafBytes));
}

/** The hash of an inner node, with the prefix 01. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** What the seed of a draw depends on. */
export interface SeedParts {
  readonly chainHash: string;
  readonly round: number | bigint;
  readonly randomness: Uint8Array;
  readonly raffleId: Uint8Array;
  readonly merkleRoot: string;
  readonly entries: number | bigint;
}

/** The 136 bytes whose hash is the seed. */
export function seedPreimage(parts: SeedParts): Uint8Array {
  const chainAndRound = concat(fromHex(parts.chainHash), u64be(parts.round), parts.randomness);
  const list = concat(parts.raffleId, fromHex(parts.merkleRoot), u64be(parts.entries));
  return concat(ascii("LW1/seed"), chainAndRound, list);
}

/** Block number `counter` of the seed, as an integer below 2^256. */
export function block(seed: Uint8Array, counter: number): bigint {
  return toInteger(hmac(sha256, seed, concat(ascii("LW1/idx"), u64be(counter))));
}
