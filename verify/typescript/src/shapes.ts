/** Readers of single values. A reader returns the typed value, or rejects with `format.shape`. */
import { demand, Rejection } from "./errors.js";
import { hasUnpairedSurrogate } from "./jcs.js";
import type { Json, JsonObject } from "./json.js";

const ERROR = "format.shape";
export type Reader<T> = (value: Json) => T;

/** An integer of at least `least` and at most `most`. */
export const integer = (least = 0, most = Number.MAX_SAFE_INTEGER): Reader<number> => (value) => {
  demand(typeof value === "number" && value >= least && value <= most, ERROR);
  return value;
};

/** A text of Unicode scalar values, of at most `most` of them. */
export const text = (most = Infinity): Reader<string> => (value) => {
  demand(typeof value === "string" && !hasUnpairedSurrogate(value), ERROR);
  demand(value.length <= most || [...value].length <= most, ERROR);
  return value;
};

/** A string that the anchored expression matches. */
export const pattern = (expression: RegExp): Reader<string> => (value) => {
  demand(typeof value === "string" && expression.test(value), ERROR);
  return value;
};

/** So many bytes in lower-case hexadecimal digits. */
export const hex = (size: number): Reader<string> => pattern(new RegExp(`^[0-9a-f]{${2 * size}}$`));

/** A UUID in lower-case hexadecimal digits. */
export const uuid = pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

export const boolean: Reader<boolean> = (value) => {
  demand(typeof value === "boolean", ERROR);
  return value;
};

/** One of the given strings. */
export const oneOf = <T extends string>(...values: readonly T[]): Reader<T> => (value) => {
  demand(values.includes(value as T), ERROR);
  return value as T;
};

/** Null, or what the reader reads. */
export const nullOr = <T>(reader: Reader<T>): Reader<T | null> => (value) => (value === null ? null : reader(value));

/** An array of at least `least` and at most `most` elements. */
export const array = <T>(reader: Reader<T>, least = 0, most = Infinity): Reader<T[]> => (value) => {
  demand(Array.isArray(value) && value.length >= least && value.length <= most, ERROR);
  return value.map(reader);
};

/** The typed members of an object, and the object itself as it was read, for hashing. */
export type Shaped<T> = T & { readonly json: JsonObject };

/** An object with exactly these members in this order. Optional members may be absent, but not null. */
export const object = <T>(
  members: { readonly [K in keyof T]: Reader<T[K]> }, optional: readonly string[] = [],
): Reader<Shaped<T>> => (value) => {
  demand(value instanceof Map, ERROR);
  const expected = Object.keys(members).filter((name) => value.has(name) || !optional.includes(name));
  const names = [...value.keys()];
  demand(names.length === expected.length && names.every((name, i) => name === expected[i]), ERROR);
  const typed = expected.map((name) => [name, members[name as keyof T](value.get(name) as Json)]);
  return { ...Object.fromEntries(typed), json: value } as Shaped<T>;
};

/** What the first reader reads, or else the second. */
export const either = <A, B>(first: Reader<A>, second: Reader<B>): Reader<A | B> => (value) => {
  try {
    return first(value);
  } catch (error) {
    if (error instanceof Rejection) return second(value);
    throw error;
  }
};
