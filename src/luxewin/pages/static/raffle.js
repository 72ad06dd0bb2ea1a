// The check on a raffle's page: reads the published data, recomputes it with lw1.js, and shows the result of each step.
// Without JavaScript the page is complete, and the offline verifier makes the check.

const page = document.querySelector("main[data-raffle]");
const steps = page.querySelector(".steps");
const texts = JSON.parse(page.dataset.texts);
const API = `/api/v1/raffles/${page.dataset.raffle}`;
const CHUNK_ENTRIES = 8192;
const MAX_SIGNED_ENTRIES = 200000;
const RELAY_MILLISECONDS = 6000;
const MAX_VALUE_CHARACTERS = 80;
const REQUIRED_STEPS = new Set(["rules", "root"]); // later steps need their results
const RETRIABLE_STATUSES = new Set([429, 503]);
const MAX_ATTEMPTS = 8;

let lw1;

// --- Reading the published data ---

async function read(address) {
  for (let attempt = 1; ; attempt += 1) {
    let answer;
    try {
      answer = await fetch(API + address, { headers: { "X-Tenant": page.dataset.tenant } });
    } catch (error) {
      throw new lw1.Inconclusive("unsure_answer", { reason: error.message });
    }
    if (answer.ok) return answer.json();
    if (!RETRIABLE_STATUSES.has(answer.status) || attempt === MAX_ATTEMPTS) {
      const problem = await answer.json().catch(() => ({}));
      throw Object.assign(new lw1.Inconclusive("unsure_answer", { reason: problem.code ?? answer.status }), { code: problem.code });
    }
    const seconds = Math.min(Number(answer.headers.get("retry-after")) || 1, 60);
    await new Promise((later) => setTimeout(later, seconds * 1000));
  }
}

// Yield the complete list in chunks of limited size.
async function* chunks() {
  for (let after = 0; after !== null; ) {
    const chunk = await read(`/entries?after=${after}&limit=${CHUNK_ENTRIES}`);
    yield chunk;
    after = chunk.next_after;
  }
}

// --- The steps; each throws if its check fails ---

// The rules on this page are those of the receipt.
async function checkRules(found) {
  found.rules = JSON.parse(page.querySelector("[data-rules]").textContent);
  const { receipt, receipt_hash: receiptHash, signature } = await read("/receipt");
  Object.assign(found, { receipt, receiptHash, signature });
  if (isDrawn()) {
    found.proof = await read("/proof?entries=false");
    lw1.assertEqual(lw1.canonical(found.proof.rules.at(-1)), lw1.canonical(found.rules), "differ_rules");
    await lw1.assertVersionsFollow(found.proof.rules);
  }
  lw1.assertEqual(await lw1.hashOf(found.rules), receipt.rules_hash, "differ_rules");
  await checkDetails(found.rules);
}

// What buyers are promised beside the rules has the hash that the rules name; raffles of an older version have none.
async function checkDetails({ details_hash: promised }) {
  if (promised === undefined) return;
  const { details } = await read("");
  lw1.assertEqual(await lw1.hashOf(details), promised, "differ_details");
}

async function checkReceipt({ rules, receipt, receiptHash, signature, proof }) {
  lw1.assertEqual(receipt.raffle_id, page.dataset.raffle, "differ_receipt");
  lw1.assertEqual(receipt.round, rules.round, "differ_round");
  lw1.assertEqual(await lw1.hashOf(receipt), receiptHash, "differ_receipt");
  const drawsAt = lw1.timeOf(rules.beacon, rules.round);
  if (receipt.locked_at >= drawsAt) throw new lw1.Mismatch("differ_receipt", `< ${drawsAt}`, receipt.locked_at);
  if (proof) lw1.assertEqual(lw1.canonical(proof.receipt), lw1.canonical(receipt), "differ_receipt");
  await lw1.assertSigned(receipt, rules.signing_key, signature, "differ_receipt_signature");
}

