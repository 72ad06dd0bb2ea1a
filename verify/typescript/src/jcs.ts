/** Section 2.3: canonical JSON (RFC 8785) of the values of this protocol. */
import type { Json, JsonObject } from "./json.js";

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r",
};

/** The canonical bytes of a value without unpaired surrogates (see `hasUnpairedSurrogate`). */
export function jcs(value: Json): Uint8Array {
  return new TextEncoder().encode(canonicalText(value));
}

/** Whether two values have the same canonical form; the order of members has no influence. */
export function sameJson(a: Json, b: Json): boolean {
  return canonicalText(a) === canonicalText(b);
}

/** Whether the string is not a sequence of Unicode scalar values. */
export function hasUnpairedSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** Whether any string or member name inside the value has an unpaired surrogate. */
export function hasBadText(value: Json): boolean {
  if (typeof value === "string") return hasUnpairedSurrogate(value);
  if (Array.isArray(value)) return value.some(hasBadText);
  if (value instanceof Map) return [...value].some(([name, member]) => hasUnpairedSurrogate(name) || hasBadText(member));
  return false;
}

function canonicalText(value: Json): string {
  if (typeof value === "string") return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (value instanceof Map) return canonicalObject(value);
  return String(value);
}

/** Names are sorted by UTF-16 code units, as RFC 8785 asks; for ASCII names that is the order of the bytes. */
function canonicalObject(members: JsonObject): string {
  const names = [...members.keys()].sort();
  const parts = names.map((name) => `${canonicalString(name)}:${canonicalText(members.get(name) as Json)}`);
  return `{${parts.join(",")}}`;
}

function canonicalString(text: string): string {
  return `"${text.replace(/["\\\u0000-\u001f]/g, (c) => SHORT[c] ?? unicodeEscape(c))}"`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
