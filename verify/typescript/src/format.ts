/** Sections 5 to 10: the shape of a bundle and of its parts. */
import type { Chain } from "./beacon.js";
import { array, boolean, either, hex, integer, nullOr, object, oneOf, pattern, text, uuid } from "./shapes.js";

const time = integer();
const positive = integer(1);

const beacon = object<Chain>({
  chain_hash: hex(32),
  public_key: hex(96),
  group_hash: hex(32),
  period_seconds: integer(1, 4294967295),
  genesis_time: time,
  beacon_id: oneOf("quicknet", "local"),
  scheme: oneOf("bls-unchained-g1-rfc9380"),
});

const location = { chain_id: integer(), contract: hex(20), sender: hex(20) };
const promise = object({ ...location, margin_seconds: integer() });
const record = object({
  ...location,
  transaction_hash: hex(32),
  block_number: integer(),
  block_hash: hex(32),
  block_timestamp: time,
});

const rules = object({
  protocol: oneOf("LW1"),
  raffle_id: uuid,
  version: positive,
  previous_rules_hash: nullOr(hex(32)),
  title: text(200),
  currency: pattern(/^[A-Z]{3}$/),
  ticket_price: integer(),
  capacity: integer(),
  per_person_limit: nullOr(integer()),
  one_prize_per_person: boolean,
  prizes: array(text(), 1),
  reserve_winners: integer(),
  closes_at: time,
  closes_when_sold_out: boolean,
  draw_delay_seconds: integer(),
  round: positive,
  beacon,
  signing_key: hex(32),
  anchor: nullOr(promise),
  on_missed_anchor: nullOr(oneOf("cancel", "reschedule")),
  minimum_age: nullOr(integer()),
  territories: nullOr(array(pattern(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/))),
  free_entry: boolean,
  skill_question: boolean,
  details_hash: hex(32),
}, ["details_hash"]);

const receipt = object({
  raffle_id: uuid,
  rules_hash: hex(32),
  merkle_root: hex(32),
  entries: positive,
  round: positive,
  locked_at: time,
});

const reveal = object({ number: integer(), salt: hex(32), holder_tag: hex(32) });
const award = { position: integer(), number: integer() };
const skip = either(
  object({ ...award, reason: oneOf("one_per_person"), reveal: array(reveal, 2, 2) }),
  object({ ...award, reason: oneOf("underage", "territory", "excluded", "staff", "fraud"), approvals: integer(2) }),
);

/** Reads a bundle; rejects with `format.shape`. */
export const readBundle = object({
  protocol: oneOf("LW1"),
  raffle_id: uuid,
  rules: array(rules, 1),
  entries: object({ numbers: array(array(positive, 2, 2)), commits: pattern(/^[0-9a-f]*$/) }),
  receipt,
  receipt_signature: hex(64),
  anchor: nullOr(record),
  beacon: object({ round: positive, signature: hex(48) }),
  draw: object({ seed: hex(32), positions: array(integer()) }),
  outcome: object({
    winners: array(object({ prize: positive, ...award })),
    reserves: array(object(award)),
    skips: array(skip),
  }),
  bundle_signature: hex(64),
});

/** Reads the answer for one ticket (section 12.2); rejects with `format.shape`. */
export const readAnswer = object({
  raffle_id: uuid,
  number: integer(),
  commit: hex(32),
  position: integer(),
  path: array(hex(32)),
  receipt,
  receipt_signature: hex(64),
});

export type Bundle = ReturnType<typeof readBundle>;
export type Rules = Bundle["rules"][number];
export type Skip = Bundle["outcome"]["skips"][number];
export type Answer = ReturnType<typeof readAnswer>;