async function checkRoot(found, report) {
  const { receipt } = found;
  const tree = new lw1.Tree(receipt.raffle_id);
  const drawn = new Set(found.proof?.draw.positions);
  Object.assign(found, { drawn: new Map(), numbers: [], commits: [] });
  for await (const chunk of chunks()) {
    const entries = lw1.entriesOf(chunk);
    store(found, chunk, entries, { drawn, position: tree.entries });
    await tree.add(entries);
    report(sentence("progress", { done: formatted(tree.entries), total: formatted(receipt.entries) }));
    if (tree.entries > receipt.entries) break;
  }
  lw1.assertEqual(tree.entries, receipt.entries, "differ_count");
  lw1.assertEqual(await tree.root(), receipt.merkle_root, "differ_root");
}

// Only the drawn entries of a long list are stored; of a shortened list all, for the last signature.
function store(found, chunk, entries, { drawn, position }) {
  entries.forEach((entry, at) => drawn.has(position + at) && found.drawn.set(position + at, entry));
  if (found.receipt.entries > MAX_SIGNED_ENTRIES) return;
  found.commits.push(chunk.commits);
  for (const [first, last] of chunk.numbers) {
    const before = found.numbers.at(-1);
    if (before && before[1] === first - 1) before[1] = last;
    else found.numbers.push([first, last]);
  }
}

async function checkBeacon({ rules, proof }) {
  lw1.assertEqual(proof.beacon.round, rules.round, "differ_round");
  const isLocal = rules.beacon.beacon_id === "local";
  const address = (relay) => `${relay}/${rules.beacon.chain_hash}/public/${rules.round}`;
  const addresses = isLocal ? [page.dataset.round] : page.dataset.relays.split(" ").map(address);
  for (const url of addresses) {
    const round = await roundFrom(url);
    if (round?.round !== rules.round) continue;
    lw1.assertEqual(proof.beacon.signature, round.signature, "differ_beacon");
    return isLocal ? texts.beacon_local : sentence("beacon_relay", { relay: new URL(url).host });
  }
  throw new lw1.Inconclusive("unsure_relay");
}

async function roundFrom(url) {
  try {
    const options = { signal: AbortSignal.timeout(RELAY_MILLISECONDS), referrerPolicy: "no-referrer", credentials: "omit" };
    const answer = await fetch(url, options);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function checkSeed({ rules, receipt, proof }) {
  lw1.assertEqual(proof.draw.seed, await lw1.seedOf(rules, receipt, proof.beacon), "differ_seed");
}

async function checkPositions({ receipt, proof }) {
  const published = proof.draw.positions;
  const drawn = await lw1.positions(proof.draw.seed, receipt.entries, published.length);
  lw1.assertEqual(published.join(" "), drawn.join(" "), "differ_positions");
}

async function checkOutcome({ rules, receipt, drawn, proof }) {
  const { outcome } = proof;
  const winners = await lw1.assertOutcome(outcome, rules, proof.draw.positions, (position) => drawn.get(position));
  const full = rules.prizes.length + rules.reserve_winners + outcome.skips.length;
  lw1.assertEqual(proof.draw.positions.length, Math.min(full, receipt.entries), "differ_winners");
  const numbers = new Set([...winners, ...outcome.reserves].map(({ number }) => number));
  for (const winner of page.querySelectorAll("[data-winner]")) {
    const number = Number(winner.dataset.winner);
    if (!numbers.has(number)) throw new lw1.Mismatch("differ_winners", [...numbers].join(" "), number);
  }
  const decided = outcome.skips.filter(({ reason }) => reason !== "one_per_person").length;
  return decided ? sentence("decided", { many: decided }) : "";
}

async function checkSignature({ rules, receipt, proof, numbers, commits }) {
  if (receipt.entries > MAX_SIGNED_ENTRIES) throw new lw1.Inconclusive("unsure_large");
  const { bundle_signature: signature, ...rest } = proof;
  const signed = { ...rest, entries: { numbers, commits: commits.join("") } };
  await lw1.assertSigned(signed, rules.signing_key, signature, "differ_signature");
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

// --- The visitor's ticket ---

async function checkTicket(number, salt, account) {
  const { receipt, signature } = await read("/receipt");
  const rules = JSON.parse(page.querySelector("[data-rules]").textContent);
  await lw1.assertSigned(receipt, rules.signing_key, signature, "differ_receipt_signature");
  let ticket;
  try {
    ticket = await read(`/proof?ticket=${number}`);
  } catch (error) {
    if (error.code === "request.not_found") throw new lw1.Mismatch("differ_listed");
    throw error;
  }
  const commit = await lw1.commitment(salt, await lw1.holderTag(page.dataset.raffle, account));
  lw1.assertEqual(ticket.number, number, "differ_path");
  lw1.assertEqual(ticket.commit, commit, "differ_commit");
  lw1.assertEqual(await lw1.rootFromPath(receipt.raffle_id, ticket, receipt.entries), receipt.merkle_root, "differ_path");
  return sentence("ticket_in", { number, position: formatted(ticket.position + 1), total: formatted(receipt.entries) });
}

// --- Showing results ---

function isDrawn() {
  return steps.querySelector('[data-step="seed"]') !== null;
}

function sentence(name, values) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), texts[name]);
}

