/** Section 3.1: Ed25519 without the cofactor. The library's own `verify` multiplies by the cofactor, so it is not used. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, toIntegerLittle } from "./bytes.js";

const { Point } = ed25519;
type EdPoint = InstanceType<typeof Point>;

/** Whether the signature of 64 bytes is valid by all four conditions of section 3.1. */
export function isEd25519Valid(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const [first, second] = [signature.subarray(0, 32), signature.subarray(32)];
  const [a, r, s] = [decodePoint(publicKey), decodePoint(first), toIntegerLittle(second)];
  const order = Point.Fn.ORDER;
  if (a === null || r === null || a.isSmallOrder() || s >= order) return false;
  const k = toIntegerLittle(sha512(concat(first, publicKey, message))) % order;
  return Point.BASE.multiplyUnsafe(s).equals(r.add(a.multiplyUnsafe(k)));
}

/** The point of a canonical encoding, or null. The library refuses y >= p, a missing x, and x = 0 with the sign bit. */
function decodePoint(bytes: Uint8Array): EdPoint | null {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return null;
  }
}
