import { existsSync } from "node:fs";
import { describe } from "@jest/globals";
import { chromium, type Browser } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** `describe` if Chromium is installed; otherwise `describe.skip` and a line on stderr. */
export function describeInChromium(): typeof describe.skip {
  if (existsSync(CHROMIUM)) return describe;
  process.stderr.write("Skipped: the demo's page needs Chromium (set CHROMIUM_PATH)\n");
  return describe.skip;
}

/** Starts Chromium without requests other than for the pages of the test. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
