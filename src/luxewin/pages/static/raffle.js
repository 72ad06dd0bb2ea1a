// The check on a raffle's page: reads what is published, recomputes it with lw1.js, and shows each step as it ends.
// Without it the page is complete; only the check is left to the offline verifier.

const page = document.querySelector("main[data-raffle]");
const steps = page.querySelector(".steps");
const words = JSON.parse(page.dataset.words);
const API = `/api/v1/raffles/${page.dataset.raffle}`;
const PIECE = 8192;
const MOST_SIGNED = 200000;
const RELAY_MILLISECONDS = 6000;
const SHOWN_CHARACTERS = 80;
const NEEDED = new Set(["rules", "root"]); // what later steps cannot do without
const BUSY = new Set([429, 503]);
const MOST_TRIES = 8;

let lw1;

// --- Reading what is published ---

async function read(address) {
  for (let tries = 1; ; tries += 1) {
    let answer;
    try {
      answer = await fetch(API + address, { headers: { "X-Tenant": page.dataset.tenant } });
    } catch (error) {
      throw new lw1.Unsure("unsure_answer", { reason: error.message });
    }
    if (answer.ok) return answer.json();
    if (!BUSY.has(answer.status) || tries === MOST_TRIES) {
      const problem = await answer.json().catch(() => ({}));
      throw Object.assign(new lw1.Unsure("unsure_answer", { reason: problem.code ?? answer.status }), { code: problem.code });
    }
    const seconds = Math.min(Number(answer.headers.get("retry-after")) || 1, 60);
    await new Promise((later) => setTimeout(later, seconds * 1000));
  }
}

// Go through the whole list, a bounded piece at a time.
async function* pieces() {
  for (let after = 0; after !== null; ) {
    const piece = await read(`/entries?after=${after}&limit=${PIECE}`);
    yield piece;
    after = piece.next_after;
  }
}

// --- The steps; each throws what does not hold ---

// The rules as they are shown on this page, which are then those of the receipt.
async function checkRules(found) {
  found.rules = JSON.parse(page.querySelector("[data-rules]").textContent);
  const { receipt, receipt_hash: receiptHash, signature } = await read("/receipt");
  Object.assign(found, { receipt, receiptHash, signature });
  if (isDrawn()) {
    found.proof = await read("/proof?entries=false");
    lw1.mustBe(lw1.canonical(found.proof.rules.at(-1)), lw1.canonical(found.rules), "differ_rules");
    await lw1.mustFollowEachOther(found.proof.rules);
  }
  lw1.mustBe(await lw1.hashOf(found.rules), receipt.rules_hash, "differ_rules");
}

async function checkReceipt({ rules, receipt, receiptHash, signature, proof }) {
  lw1.mustBe(receipt.raffle_id, page.dataset.raffle, "differ_receipt");
  lw1.mustBe(receipt.round, rules.round, "differ_round");
  lw1.mustBe(await lw1.hashOf(receipt), receiptHash, "differ_receipt");
  const drawsAt = lw1.timeOf(rules.beacon, rules.round);
  if (receipt.locked_at >= drawsAt) throw new lw1.Differs("differ_receipt", `< ${drawsAt}`, receipt.locked_at);
  if (proof) lw1.mustBe(lw1.canonical(proof.receipt), lw1.canonical(receipt), "differ_receipt");
  await lw1.mustBeSigned(receipt, rules.signing_key, signature, "differ_receipt_signature");
}

async function checkRoot(found, tell) {
  const { receipt } = found;
  const tree = new lw1.Tree(receipt.raffle_id);
  const drawn = new Set(found.proof?.draw.positions);
  Object.assign(found, { drawn: new Map(), numbers: [], commits: [] });
  for await (const piece of pieces()) {
    const entries = lw1.entriesOf(piece);
    keep(found, piece, entries, { drawn, position: tree.entries });
    await tree.add(entries);
    tell(said("progress", { done: shown(tree.entries), total: shown(receipt.entries) }));
    if (tree.entries > receipt.entries) break;
  }
  lw1.mustBe(tree.entries, receipt.entries, "differ_count");
  lw1.mustBe(await tree.root(), receipt.merkle_root, "differ_root");
}

