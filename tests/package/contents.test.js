// Checks the files that npm would publish. Run after `npm run build`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

process.chdir(join(import.meta.dirname, "../.."));
const [packed] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" }),
);
const files = packed.files.map(({ path }) => path);
const built = files.filter((path) => path.startsWith("dist/"));
const code = built.filter((path) => /\.[cm]?js$/.test(path));

test("The tarball contains only the documents, the licence, package.json and dist", () => {
  assert.deepEqual(files.filter((path) => !built.includes(path)).sort(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "package.json",
  ]);
});

test("dist contains only code, source maps and types", () => {
  const others = built.filter(
    (path) => !/(\.d\.[cm]?ts|[cm]?js|[cm]?js\.map|\/package\.json)$/.test(path),
  );
  assert.deepEqual(others, []);
});

test("Every file that package.json names is in the tarball", () => {
  const named = [];
  JSON.stringify(JSON.parse(readFileSync("package.json", "utf8")).exports, (_key, value) => {
    if (typeof value === "string") named.push(value.replace("./", ""));
    return value;
  });
  assert.ok(named.length > 1);
  assert.deepEqual(
    named.filter((path) => !files.includes(path)),
    [],
  );
});

test("Every file of code has a source map that contains its sources", () => {
  assert.ok(code.length > 0);
  for (const path of code) {
    const [, url] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(path, "utf8")) ?? [];
    assert.ok(url, `${path} names no source map`);
    const map = join(dirname(path), url);
    assert.ok(files.includes(map), `${map} is not in the tarball`);
    const { sources, sourcesContent } = JSON.parse(readFileSync(map, "utf8"));
    assert.equal(sourcesContent?.length, sources.length, `${map} lacks sources`);
    assert.ok(
      sourcesContent.every((source) => typeof source === "string"),
      `${map} lacks a source`,
    );
  }
});

test("No file contains the path of the build", () => {
  for (const path of built) {
    assert.ok(!readFileSync(path, "utf8").includes(process.cwd()), path);
  }
});

test("The tarball stays small: 250 files, 450 kB, and 250 kB of code for each format", () => {
  assert.ok(packed.entryCount <= 250, `${packed.entryCount} files`);
  assert.ok(packed.size <= 450_000, `${packed.size} bytes`);
  const sizeOf = (folder) =>
    packed.files
      .filter(({ path }) => path.startsWith(`dist/${folder}/`) && path.endsWith(".js"))
      .reduce((sum, { size }) => sum + size, 0);
  assert.ok(sizeOf("esm") <= 250_000, `${sizeOf("esm")} bytes of ESM`);
  assert.ok(sizeOf("cjs") <= 250_000, `${sizeOf("cjs")} bytes of CommonJS`);
});
