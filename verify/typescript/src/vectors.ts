/** Section 13: checks every member of the file of test vectors. */
import { type Chain, chainHash, firstRound, hashToCurve, isBeaconValid, randomness } from "./beacon.js";
import { fromHex, toHex, toInteger, u64be } from "./bytes.js";
import { shuffle, uniform } from "./draw.js";
import { isEd25519Valid } from "./ed25519.js";
import { entriesRoot, expandEntries } from "./entries.js";
import { block, commit, documentHash, holderTag, leaf, leafHash, seedPreimage, sha256 } from "./hashes.js";
import { type Holder, verifyTicketJson } from "./inclusion.js";
import { jcs } from "./jcs.js";
import { type Json, type JsonObject, parseJson, type Source } from "./json.js";
import { merkleRoot } from "./merkle.js";
import { verifyJson, verifySource } from "./verify.js";

/** The vectors of one member: how many were checked, and what disagreed. */
export interface Report {
  readonly member: string;
  readonly checked: number;
  readonly disagreements: readonly string[];
}

/** A check returns the expected and the found value; they agree if their JSON is the same. */
type Pair = readonly [expected: unknown, found: unknown];
type Vector = Record<string, any>;
type Check = (vector: Vector, json: Json, all: Vector) => readonly Pair[];

const CHECKS: Readonly<Record<string, Check>> = {
  jcs: checkJcs,
  tags: checkTags,
  trees: (v) => [[v.root, toHex(merkleRoot(v.leaf_hashes.map(fromHex)))]],
  inclusion: checkInclusion,
  chains: (v) => [[v.chain_hash, chainHash(v as Chain)]],
  rounds: (v) => [[v.first_round, Number(firstRound(v as Chain, BigInt(v.time)))]],
  beacons: checkBeacon,
  ed25519: (v) => [[v.is_valid, isEd25519Valid(fromHex(v.public_key), fromHex(v.message), fromHex(v.signature))]],
  uniform: checkUniform,
  draws: checkDraw,
  bundles: checkBundle,
  changes: checkChange,
};

/** Checks all members of the vectors; an unknown or a missing member is a disagreement. */
export function checkVectors(text: string): readonly Report[] {
  const json = parseJson(text) as JsonObject;
  const all = plain(json) as Vector;
  const names = new Set([...json.keys(), ...Object.keys(CHECKS)]);
  return [...names].map((name) => checkMember(name, json.get(name), all));
}

function checkMember(name: string, json: Json | undefined, all: Vector): Report {
  const check = CHECKS[name];
  if (json === undefined || check === undefined) {
    return { member: name, checked: 0, disagreements: [json === undefined ? "missing" : "unknown member"] };
  }
  const vectors = Array.isArray(json) ? json : [json];
  const disagreements = vectors.flatMap((vector, i) => differences(`${name}[${i}]`, () => check(plain(vector) as Vector, vector, all)));
  return { member: name, checked: vectors.length, disagreements };
}

