// Who takes part. A module is only loaded in the process that measures it, so that its loading can
// be timed and nobody shares the optimizer's type feedback with a rival.

/**
 * `kind` says what a contender may be compared with: an Express peer is a middleware that a package
 * gives, a library is one behind a few lines of our own, a limit is what no package can undercut.
 * `remembers` marks those with a cache, which has to be filled before it is measured, and
 * `storesRefusals` those whose refusals take room in it.
 */
export const contenders = [
  {
    id: "ours",
    name: "express-jwt-strategy",
    kind: "ours",
    module: "express-jwt-strategy",
    make: "asDocumented",
    remembers: true,
  },
  {
    id: "express-jwt",
    name: "express-jwt, string",
    kind: "express",
    module: "express-jwt",
    make: "asDocumented",
  },
  {
    id: "express-jwt-key-object",
    name: "express-jwt, KeyObject",
    kind: "express",
    module: "express-jwt",
    make: "atBest",
  },
  {
    id: "passport-jwt",
    name: "passport-jwt, string",
    kind: "express",
    module: "passport-jwt",
    make: "asDocumented",
  },
  {
    id: "passport-jwt-key-object",
    name: "passport-jwt, KeyObject",
    kind: "express",
    module: "passport-jwt",
    make: "atBest",
  },
  {
    id: "express-oauth2-jwt-bearer",
    name: "express-oauth2-jwt-bearer",
    kind: "express",
    module: "express-oauth2-jwt-bearer",
    make: "asDocumented",
  },
  {
    id: "fast-jwt",
    name: "fast-jwt, cache",
    kind: "library",
    module: "fast-jwt",
    make: "asDocumented",
    remembers: true,
    storesRefusals: true,
  },
  {
    id: "fast-jwt-text-key",
    name: "fast-jwt, cache keyed by the text",
    kind: "library",
    module: "fast-jwt",
    make: "atBest",
    remembers: true,
    storesRefusals: true,
  },
  { id: "jose", name: "jose, imported key", kind: "library", module: "jose", make: "atBest" },
  {
    id: "jsonwebtoken",
    name: "jsonwebtoken, KeyObject",
    kind: "library",
    module: "jsonwebtoken",
    make: "atBest",
  },
  {
    id: "limit-verify",
    name: "limit: node:crypto",
    kind: "limit",
    module: "limit",
    make: "verifyOnly",
  },
  {
    id: "limit-map",
    name: "limit: Map keyed by digest",
    kind: "limit",
    module: "limit",
    make: "mapOfDigests",
    remembers: true,
  },
  {
    id: "none",
    name: "no authentication",
    kind: "baseline",
    module: "none",
    make: "letEverybodyIn",
  },
];

export const expressPeers = contenders.filter(({ kind }) => kind === "express");

export function contenderById(id) {
  const contender = contenders.find((candidate) => candidate.id === id);
  if (contender === undefined) throw new Error(`No contender is called ${id}`);
  return contender;
}

/** The function that makes a contender's middleware from a setup (see fixtures/setup.js). */
export async function loadContender({ module, make }) {
  const loaded = await import(`./${module}.js`);
  return loaded[make];
}
