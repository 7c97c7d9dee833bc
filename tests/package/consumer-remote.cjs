const { dirname, join } = require("node:path");
const express = require("express");
const strategy = require("express-jwt-strategy");
const remote = require("express-jwt-strategy/remote-jwks");
const { smokeRemote } = require("./smoke-remote.cjs");

// Node.js resolves require() to the ES modules; Jest and bundlers resolve it to these.
const cjs = join(dirname(require.resolve("express-jwt-strategy/package.json")), "dist/cjs");

process.exitCode = 1; // set to 0 after all checks
smokeRemote(express, strategy, remote)
  .then(() => smokeRemote(express, require(cjs), require(join(cjs, "remote-jwks"))))
  .then(() => (process.exitCode = 0), console.error);