function differences(label: string, pairs: () => readonly Pair[]): readonly string[] {
  try {
    const wrong = pairs().filter(([expected, found]) => JSON.stringify(expected) !== JSON.stringify(found));
    return wrong.map(([expected, found]) => `${label}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  } catch (error) {
    return [`${label}: ${String(error)}`];
  }
}

function checkJcs(v: Vector, json: Json): readonly Pair[] {
  const document = member(json, "document");
  return [[v.canonical, toHex(jcs(document))], [v.sha256, documentHash(document)]];
}

function checkTags(v: Vector): readonly Pair[] {
  const bytes = leaf(v.raffle_id, v.number, v.commit);
  return [
    [v.holder_tag, holderTag(v.raffle_id, v.holder_id)],
    [v.commit, commit(v.salt, v.holder_tag)],
    [v.leaf, toHex(bytes)],
    [v.leaf_hash, toHex(leafHash(bytes))],
  ];
}

function checkInclusion(v: Vector, json: Json): readonly Pair[] {
  return [[v.error, verifyTicketJson(member(json, "answer"), v.signing_key, v.holder as Holder | undefined).error]];
}

function checkBeacon(v: Vector): readonly Pair[] {
  const signature = fromHex(v.signature);
  const message = sha256(u64be(v.round));
  return [
    [v.message, toHex(message)],
    [v.hash_to_curve, toHex(hashToCurve(message).toBytes())],
    [v.is_valid, isBeaconValid(fromHex(v.public_key), v.round, signature)],
    [v.randomness, toHex(randomness(signature))],
  ];
}

function checkUniform(v: Vector): readonly Pair[] {
  const blockAt = (c: number): bigint => BigInt(v.blocks[c]);
  const { value, next } = uniform(blockAt, 0, BigInt(v.n), BigInt(v.bits));
  return [[v.value, Number(value)], [v.consumed, next]];
}

function checkDraw(v: Vector, json: Json): readonly Pair[] {
  const [preimage, seed] = [fromHex(v.preimage), fromHex(v.seed)];
  const { raffle_id: raffleId, merkle_root: root } = v.receipt;
  const entries = expandEntries(v.entries.numbers, v.entries.commits);
  const leaves = entries.numbers.map((number, i) => leaf(raffleId, number, entries.commits[i] as string));
  const blocks = v.blocks.map((_: string, c: number) => block(seed, c).toString(16).padStart(64, "0"));
  return [
    [v.leaves, leaves.map(toHex)],
    [v.leaf_hashes, leaves.map(leafHash).map(toHex)],
    [root, toHex(entriesRoot(raffleId, entries))],
    [v.canonical, toHex(jcs(member(json, "receipt")))],
    [v.preimage, toHex(rebuildPreimage(preimage))],
    [v.seed, toHex(sha256(preimage))],
    [v.blocks, blocks],
    [v.steps, [...shuffle(seed, entries.numbers.length)]],
  ];
}

/** Takes a preimage apart by the layout of section 3 and puts it together again. */
function rebuildPreimage(bytes: Uint8Array): Uint8Array {
  return seedPreimage({
    chainHash: toHex(bytes.subarray(8, 40)),
    round: toInteger(bytes.subarray(40, 48)),
    randomness: bytes.subarray(48, 80),
    raffleId: bytes.subarray(80, 96),
    merkleRoot: toHex(bytes.subarray(96, 128)),
    entries: toInteger(bytes.subarray(128)),
  });
}

function checkBundle(v: Vector): readonly Pair[] {
  const found = verifySource(sourceOf(v));
  const details: Pair[] = (v.details ?? []).map((d: Vector) => [d.error, verifySource(sourceOf(v), sourceOf(d)).error]);
  return [[v.error, found.error], [v.caveats, found.caveats.map((caveat) => caveat.name)], ...details];
}

/** The document of a vector: a text, or bytes in hexadecimal digits. */
function sourceOf(v: Vector): Source {
  return v.bytes === undefined ? v.text : fromHex(v.bytes);
}

function checkChange(v: Vector, json: Json, all: Vector): readonly Pair[] {
  const bundle = parseJson(all.bundles.find((b: Vector) => b.name === v.name).text);
  applyChange(bundle, v.path, v.remove === true ? undefined : member(json, "value"));
  return [[v.error, verifyJson(bundle).error]];
}

/** Sets the value at the path, or removes it if the value is undefined. The bundle is the caller's own copy. */
function applyChange(bundle: Json, path: readonly (string | number)[], value: Json | undefined): void {
  const parent = path.slice(0, -1).reduce<Json>((node, key) => at(node, key), bundle);
  const key = path.at(-1) as string | number;
  if (parent instanceof Map) value === undefined ? parent.delete(key as string) : parent.set(key as string, value);
  else if (Array.isArray(parent)) value === undefined ? parent.splice(key as number, 1) : (parent[key as number] = value);
  else throw new Error("path leads nowhere");
}

function at(node: Json, key: string | number): Json {
  return typeof key === "number" ? ((node as Json[])[key] as Json) : member(node, key);
}

function member(json: Json, name: string): Json {
  return (json as JsonObject).get(name) as Json;
}

/** The value with plain objects, for convenient access. */
function plain(json: Json): unknown {
  if (Array.isArray(json)) return json.map(plain);
  if (json instanceof Map) return Object.fromEntries([...json].map(([name, value]) => [name, plain(value)]));
  return json;
}
