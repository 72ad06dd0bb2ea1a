/** Section 6: the list of entries. */
import { leaf, leafHash } from "./hashes.js";
import { merkleRoot } from "./merkle.js";

/** The tickets of a list in order of position. */
export interface Entries {
  readonly numbers: readonly number[];
  readonly commits: readonly string[];
}

type Ranges = readonly (readonly number[])[];

/** Whether each range ascends and begins at least 2 above the end of the one before. */
export function areRangesOrdered(ranges: Ranges): boolean {
  return ranges.every((range, i) => {
    const [first, last] = bounds(range);
    const previous = ranges[i - 1];
    return first <= last && (previous === undefined || first >= bounds(previous)[1] + 2);
  });
}

/** The number of tickets in ordered ranges. */
export function countEntries(ranges: Ranges): number {
  return ranges.map(bounds).reduce((sum, [first, last]) => sum + (last - first + 1), 0);
}

/** The tickets of ordered ranges; `commits` has 64 digits for each. */
export function expandEntries(ranges: Ranges, commits: string): Entries {
  const numbers = ranges.map(bounds).flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  return { numbers, commits: numbers.map((_, i) => commits.slice(64 * i, 64 * i + 64)) };
}

/** The Merkle root of at least one entry. */
export function entriesRoot(raffleId: string, entries: Entries): Uint8Array {
  return merkleRoot(entries.numbers.map((number, i) => leafHash(leaf(raffleId, number, entries.commits[i] as string))));
}

function bounds(range: readonly number[]): readonly [number, number] {
  return [range[0] as number, range[1] as number];
}
