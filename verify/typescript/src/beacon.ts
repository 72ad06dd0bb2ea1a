/** Section 4: the chain of the beacon, its rounds and its signatures. */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { ascii, bigEndian, concat, fromHex, toHex, toInteger, u64be } from "./bytes.js";
import { sha256 } from "./hashes.js";

/** The chain hash of the public network quicknet. */
export const QUICKNET_HASH = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";

const DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const { G1, G2, fields } = bls12_381;
type G1Point = InstanceType<typeof G1.Point>;
type G2Point = InstanceType<typeof G2.Point>;

/** The constants of a chain. */
export interface Chain {
  readonly chain_hash: string;
  readonly public_key: string;
  readonly group_hash: string;
  readonly period_seconds: number;
  readonly genesis_time: number;
  readonly beacon_id: string;
  readonly scheme: string;
}

/** The chain hash that follows from the other constants. */
export function chainHash(chain: Chain): string {
  const times = concat(bigEndian(chain.period_seconds, 4), bigEndian(chain.genesis_time, 8));
  return toHex(sha256(concat(times, fromHex(chain.public_key), fromHex(chain.group_hash), ascii(chain.beacon_id))));
}

type Schedule = Pick<Chain, "period_seconds" | "genesis_time">;

/** The time at which a round is due. Exact. */
export function timeOfRound(chain: Schedule, round: number): bigint {
  return BigInt(chain.genesis_time) + (BigInt(round) - 1n) * BigInt(chain.period_seconds);
}

/** The first round at or after a time. Exact. */
export function firstRound(chain: Schedule, time: bigint): bigint {
  const [period, genesis] = [BigInt(chain.period_seconds), BigInt(chain.genesis_time)];
  return time < genesis ? 1n : (time - genesis + period - 1n) / period + 1n;
}

/** The randomness of a signature. */
export function randomness(signature: Uint8Array): Uint8Array {
  return sha256(signature);
}

/** The point of a message. */
export function hashToCurve(message: Uint8Array): G1Point {
  return G1.hashToCurve(message, { DST }) as G1Point;
}

/** Whether the signature is that of the round under the public key, and both are canonical points of the subgroups. */
export function isBeaconValid(publicKey: Uint8Array, round: number, signature: Uint8Array): boolean {
  const key = decodePoint<G2Point>(publicKey, 2, G2.Point.fromBytes);
  const point = decodePoint<G1Point>(signature, 1, G1.Point.fromBytes);
  if (key === null || point === null) return false;
  const hashed = hashToCurve(sha256(u64be(round)));
  const product = bls12_381.pairingBatch([{ g1: point, g2: G2.Point.BASE }, { g1: hashed.negate(), g2: key }]);
  return fields.Fp12.eql(product, fields.Fp12.ONE);
}

interface Checkable {
  assertValidity(): void;
  is0(): boolean;
}

/** The point of a compressed encoding whose coordinates are below the modulus, in the subgroup and not at infinity; or null. */
function decodePoint<P extends Checkable>(bytes: Uint8Array, coordinates: number, decode: (b: Uint8Array) => P): P | null {
  if (!isCompressedFinite(bytes) || !areCoordinatesReduced(bytes, coordinates)) return null;
  try {
    const point = decode(bytes);
    point.assertValidity(); // on the curve and in the subgroup
    return point.is0() ? null : point;
  } catch {
    return null;
  }
}

/** The compression bit is set, and the infinity bit is not. */
function isCompressedFinite(bytes: Uint8Array): boolean {
  return ((bytes[0] as number) & 0xc0) === 0x80;
}

/** The library reduces coordinates silently, so they are compared with the modulus here. */
function areCoordinatesReduced(bytes: Uint8Array, coordinates: number): boolean {
  const unflagged = Uint8Array.from(bytes);
  unflagged[0] = (unflagged[0] as number) & 0x1f;
  const parts = Array.from({ length: coordinates }, (_, i) => unflagged.subarray(48 * i, 48 * i + 48));
  return parts.every((part) => part.length === 48 && toInteger(part) < fields.Fp.ORDER);
}
