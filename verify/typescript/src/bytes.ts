/** Bytes, hexadecimal digits and integers of a fixed size. */
export { bytesToHex as toHex, hexToBytes as fromHex, concatBytes as concat } from "@noble/hashes/utils.js";
import { hexToBytes } from "@noble/hashes/utils.js";

/** The bytes of an ASCII text. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A non-negative integer in `size` bytes, most significant first. Throws if it does not fit. */
export function bigEndian(value: number | bigint, size: number): Uint8Array {
  const digits = BigInt(value).toString(16).padStart(2 * size, "0");
  if (digits.length !== 2 * size) throw new RangeError("integer does not fit");
  return hexToBytes(digits);
}

/** An integer in 8 bytes, most significant first. */
export function u64be(value: number | bigint): Uint8Array {
  return bigEndian(value, 8);
}

/** The integer that the bytes are, most significant first. */
export function toInteger(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The integer that the bytes are, least significant first. */
export function toIntegerLittle(bytes: Uint8Array): bigint {
  return toInteger(Uint8Array.from(bytes).reverse());
}

/** The 16 bytes of a UUID. */
export function uuidBytes(uuid: string): Uint8Array {
  return hexToBytes(uuid.replaceAll("-", ""));
}
