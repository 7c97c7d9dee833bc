import { createRequire } from "node:module";
import { callInChild } from "../harness/child.js";
import { mapValues, summarize } from "../harness/statistics.js";

/** The modules that an app loads, by the name in the results. */
const PACKAGES = {
  "express-jwt-strategy": ["express-jwt-strategy"],
  jsonwebtoken: ["jsonwebtoken"],
  "express-jwt": ["express-jwt"],
  "passport-jwt": ["passport", "passport-jwt"],
  "express-oauth2-jwt-bearer": ["express-oauth2-jwt-bearer"],
  "fast-jwt": ["fast-jwt"],
};

const LOADERS = { import: (name) => import(name), require: createRequire(import.meta.url) };

/** Milliseconds of CPU that loading takes in a new process, with import and with require. */
export async function measureLoading({ samples }) {
  const results = mapValues(LOADERS, () => mapValues(PACKAGES, () => []));
  for (let turn = 0; turn < samples; turn++) {
    for (const [name, packages] of Object.entries(PACKAGES)) {
      for (const loader of Object.keys(LOADERS)) {
        const cpu = await callInChild(import.meta.url, "load", { packages, loader });
        results[loader][name].push(cpu);
      }
    }
  }
  return mapValues(results, (byName) => mapValues(byName, summarize));
}

/** Runs in a process of its own. An app has loaded Express already. */
export async function load({ packages, loader }) {
  const loadOne = LOADERS[loader];
  await loadOne("express");
  const before = process.cpuUsage();
  for (const name of packages) await loadOne(name);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
