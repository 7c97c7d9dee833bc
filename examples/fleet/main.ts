// npm run fleet: checks the statements of docs/scaling.md, prints a table, and exits.
import { startFleet, type Fleet } from "./fleet.ts";
import { listMissing } from "./requirements.ts";
import {
  acceptEverywhere,
  rotateKeys,
  surviveKill,
  surviveRestart,
  throttleTogether,
  type Result,
} from "./steps.ts";

/** The limit for all steps, without the start of the fleet. */
const TIME_LIMIT_MS = 90_000;

function printTable(results: readonly Result[]): void {
  const rows = [
    ["What", "sent", "answered", "retried", "lost"],
    ...results.map(({ step, tally, retried }) => [
      step,
      ...[tally.sent, tally.answered, retried, tally.sent - tally.answered].map(String),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join("  "));
  }
}

async function runSteps(fleet: Fleet): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const step of [
    acceptEverywhere,
    throttleTogether,
    surviveKill,
    surviveRestart,
    rotateKeys,
  ]) {
    console.log(`  ${step.name}`);
    results.push(...[await step(fleet)].flat());
  }
  return results;
}

/** Waits for the steps, a signal or the time limit. */
async function runUntilInterrupted(fleet: Fleet): Promise<readonly Result[]> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    const refuse = (message: string) => (): void => reject(new Error(message));
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, refuse(`The fleet was stopped by ${signal}.`));
    }
    const late = `The steps have not ended after ${TIME_LIMIT_MS / 1000} seconds.`;
    setTimeout(refuse(late), TIME_LIMIT_MS).unref();
  });
  return Promise.race([runSteps(fleet), interrupted]);
}

async function run(): Promise<boolean> {
  const missing = await listMissing();
  if (missing.length > 0) {
    console.error(["The fleet cannot start:", ...missing].join("\n  "));
    return false;
  }
  console.log("Starting four servers, nginx and another service, then:");
  const fleet = await startFleet();
  try {
    const results = await runUntilInterrupted(fleet);
    printTable(results);
    const failed = results.filter(({ failure }) => failure !== undefined);
    for (const { step, failure } of failed) console.error(`FAILED: ${step}: ${failure}`);
    return failed.length === 0;
  } finally {
    await fleet.end();
  }
}

try {
  process.exit((await run()) ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
