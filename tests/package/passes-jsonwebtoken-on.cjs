// A module of an app, loaded first. The thread that signs looks for jsonwebtoken and must not run this.
const assert = require("node:assert/strict");
const { isMainThread } = require("node:worker_threads");

assert.ok(isMainThread, "a module of the app runs in the thread that signs");
module.exports = require("jsonwebtoken");
