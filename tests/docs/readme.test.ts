import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const readme = readFileSync("README.md", "utf8");

/** Programs and tests that run: a snippet that stands in one of them word for word is run with it. */
const executed = ["examples", "tests/docs/recipes", "tests/package"].flatMap((folder) =>
  readdirSync(folder).map((name) => withoutIndentation(readFileSync(`${folder}/${name}`, "utf8"))),
);

function withoutIndentation(code: string): string {
  return code.replace(/^ +/gm, "");
}

function snippets(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm");
  return [...readme.matchAll(fence)].map(([, code = ""]) => code);
}

describe("README.md", () => {
  test.each(snippets("ts"))("has only TypeScript snippets that a test runs: %#", (snippet) => {
    expect(executed.some((source) => source.includes(withoutIndentation(snippet)))).toBe(true);
  });

  test("begins with a quick start that is equal to examples/bearer.ts", () => {
    expect(snippets("ts")[0]).toBe(readFileSync("examples/bearer.ts", "utf8"));
  });

  test("names files that exist", () => {
    for (const [, path = ""] of readme.matchAll(/\]\((?!http)([^)#]+)/g)) {
      expect(() => readFileSync(path)).not.toThrow();
    }
  });
});
