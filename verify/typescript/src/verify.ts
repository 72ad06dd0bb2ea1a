/** The verification of a whole bundle, with the details if they are given. */
import { demand, Rejection, rejectionOf } from "./errors.js";
import { type Bundle, readBundle } from "./format.js";
import { documentHash } from "./hashes.js";
import { hasBadText } from "./jcs.js";
import { type Json, parseSource, type Source } from "./json.js";
import { type Caveat, type Context, contextOf, STEPS } from "./steps.js";

export type { Source };

/** What became of a bundle. `caveats` is empty if it was rejected, and `failed` is the step that rejected it. */
export interface Verdict {
  readonly error: string | null;
  readonly caveats: readonly Caveat[];
  readonly passed: readonly string[];
  readonly failed?: string;
  readonly facts?: { readonly signingKey: string; readonly firstRulesHash: string };
}

/** Verifies the JSON text of a bundle, and then of the details. Never throws for what is in them. */
export function verifySource(source: Source, details?: Source): Verdict {
  return verifyWith(() => parseSource(source), details);
}

/** Verifies a bundle that was read already. */
export function verifyJson(value: Json): Verdict {
  return verifyWith(() => value);
}

function verifyWith(read: () => Json, details?: Source): Verdict {
  let context: Context | undefined;
  const error = rejectionOf(() => { context = contextOf(readBundle(read())); });
  if (context === undefined) return { error, caveats: [], passed: [], failed: "format" };
  return { ...runSteps(context, details), facts: factsOf(context.bundle) };
}

function runSteps(context: Context, details?: Source): Verdict {
  const passed = ["format"];
  const caveats: Caveat[] = [];
  for (const step of stepsWith(details)) {
    const error = rejectionOf(() => caveats.push(...step.check(context)));
    if (error !== null) return { error, caveats: [], passed, failed: step.name };
    passed.push(step.name);
  }
  return { error: null, caveats, passed };
}

function stepsWith(details?: Source): typeof STEPS {
  if (details === undefined) return STEPS;
  return [...STEPS, { name: "details", check: ({ rules }) => (checkDetails(details, rules.details_hash), []) }];
}

/** Section 12.1: rejects with `details.hash` unless the details are JSON and have the promised hash. */
function checkDetails(details: Source, promised: string | undefined): void {
  const error = rejectionOf(() => {
    const value = parseSource(details);
    demand(!hasBadText(value) && documentHash(value) === promised, "details.hash");
  });
  if (error !== null) throw new Rejection("details.hash");
}

function factsOf(bundle: Bundle): NonNullable<Verdict["facts"]> {
  const first = bundle.rules[0] as Bundle["rules"][number];
  return { signingKey: first.signing_key, firstRulesHash: documentHash(first.json) };
}
