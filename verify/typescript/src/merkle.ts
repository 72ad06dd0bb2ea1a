/** Section 6: the Merkle tree of RFC 6962, and the audit path of section 12.2. */
import { demand } from "./errors.js";
import { nodeHash } from "./hashes.js";

/** The root over at least one leaf hash. Leaves are neither duplicated nor padded. */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  return rootBetween(leafHashes, 0, leafHashes.length);
}

/** The root that the leaf hash at a position has by its audit path; rejects with `inclusion.path`. */
export function rootFromPath(
  leafHash: Uint8Array, position: number, entries: number, path: readonly Uint8Array[],
): Uint8Array {
  let [node, index, last] = [leafHash, position, entries - 1];
  demand(index <= last, "inclusion.path");
  for (const sibling of path) {
    demand(last !== 0, "inclusion.path");
    if (index % 2 === 1 || index === last) {
      node = nodeHash(sibling, node);
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    } else {
      node = nodeHash(node, sibling);
    }
    [index, last] = [half(index), half(last)];
  }
  demand(last === 0, "inclusion.path");
  return node;
}

function rootBetween(hashes: readonly Uint8Array[], start: number, end: number): Uint8Array {
  if (end - start === 1) return hashes[start] as Uint8Array;
  const middle = start + largestPowerBelow(end - start);
  return nodeHash(rootBetween(hashes, start, middle), rootBetween(hashes, middle, end));
}

function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function half(n: number): number {
  return Math.floor(n / 2);
}
