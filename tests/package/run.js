// Packs the package, installs the tarball in real consumer projects, and uses it from ESM, CommonJS
// and TypeScript, with Express 4 and with Express 5; first without jose, then remote-jwks with it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const npm = (args, cwd) =>
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    encoding: "utf8",
  });
const node = (args, cwd) => execFileSync(process.execPath, args, { cwd, stdio: "inherit" });

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    types: ["node"],
  },
};

const workspace = mkdtempSync(join(tmpdir(), "express-jwt-strategy-"));
try {
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--pack-destination", workspace], root));
  for (const major of ["4", "5"]) {
    const project = join(workspace, `express-${major}`);
    cpSync(import.meta.dirname, project, { recursive: true });
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
    const use = (name) => {
      node([`${name}.mjs`], project);
      node([`${name}.cjs`], project);
      writeFileSync(
        join(project, "tsconfig.json"),
        JSON.stringify({ ...TSCONFIG, files: [`${name}.ts`] }),
      );
      node([join(root, "node_modules/@typescript/native/bin/tsc"), "-p", "."], project);
    };
    npm(
      [
        "install",
        join(workspace, filename),
        `express@${major}`,
        `@types/express@${major}`,
        "@types/node@20",
      ],
      project,
    );
    assert.ok(!existsSync(join(project, "node_modules/jose")), "only who wants jose installs it");
    use("consumer");
    npm(["install", "jose@6"], project);
    use("consumer-remote");
    console.log(`Express ${major}: ESM, CommonJS and TypeScript use the installed package`);
  }
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
