const assert = require("node:assert/strict");
const { createHook } = require("node:async_hooks");
const express = require("express");
const { signAside, smoke } = require("./smoke.cjs");

const resources = [];
const hook = createHook({ init: (_id, type) => resources.push(type) }).enable();
const strategy = require("express-jwt-strategy");
strategy.createJwtStrategy({ secret: "0123456789abcdef0123456789abcdef", lifetimeSeconds: 60 });
hook.disable();
// `jest --detectOpenHandles` reports such resources. Promises come from require() of an ES module.
assert.deepEqual(
  resources.filter((type) => type !== "PROMISE"),
  [],
);

process.exitCode = 1; // set to 0 after all checks
smoke(express, strategy)
  .then(() => signAside(strategy))
  .then(() => (process.exitCode = 0), console.error);
