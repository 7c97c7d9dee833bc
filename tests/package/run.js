// Packs the package, installs the tarball in real consumer projects, and uses it from ESM, CommonJS,
// TypeScript and bundles, with Express 4 and with Express 5; first without jose, then remote-jwks with it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleWithEsbuild, bundleWithWebpack } from "./bundlers.js";

const root = resolve(import.meta.dirname, "../..");
const npm = (args, cwd) =>
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    encoding: "utf8",
  });
const node = (args, cwd) => execFileSync(process.execPath, args, { cwd, stdio: "inherit" });

/** The oldest supported major version, and the newest. */
const NODE_TYPES = ["@types/node@20", "@types/node@latest"];

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    types: ["node"],
  },
  files: ["consumer.ts", "consumer-mistakes.ts", "consumer-remote.ts"],
};

function compile(project) {
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(TSCONFIG));
  for (const types of NODE_TYPES) {
    npm(["install", types], project);
    for (const skipLibCheck of ["false", "true"]) {
      const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
      node([tsc, "-p", ".", "--skipLibCheck", skipLibCheck], project);
    }
  }
}

const workspace = mkdtempSync(join(tmpdir(), "express-jwt-strategy-"));
try {
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--pack-destination", workspace], root));
  for (const major of ["4", "5"]) {
    const project = join(workspace, `express-${major}`);
    cpSync(import.meta.dirname, project, { recursive: true });
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
    npm(
      ["install", join(workspace, filename), `express@${major}`, `@types/express@${major}`],
      project,
    );
    assert.ok(!existsSync(join(project, "node_modules/jose")), "jose is optional");
    node(["consumer.mjs"], project);
    node(["consumer.cjs"], project);

    npm(["install", "jose@6"], project);
    node(["consumer-remote.mjs"], project);
    node(["consumer-remote.cjs"], project);
    compile(project);

    const bundles = join(workspace, `bundles-${major}`);
    mkdirSync(bundles);
    for (const bundle of [bundleWithEsbuild, bundleWithWebpack]) {
      node([await bundle(join(project, "bundled-app.mjs"), bundles)], bundles);
    }
    console.log(
      `Express ${major}: ESM, CommonJS, TypeScript and bundles use the installed package`,
    );
  }
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
