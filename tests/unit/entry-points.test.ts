import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { buildSync } from "esbuild";

const ROOT = join(__dirname, "../..");

/** The files of lib, and the packages, that an entry point loads. Types load nothing. */
function filesLoadedBy(entryPoint: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    treeShaking: false,
    metafile: true,
    write: false,
  });
  const packages = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path),
  );
  return [...Object.keys(metafile.inputs), ...packages];
}

describe("the entry points", () => {
  const core = filesLoadedBy("lib/index.ts");

  test("express-jwt-strategy loads no part of the other entry points", () => {
    expect(core).toContain("lib/strategy/jwt-strategy.ts");
    expect(core.filter((file) => file.startsWith("lib/openapi"))).toEqual([]);
    expect(core).not.toContain("lib/remote-jwks.ts");
    expect(core).not.toContain("jose");
  });

  test.each([
    ["lib/openapi.ts", "lib/openapi/describe.ts"],
    ["lib/remote-jwks.ts", "jose"],
  ])("%s loads %s", (entryPoint, file) => {
    expect(filesLoadedBy(entryPoint)).toContain(file);
  });
});
