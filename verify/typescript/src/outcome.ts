/** Step 10 of section 11: winners, reserves and skips are recomputed from the positions. */
import type { Entries } from "./entries.js";
import { demand } from "./errors.js";
import type { Bundle, Rules, Skip } from "./format.js";
import { commit } from "./hashes.js";
import { sameJson } from "./jcs.js";
import type { Json } from "./json.js";

type SameHolderSkip = Extract<Skip, { reason: "one_per_person" }>;

interface Walk {
  /** Position of each awarded ticket by its number, in the order of the awards. */
  readonly awards: Map<number, number>;
  readonly met: Skip[];
}

/** Checks the outcome of a draw; returns the number of skips that the operator decided. */
export function checkOutcome(bundle: Bundle, rules: Rules, entries: Entries): number {
  const full = BigInt(rules.prizes.length) + BigInt(rules.reserve_winners);
  const walk = walkPositions(bundle, rules, entries, full);
  const isComplete = BigInt(walk.awards.size) === full || bundle.draw.positions.length === entries.numbers.length;
  demand(isComplete, "outcome.too_few");
  checkLists(bundle.outcome, rules.prizes.length, walk);
  return walk.met.filter((skip) => skip.reason !== "one_per_person").length;
}

function walkPositions(bundle: Bundle, rules: Rules, entries: Entries, full: bigint): Walk {
  const walk: Walk = { awards: new Map(), met: [] };
  const skips = new Map(bundle.outcome.skips.map((skip) => [skip.position, skip])); // the last one of a position stays
  for (const position of bundle.draw.positions) {
    demand(BigInt(walk.awards.size) < full, "outcome.too_many");
    const [number, skip] = [entries.numbers[position] as number, skips.get(position)];
    if (skip === undefined) {
      walk.awards.set(number, position);
    } else {
      demand(skip.number === number, "outcome.skip_number");
      if (skip.reason === "one_per_person") checkSameHolder(skip, rules, entries, walk.awards);
      walk.met.push(skip);
    }
  }
  return walk;
}

function checkSameHolder(skip: SameHolderSkip, rules: Rules, entries: Entries, awards: Map<number, number>): void {
  demand(rules.one_prize_per_person, "outcome.several_allowed");
  const [skipped, earlier] = skip.reveal as [SameHolderSkip["reveal"][number], SameHolderSkip["reveal"][number]];
  const earlierPosition = awards.get(earlier.number);
  demand(skipped.number === skip.number && earlierPosition !== undefined, "outcome.reveal_numbers");
  demand(skipped.holder_tag === earlier.holder_tag, "outcome.reveal_holders");
  const opens = (ticket: typeof skipped, position: number): boolean =>
    commit(ticket.salt, ticket.holder_tag) === entries.commits[position];
  demand(opens(skipped, skip.position) && opens(earlier, earlierPosition), "outcome.reveal_commits");
}

function checkLists(outcome: Bundle["outcome"], prizes: number, walk: Walk): void {
  const awards = [...walk.awards].map(([number, position]) => ({ position, number }));
  const winners = awards.slice(0, prizes).map((award, i) => ({ prize: i + 1, ...award }));
  demand(areEqual(outcome.winners, winners), "outcome.winners");
  demand(areEqual(outcome.reserves, awards.slice(prizes)), "outcome.reserves");
  const areSkips = sameJson(outcome.skips.map(jsonOf), walk.met.map(jsonOf));
  demand(areSkips, "outcome.skips");
}

type Flat = Readonly<Record<string, number>>;
type Listed = { readonly json: Map<string, Json> };

function areEqual(listed: readonly Listed[], expected: readonly Flat[]): boolean {
  return sameJson(listed.map(jsonOf), expected.map((item) => new Map(Object.entries(item))));
}

function jsonOf(item: Listed): Json {
  return item.json;
}
