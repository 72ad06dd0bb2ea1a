/** Section 12.2: the proof that one ticket is in the list. */
import { fromHex, toHex } from "./bytes.js";
import { demand, rejectionOf } from "./errors.js";
import { type Answer, readAnswer } from "./format.js";
import { commit, holderTag, leaf, leafHash } from "./hashes.js";
import { type Json, parseSource, type Source } from "./json.js";
import { rootFromPath } from "./merkle.js";
import { isSigned } from "./steps.js";

/** What only the holder of a ticket knows. */
export interface Holder {
  readonly salt: string;
  readonly account: string;
}

/** What became of an answer: the steps that passed, and the one that did not, with its error. */
export interface TicketVerdict {
  readonly error: string | null;
  readonly passed: readonly string[];
  readonly failed?: string;
}

/** Verifies the JSON text of an answer against the signing key of the rules, which comes from elsewhere. */
export function verifyTicket(source: Source, signingKey: string, holder?: Holder): TicketVerdict {
  return verifySteps(() => parseSource(source), signingKey, holder);
}

/** Verifies an answer that was read already. */
export function verifyTicketJson(value: Json, signingKey: string, holder?: Holder): TicketVerdict {
  return verifySteps(() => value, signingKey, holder);
}

function verifySteps(read: () => Json, signingKey: string, holder: Holder | undefined): TicketVerdict {
  let answer: Answer | undefined;
  const known = (): Answer => answer as Answer;
  const steps: [string, () => void][] = [
    ["format", () => { answer = readAnswer(read()); }],
    ["inclusion", () => checkInclusion(known(), signingKey)],
  ];
  if (holder !== undefined) steps.push(["holder", () => checkHolder(known(), holder)]);
  const passed: string[] = [];
  for (const [name, check] of steps) {
    const error = rejectionOf(check);
    if (error !== null) return { error, passed, failed: name };
    passed.push(name);
  }
  return { error: null, passed };
}

function checkInclusion(answer: Answer, signingKey: string): void {
  const { receipt } = answer;
  demand(answer.raffle_id === receipt.raffle_id, "inclusion.raffle");
  const start = leafHash(leaf(answer.raffle_id, answer.number, answer.commit));
  const root = rootFromPath(start, answer.position, receipt.entries, answer.path.map(fromHex));
  demand(toHex(root) === receipt.merkle_root, "inclusion.root");
  demand(isSigned(receipt.json, answer.receipt_signature, signingKey), "inclusion.signature");
}

/** Checks that salt and account open the commit of the answer. */
function checkHolder(answer: Answer, { salt, account }: Holder): void {
  demand(commit(salt, holderTag(answer.raffle_id, account)) === answer.commit, "inclusion.commit");
}