// Of a long list only the drawn entries are kept; a short one is needed whole for the last signature.
function keep(found, piece, entries, { drawn, position }) {
  entries.forEach((entry, at) => drawn.has(position + at) && found.drawn.set(position + at, entry));
  if (found.receipt.entries > MOST_SIGNED) return;
  found.commits.push(piece.commits);
  for (const [first, last] of piece.numbers) {
    const before = found.numbers.at(-1);
    if (before && before[1] === first - 1) before[1] = last;
    else found.numbers.push([first, last]);
  }
}

async function checkBeacon({ rules, proof }) {
  lw1.mustBe(proof.beacon.round, rules.round, "differ_round");
  const isLocal = rules.beacon.beacon_id === "local";
  const address = (relay) => `${relay}/${rules.beacon.chain_hash}/public/${rules.round}`;
  const addresses = isLocal ? [page.dataset.round] : page.dataset.relays.split(" ").map(address);
  for (const asked of addresses) {
    const told = await relayed(asked);
    if (told?.round !== rules.round) continue;
    lw1.mustBe(proof.beacon.signature, told.signature, "differ_beacon");
    return isLocal ? words.beacon_local : said("beacon_relay", { relay: new URL(asked).host });
  }
  throw new lw1.Unsure("unsure_relay");
}

