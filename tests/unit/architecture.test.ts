import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";

const LIB = join(__dirname, "../../lib");

const files = readdirSync(LIB, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);
const textOf = new Map(files.map((file) => [file, readFileSync(join(LIB, file), "utf8")]));
/** What each file imports or re-exports, types too; its own files by their path in lib. */
const importsOf = new Map(
  [...textOf].map(([file, text]) => [
    file,
    ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) =>
        fileName.startsWith(".") ? join(dirname(file), fileName) : fileName,
      ),
  ]),
);

function importersOf(target: string): string[] {
  return files.filter((file) => importsOf.get(file)?.includes(target));
}

/** The first way from a file back to itself, or `undefined`. */
function findCycle(file: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  for (const imported of importsOf.get(file) ?? []) {
    const cycle = findCycle(imported, [...path, file]);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe("the files of lib", () => {
  test("are found, and so are their imports, types too", () => {
    expect(importsOf.get("config.ts")).toEqual(
      expect.arrayContaining(["keys/key-ring.ts", "options.ts", "transports/bearer.ts"]),
    );
  });

  test.each(files)("import one way: %s is in no cycle, even counting types", (file) => {
    expect(findCycle(file)).toBeUndefined();
  });

  test("reach jsonwebtoken where tokens are signed and verified, and nowhere else", () => {
    expect(importersOf("jsonwebtoken").sort()).toEqual([
      "signer.ts",
      "signing-thread.ts", // its types alone: the thread loads it by itself
      "token.ts",
    ]);
  });

  test.each([
    ["lru-cache", "token-cache.ts"],
    ["express", "read-body.ts"],
    ["jose", "remote-jwks.ts"],
  ])("reach %s through one door, %s", (dependency, door) => {
    expect(importersOf(dependency)).toEqual([door]);
  });

  test("depend on nothing else but Node", () => {
    const outside = new Set([...importsOf.values()].flat().filter((name) => !name.endsWith(".ts")));
    const packages = [...outside].filter((name) => !name.startsWith("node:"));
    expect(packages.sort()).toEqual(["express", "jose", "jsonwebtoken", "lru-cache"]);
  });

  test.each(files)("can be read at one sitting: %s has at most 250 lines", (file) => {
    expect(textOf.get(file)?.trimEnd().split("\n").length).toBeLessThanOrEqual(250);
  });

  test.each(files)("print nothing: %s has no console", (file) => {
    expect(textOf.get(file)).not.toMatch(/\bconsole\b/);
  });

  test("are all used: each is imported, but for the two entry points", () => {
    expect(files.filter((file) => importersOf(file).length === 0).sort()).toEqual([
      "index.ts",
      "remote-jwks.ts",
    ]);
  });

  test("need jose in remote-jwks.ts alone: no way leads there from index.ts", () => {
    const reached = new Set(["index.ts"]);
    for (const file of reached) importsOf.get(file)?.forEach((imported) => reached.add(imported));
    expect(reached).toContain("token.ts");
    expect(reached).not.toContain("jose");
  });

  test("end in an index.ts that only lists names", () => {
    const source = ts.createSourceFile("index.ts", textOf.get("index.ts") ?? "", {
      languageVersion: ts.ScriptTarget.ES2022,
    });
    const others = source.statements.filter(
      (statement) =>
        !ts.isExportDeclaration(statement) ||
        statement.moduleSpecifier === undefined ||
        statement.exportClause === undefined,
    );
    expect(others).toEqual([]);
    expect(source.statements.length).toBeGreaterThan(0);
  });
});
