/** The command line. Status 0: verified, or all vectors agree; 1: refused, or a disagreement; 2: nothing to verify. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fromHex } from "./bytes.js";
import { type Holder, verifyTicket } from "./inclusion.js";
import { hex, uuid } from "./shapes.js";
import type { Caveat } from "./steps.js";
import { checkVectors } from "./vectors.js";
import { type Source, type Verdict, verifySource } from "./verify.js";

const USAGE = `usage: main.js proof.json [--details details.json]
       main.js ticket.json --signing-key KEY [--salt SALT --account ID]
       main.js --vectors lw1-vectors.json
       main.js --lines < documents.jsonl`;

const CAVEATS: Readonly<Record<Caveat["name"], string>> = {
  local_beacon: "LOCAL BEACON: the operator holds its key and could have chosen the winners",
  no_anchor: "NO ANCHOR: recomputation only; nothing shows that the list is older than the beacon's round",
  anchor_not_looked_up: "ANCHOR NOT LOOKED UP: verify_draw.py --rpc compares it with its chain",
  operator_decisions: "ticket(s) skipped BY DECISION OF THE OPERATOR",
};

const OPTIONS = {
  details: { type: "string" },
  "signing-key": { type: "string" },
  salt: { type: "string" },
  account: { type: "string" },
  vectors: { type: "string" },
  lines: { type: "boolean" },
} as const;

/** A command line that asks for nothing that this program does. */
class UsageError extends Error {}

/** The options and the files of a command line. */
function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [file, ...others] = positionals;
  const { details, "signing-key": signingKey, salt, account, vectors, lines } = values;
  if (file === undefined) {
    if (Object.keys(values).length !== 1) throw new UsageError("name one file, or one of --vectors and --lines");
    if (vectors !== undefined) return runVectors(vectors);
    if (lines === true) return runLines();
    throw new UsageError("no file is named");
  }
  if (others.length > 0 || vectors !== undefined || lines === true) throw new UsageError("name one file only");
  if (signingKey !== undefined) {
    if (details !== undefined) throw new UsageError("--details is for a complete proof, without --signing-key");
    return runTicket(file, checked(signingKey, hex(32), "--signing-key"), holderOf(salt, account));
  }
  if (salt !== undefined || account !== undefined) throw new UsageError("--salt and --account need --signing-key");
  return runBundle(file, details);
}

function holderOf(salt: string | undefined, account: string | undefined): Holder | undefined {
  if (salt === undefined && account === undefined) return undefined;
  if (salt === undefined || account === undefined) throw new UsageError("--salt and --account belong together");
  return { salt: checked(salt, hex(32), "--salt"), account: checked(account, uuid, "--account") };
}

function checked(value: string, read: (value: string) => string, option: string): string {
  try {
    return read(value);
  } catch {
    throw new UsageError(`${option} cannot be ${value}: lower-case hexadecimal digits are needed`);
  }
}

function runBundle(file: string, detailsFile: string | undefined): number {
  const details = detailsFile === undefined ? undefined : readFileSync(detailsFile);
  const verdict = verifySource(readFileSync(file), details);
  printSteps(verdict);
  if (verdict.error !== null || verdict.facts === undefined) return 1;
  console.log("\nVerified: the winners follow from the published entries and the beacon.");
  verdict.caveats.forEach((caveat) => console.log(`  Note: ${caveatText(caveat)}`));
  console.log("Compare one of these values with what the shop showed during the sale:");
  console.log(`  rules hash, version 1: ${verdict.facts.firstRulesHash}`);
  console.log(`  signing key:           ${verdict.facts.signingKey}`);
  return 0;
}

function runTicket(file: string, signingKey: string, holder: Holder | undefined): number {
  const verdict = verifyTicket(readFileSync(file), signingKey, holder);
  printSteps(verdict);
  return verdict.error === null ? 0 : 1;
}

function printSteps({ passed, failed, error }: Pick<Verdict, "passed" | "failed" | "error">): void {
  passed.forEach((name) => console.log(`  ok      ${name}`));
  if (error !== null) console.log(`  REFUSED ${(failed ?? "").padEnd(10)} ${error}`);
}

function caveatText({ name, count }: Caveat): string {
  return count === undefined ? CAVEATS[name] : `${count} ${CAVEATS[name]}`;
}

function runVectors(file: string): number {
  const reports = checkVectors(readFileSync(file, "utf8"));
  for (const { member, checked: many, disagreements } of reports) {
    console.log(`${member}: ${many} checked, ${disagreements.length} disagreements`);
    disagreements.forEach((text) => console.log(`  ${text}`));
  }
  return reports.every((report) => report.disagreements.length === 0) ? 0 : 1;
}

/** A line of standard input: a bundle as a text or as bytes in hexadecimal digits, and the details, if any. */
interface Line {
  readonly text?: string;
  readonly bytes?: string;
  readonly details?: string;
}

async function runLines(): Promise<number> {
  for await (const line of inputLines()) {
    if (line.trim() === "") continue;
    const { text, bytes, details } = JSON.parse(line) as Line;
    const source: Source = bytes === undefined ? text ?? "" : fromHex(bytes);
    const { error, caveats } = verifySource(source, details);
    console.log(JSON.stringify({ error, caveats: caveats.map((caveat) => caveat.name) }));
  }
  return 0;
}

/** Lines of standard input. Only a line feed ends a line; U+2028 and the like do not. */
async function* inputLines(): AsyncGenerator<string> {
  let rest = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() as string;
    yield* lines;
  }
  yield rest;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) console.error(USAGE);
  process.exitCode = 2;
}
