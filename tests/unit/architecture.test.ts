import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";

const LIB = join(__dirname, "../../lib");

/** A folder imports only from the folders before it. The entry points are in the root folder and come last. */
const LAYERS = [
  "util",
  "errors",
  "keys",
  "http",
  "token",
  "transports",
  "sessions",
  "authentication",
  "guards",
  "handlers",
  "openapi",
  "strategy",
];
const ENTRY_POINTS = ["index.ts", "openapi.ts", "remote-jwks.ts"];

/** Each package is imported by one file. */
const PACKAGES = {
  jose: "remote-jwks.ts",
  jsonwebtoken: "token/signer.ts",
  "lru-cache": "token/cache.ts",
};

const MAX_ROOT_FILES = 4;
const MAX_FOLDER_FILES = 12;
const MAX_LINES = 250;
const MAX_PUBLIC_NAMES = 45;

const files = readdirSync(LIB, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(LIB, file), "utf8")]));
/** The imports and re-exports of each file, including types; files of lib by their path in lib. */
const imports = new Map(
  [...texts].map(([file, text]) => [
    file,
    ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) =>
        fileName.startsWith(".") ? join(dirname(file), fileName) : fileName,
      ),
  ]),
);
const edges = [...imports].flatMap(([file, targets]) =>
  targets.map((target) => [file, target] as const),
);
const innerEdges = edges.filter(([, target]) => target.endsWith(".ts"));

function getFolder(file: string): string {
  return dirname(file);
}

/** The position of a file's folder in the order. Entry points come after all folders. */
function getRank(file: string): number {
  const folder = getFolder(file);
  return folder === "." ? LAYERS.length : LAYERS.indexOf(folder);
}

function getImporters(target: string): string[] {
  return edges.filter(([, imported]) => imported === target).map(([file]) => file);
}

/** The first path from a file back to itself, or `undefined`. */
function findCycle(file: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  for (const imported of imports.get(file) ?? []) {
    const cycle = findCycle(imported, [...path, file]);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** All files and packages that a file imports, directly or indirectly. */
function getReachable(file: string): ReadonlySet<string> {
  const reached = new Set([file]);
  for (const one of reached) imports.get(one)?.forEach((imported) => reached.add(imported));
  return reached;
}

describe("the imports of lib", () => {
  test("are found, including types", () => {
    expect(imports.get("strategy/resolve-options.ts")).toEqual(
      expect.arrayContaining(["keys/key-set.ts", "strategy/options.ts", "transports/bearer.ts"]),
    );
    expect(innerEdges.length).toBeGreaterThan(100);
  });

  test("of a folder are from the folders before it", () => {
    const wrong = innerEdges.filter(([file, target]) =>
      getFolder(file) === "." && getFolder(target) === "."
        ? true
        : getFolder(file) !== getFolder(target) && getRank(target) >= getRank(file),
    );
    expect(wrong).toEqual([]);
  });

  test.each(files)("have no cycle: %s", (file) => {
    expect(findCycle(file)).toBeUndefined();
  });

  test.each(Object.entries(PACKAGES))("of the package %s are in one file: %s", (name, file) => {
    expect(getImporters(name)).toEqual([file]);
  });

  test("are from these packages and Node only", () => {
    const outside = edges.map(([, target]) => target).filter((target) => !target.endsWith(".ts"));
    const packages = new Set(outside.filter((target) => !target.startsWith("node:")));
    expect([...packages].sort()).toEqual(Object.keys(PACKAGES).sort());
  });

  test("use every file, except for the entry points", () => {
    expect(files.filter((file) => getImporters(file).length === 0).sort()).toEqual(ENTRY_POINTS);
  });

  test("of index.ts include neither jose nor describeStrategy()", () => {
    const reached = getReachable("index.ts");
    expect(reached).toContain("token/signer.ts");
    expect(reached).not.toContain("jose");
    const values = [...texts].filter(([file]) => reached.has(file) && !file.startsWith("openapi/"));
    for (const [, text] of values) expect(text).not.toMatch(/^import (?!type ).*\/openapi\//m);
  });
});

describe("the folders of lib", () => {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    folders.set(getFolder(file), [...(folders.get(getFolder(file)) ?? []), file]);
  }

  test("are all in the order", () => {
    expect([...folders.keys()].sort()).toEqual([".", ...LAYERS].sort());
  });

  test("are small", () => {
    expect(folders.get(".")?.length).toBeLessThanOrEqual(MAX_ROOT_FILES);
    for (const [folder, { length }] of folders) {
      expect([folder, length <= MAX_FOLDER_FILES]).toEqual([folder, true]);
    }
  });

  test.each(files)("have short files: %s", (file) => {
    expect(texts.get(file)?.trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_LINES);
  });

  test.each(files)("print nothing: %s", (file) => {
    expect(texts.get(file)).not.toMatch(/\bconsole\b/);
  });
});

describe("index.ts", () => {
  const source = ts.createSourceFile("index.ts", texts.get("index.ts") ?? "", {
    languageVersion: ts.ScriptTarget.ES2022,
  });
  const names = source.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
      ? [statement.exportClause.elements.map(({ name }) => name.text)]
      : [],
  );

  test("only exports names", () => {
    expect(names.length).toBe(source.statements.length);
  });

  test(`has at most ${MAX_PUBLIC_NAMES} names`, () => {
    expect(names.flat().length).toBeGreaterThan(0);
    expect(names.flat().length).toBeLessThanOrEqual(MAX_PUBLIC_NAMES);
  });
});
