// Each bundler returns a file that needs no node_modules.
import assert from "node:assert/strict";
import { join } from "node:path";
import { promisify } from "node:util";
import esbuild from "esbuild";
import webpack from "webpack";

/** Bundles to an ES module, with the banner that gives bundled CommonJS modules a require(). */
export async function bundleWithEsbuild(entryPoint, folder) {
  const outfile = join(folder, "esbuild.mjs");
  const { warnings } = await esbuild.build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    outfile,
    logLevel: "error",
  });
  assert.deepEqual(warnings, []);
  return outfile;
}

export async function bundleWithWebpack(entryPoint, folder) {
  const filename = "webpack.cjs";
  const stats = await promisify(webpack)({
    mode: "production",
    target: "node",
    entry: entryPoint,
    output: { path: folder, filename },
  });
  const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
  assert.deepEqual(errors, []);
  // Express itself causes a warning.
  const ours = warnings.filter((warning) =>
    JSON.stringify(warning).includes("express-jwt-strategy/"),
  );
  assert.deepEqual(ours, []);
  return join(folder, filename);
}
