import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** What figures mean nothing without. */
export function describeEnvironment() {
  const [processor] = cpus();
  return {
    node: process.version,
    v8: process.versions.v8,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
    processor: processor.model.trim(),
    cores: cpus().length,
    packages: packageVersions(),
  };
}

function packageVersions() {
  const { dependencies } = readManifest("../package.json");
  const names = Object.keys(dependencies);
  return Object.fromEntries(
    names.map((name) => [name, readManifest(`../node_modules/${name}/package.json`).version]),
  );
}

function readManifest(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}
