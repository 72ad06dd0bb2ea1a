/** Section 9: from the seed to the emitted positions. */
import { block } from "./hashes.js";

/** A number from 0 to n - 1, and the counter of the next block. */
export interface Uniform {
  readonly value: bigint;
  readonly next: number;
}

/** A uniform number below n by rejection. Blocks have `bits` bits; `counter` is the first block that is used. */
export function uniform(blockAt: (counter: number) => bigint, counter: number, n: bigint, bits = 256n): Uniform {
  const limit = ((1n << bits) / n) * n;
  for (let c = counter; ; c += 1) {
    const value = blockAt(c);
    if (value < limit) return { value: value % n, next: c + 1 };
  }
}

/** One step of the shuffle. */
export interface ShuffleStep {
  readonly n: number;
  readonly uniform: number;
  readonly j: number;
  readonly position: number;
}

/** All steps of the shuffle of `entries` positions, computed on demand. */
export function* shuffle(seed: Uint8Array, entries: number): Generator<ShuffleStep> {
  const assigned = new Map<number, number>();
  const at = (i: number): number => assigned.get(i) ?? i;
  for (let k = 0, counter = 0; k < entries; k += 1) {
    const n = entries - k;
    const drawn = uniform((c) => block(seed, c), counter, BigInt(n));
    counter = drawn.next;
    const j = k + Number(drawn.value);
    yield { n, uniform: Number(drawn.value), j, position: at(j) };
    assigned.set(j, at(k));
  }
}

/** Whether the positions are the beginning of the emitted positions, and not more than there are entries. */
export function arePositionsEmitted(seed: Uint8Array, entries: number, positions: readonly number[]): boolean {
  if (positions.length > entries) return false;
  const steps = shuffle(seed, entries);
  return positions.every((position) => {
    const step = steps.next();
    return !step.done && step.value.position === position;
  });
}
