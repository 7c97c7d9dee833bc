// Builds dist: for ES modules and for CommonJS one file for each entry point and one that they share,
// with source maps and types.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

process.chdir(join(import.meta.dirname, ".."));
const require = createRequire(import.meta.url);
const { dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));

if (process.argv.includes("--if-possible") && !isInstalled("rolldown")) {
  console.log("dist is not built: the devDependencies are not installed");
  process.exit();
}
const { build } = await import("rolldown");

rmSync("dist", { recursive: true, force: true });
for (const format of ["esm", "cjs"]) {
  await build({
    input: ["lib/index.ts", "lib/remote-jwks.ts", "lib/openapi.ts"],
    platform: "node",
    external: [/^node:/, ...Object.keys({ ...dependencies, ...peerDependencies })],
    output: {
      dir: `dist/${format}`,
      format,
      strict: true,
      esModule: true,
      sourcemap: true,
      // Its license asks for a link to its text.
      banner:
        "/*! Includes lru-cache, under the Blue Oak Model License 1.0.0: https://blueoakcouncil.org/license/1.0.0 */",
      minifyInternalExports: false,
      chunkFileNames: "[name].js",
      // Without a group there is one chunk for each combination of entry points.
      codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
    },
    onLog(level, { message }) {
      if (level === "warn") throw new Error(message);
    },
  });
}
writeFileSync("dist/cjs/package.json", '{"type":"commonjs"}\n');

const tsc = resolve(require.resolve("@typescript/native/package.json"), "../bin/tsc");
execFileSync(process.execPath, [tsc, "-p", "lib"], { stdio: "inherit" });
cpSync("dist/esm", "dist/cjs", { recursive: true, filter: (path) => !/\.js(\.map)?$/.test(path) });

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