function formatted(number) {
  return number.toLocaleString("en");
}

function shortened(value) {
  const text = String(value);
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}…` : text;
}

function explain(error) {
  if (error instanceof lw1.Inconclusive) return { state: "unsure", detail: sentence(error.reason, error.values) };
  if (!(error instanceof lw1.Mismatch)) return { state: "failed", detail: `${texts.differ_read}: ${error.message}` };
  if (error.expected === undefined) return { state: "failed", detail: texts[error.reason] };
  const values = { expected: shortened(error.expected), found: shortened(error.found) };
  return { state: "failed", detail: `${texts[error.reason]} (${sentence("expected", values)})` };
}

function show(step, state, detail = "") {
  step.dataset.state = state;
  step.querySelector("[data-status]").textContent = texts[state];
  step.querySelector("[data-detail]").textContent = detail;
}

function showResult(element, state, text) {
  element.dataset.state = state;
  element.textContent = text;
}

async function runStep(step, found) {
  show(step, "running");
  try {
    const detail = await CHECKS[step.dataset.step](found, (progress) => show(step, "running", progress));
    show(step, "passed", detail ?? "");
  } catch (error) {
    const { state, detail } = explain(error);
    show(step, state, detail);
  }
  return step.dataset.state;
}

// The first step that fails ends the check: the later steps depend on it.
async function run(button) {
  const verdict = page.querySelector("[data-verdict]");
  const found = {};
  const states = new Set();
  button.disabled = true;
  showResult(verdict, "running", "");
  for (const step of steps.children) show(step, "pending");
  for (const step of steps.children) {
    const state = await runStep(step, found);
    states.add(state);
    if (state === "failed" || (state === "unsure" && REQUIRED_STEPS.has(step.dataset.step))) break;
  }
  button.disabled = false;
  button.textContent = texts.again;
  const failed = steps.querySelector('[data-state="failed"]');
  if (failed) showResult(verdict, "failed", sentence("some_failed", { step: texts[`step_${failed.dataset.step}`] }));
  else if (states.has("unsure")) showResult(verdict, "unsure", texts.some_unsure);
  // The operator of a local beacon has its key, so that consistent numbers prove nothing about the operator.
  else if (page.dataset.round && isDrawn()) showResult(verdict, "unsure", texts.all_passed_local);
  else showResult(verdict, "passed", texts.all_passed);
}

async function findTicket(form) {
  const result = form.querySelector("[data-found]");
  const value = (name) => form.querySelector(`[data-${name}]`).value.trim().toLowerCase();
  const number = Number(value("number"));
  const isPositiveInteger = Number.isSafeInteger(number) && number > 0;
  if (!isPositiveInteger || !/^[0-9a-f]{64}$/.test(value("salt")) || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value("account"))) {
    showResult(result, "unsure", texts.ticket_fields);
    return;
  }
  showResult(result, "running", texts.running);
  try {
    showResult(result, "passed", await checkTicket(number, value("salt"), value("account")));
  } catch (error) {
    const { state, detail } = explain(error);
    showResult(result, state, detail);
  }
}

async function start() {
  lw1 = await import(page.dataset.protocol);
  const button = page.querySelector("[data-run]");
  const form = page.querySelector("[data-own]");
  button.addEventListener("click", () => run(button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    findTicket(form);
  });
  page.querySelector("[data-script]").hidden = true;
  button.hidden = form.hidden = false;
}

if (steps) start();