async function relayed(address) {
  try {
    const options = { signal: AbortSignal.timeout(RELAY_MILLISECONDS), referrerPolicy: "no-referrer", credentials: "omit" };
    const answer = await fetch(address, options);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function checkSeed({ rules, receipt, proof }) {
  lw1.mustBe(proof.draw.seed, await lw1.seedOf(rules, receipt, proof.beacon), "differ_seed");
}

async function checkPositions({ receipt, proof }) {
  const told = proof.draw.positions;
  const drawn = await lw1.positions(proof.draw.seed, receipt.entries, told.length);
  lw1.mustBe(told.join(" "), drawn.join(" "), "differ_positions");
}

async function checkOutcome({ rules, receipt, drawn, proof }) {
  const { outcome } = proof;
  const winners = await lw1.mustFollow(outcome, rules, proof.draw.positions, (position) => drawn.get(position));
  const full = rules.prizes.length + rules.reserve_winners + outcome.skips.length;
  lw1.mustBe(proof.draw.positions.length, Math.min(full, receipt.entries), "differ_winners");
  const numbers = new Set([...winners, ...outcome.reserves].map(({ number }) => number));
  for (const place of page.querySelectorAll("[data-winner]")) {
    const number = Number(place.dataset.winner);
    if (!numbers.has(number)) throw new lw1.Differs("differ_winners", [...numbers].join(" "), number);
  }
  const decided = outcome.skips.filter(({ reason }) => reason !== "one_per_person").length;
  return decided ? said("decided", { many: decided }) : "";
}

async function checkSignature({ rules, receipt, proof, numbers, commits }) {
  if (receipt.entries > MOST_SIGNED) throw new lw1.Unsure("unsure_large");
  const { bundle_signature: signature, ...rest } = proof;
  const whole = { ...rest, entries: { numbers, commits: commits.join("") } };
  await lw1.mustBeSigned(whole, rules.signing_key, signature, "differ_signature");
}

const CHECKS = {
  rules: checkRules,
  receipt: checkReceipt,
  root: checkRoot,
  beacon: checkBeacon,
  seed: checkSeed,
  positions: checkPositions,
  outcome: checkOutcome,
  signature: checkSignature,
};

// --- One's own ticket ---

async function checkTicket(number, salt, account) {
  const { receipt, signature } = await read("/receipt");
  const rules = JSON.parse(page.querySelector("[data-rules]").textContent);
  await lw1.mustBeSigned(receipt, rules.signing_key, signature, "differ_receipt_signature");
  let shownTicket;
  try {
    shownTicket = await read(`/proof?ticket=${number}`);
  } catch (error) {
    if (error.code === "request.not_found") throw new lw1.Differs("differ_listed");
    throw error;
  }
  const commit = await lw1.commitment(salt, await lw1.holderTag(page.dataset.raffle, account));
  lw1.mustBe(shownTicket.number, number, "differ_path");
  lw1.mustBe(shownTicket.commit, commit, "differ_commit");
  lw1.mustBe(await lw1.rootFromPath(receipt.raffle_id, shownTicket, receipt.entries), receipt.merkle_root, "differ_path");
  return said("ticket_in", { number, position: shown(shownTicket.position + 1), total: shown(receipt.entries) });
}

// --- Showing ---

function isDrawn() {
  return steps.querySelector('[data-step="seed"]') !== null;
}

function said(name, values) {
  return Object.entries(values).reduce((told, [key, value]) => told.replace(`{${key}}`, value), words[name]);
}

function shown(number) {
  return number.toLocaleString("en");
}

function short(value) {
  const told = String(value);
  return told.length > SHOWN_CHARACTERS ? `${told.slice(0, SHOWN_CHARACTERS)}…` : told;
}

function explained(error) {
  if (error instanceof lw1.Unsure) return { state: "unsure", detail: said(error.reason, error.values) };
  if (!(error instanceof lw1.Differs)) return { state: "failed", detail: `${words.differ_read}: ${error.message}` };
  if (error.expected === undefined) return { state: "failed", detail: words[error.reason] };
  const values = { expected: short(error.expected), found: short(error.found) };
  return { state: "failed", detail: `${words[error.reason]} (${said("expected", values)})` };
}

function show(step, state, detail = "") {
  step.dataset.state = state;
  step.querySelector("[data-word]").textContent = words[state];
  step.querySelector("[data-detail]").textContent = detail;
}

function conclude(element, state, told) {
  element.dataset.state = state;
  element.textContent = told;
}

async function taken(step, found) {
  show(step, "running");
  try {
    const told = await CHECKS[step.dataset.step](found, (progress) => show(step, "running", progress));
    show(step, "passed", told ?? "");
  } catch (error) {
    const { state, detail } = explained(error);
    show(step, state, detail);
  }
  return step.dataset.state;
}

// The first step that fails ends the check: what follows would rest on it.
async function run(button) {
  const verdict = page.querySelector("[data-verdict]");
  const found = {};
  const states = new Set();
  button.disabled = true;
  conclude(verdict, "running", "");
  for (const step of steps.children) show(step, "pending");
  for (const step of steps.children) {
    const state = await taken(step, found);
    states.add(state);
    if (state === "failed" || (state === "unsure" && NEEDED.has(step.dataset.step))) break;
  }
  button.disabled = false;
  button.textContent = words.again;
  const failed = steps.querySelector('[data-state="failed"]');
  if (failed) conclude(verdict, "failed", said("some_failed", { step: words[`step_${failed.dataset.step}`] }));
  else if (states.has("unsure")) conclude(verdict, "unsure", words.some_unsure);
  else conclude(verdict, "passed", words.all_passed);
}

async function look(form) {
  const told = form.querySelector("[data-found]");
  const value = (name) => form.querySelector(`[data-${name}]`).value.trim().toLowerCase();
  const number = Number(value("number"));
  const isWhole = Number.isSafeInteger(number) && number > 0;
  if (!isWhole || !/^[0-9a-f]{64}$/.test(value("salt")) || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value("account"))) {
    conclude(told, "unsure", words.ticket_fields);
    return;
  }
  conclude(told, "running", words.running);
  try {
    conclude(told, "passed", await checkTicket(number, value("salt"), value("account")));
  } catch (error) {
    const { state, detail } = explained(error);
    conclude(told, state, detail);
  }
}

async function begin() {
  lw1 = await import(page.dataset.protocol);
  const button = page.querySelector("[data-run]");
  const form = page.querySelector("[data-own]");
  button.addEventListener("click", () => run(button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look(form);
  });
  page.querySelector("[data-script]").hidden = true;
  button.hidden = form.hidden = false;
}

if (steps) begin();
