import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";

const ROOT = join(__dirname, "../..");
const PAGES = ["README.md", ...pagesIn("docs")];
/** Declarations that the snippets use but do not contain, such as `app` and `users`. */
const GLOBALS = join(__dirname, "snippets/globals.d.ts");

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
}

/** The TypeScript snippets of a page as modules: file name → code. */
function snippetsOf(page: string): [string, string][] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""], index) => [
    join(ROOT, "tests/docs/snippets", `${page.replaceAll(/\W/g, "-")}-${index + 1}.ts`),
    `${code}\nexport {};\n`,
  ]);
}

const snippets = new Map(PAGES.flatMap(snippetsOf));

function compile(): readonly ts.Diagnostic[] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const host = ts.createCompilerHost({ ...options, isolatedDeclarations: false });
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (name) => snippets.get(name) ?? readFile(name);
  host.fileExists = (name) => snippets.has(name) || fileExists(name);
  const program = ts.createProgram(
    [GLOBALS, ...snippets.keys()],
    { ...options, isolatedDeclarations: false, declaration: false, noEmit: true },
    host,
  );
  return [...snippets.keys()].flatMap((name) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)),
  );
}

describe("the snippets of README and guides", () => {
  test("compile with strict settings", () => {
    const problems = compile().map(
      ({ file, start = 0, messageText }) =>
        `${file?.fileName.split("/").at(-1)}:${file?.getLineAndCharacterOfPosition(start).line}: ` +
        ts.flattenDiagnosticMessageText(messageText, "\n"),
    );
    expect(problems).toEqual([]);
  });

  test("are found", () => {
    expect(snippets.size).toBeGreaterThan(20);
  });
});

describe("README.md", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");

  test("has a quick start that is equal to examples/quick-start.mjs", () => {
    const [, code] = /^```js\n([^]*?)^```$/m.exec(readme) ?? [];
    expect(code).toBe(readFileSync(join(ROOT, "examples/quick-start.mjs"), "utf8"));
  });

  test("has at most 230 lines and 12 KB", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(230);
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(12 * 1024);
  });
});

describe("docs/issuers.md", () => {
  const guide = readFileSync(join(ROOT, "docs/issuers.md"), "utf8");
  const shown = [...guide.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code);

  test.each(readdirSync(join(ROOT, "examples/issuers")))(
    "has a snippet that is equal to examples/issuers/%s, and links to it",
    (name) => {
      expect(shown).toContain(readFileSync(join(ROOT, "examples/issuers", name), "utf8"));
      expect(guide).toContain(`(../examples/issuers/${name})`);
    },
  );
});
