import assert from "node:assert/strict";
import { createRequire } from "node:module";
import express from "express";
import * as esm from "express-jwt-strategy";
import { describeStrategy } from "express-jwt-strategy/openapi";
import { signAside, smoke } from "./smoke.cjs";

const require = createRequire(import.meta.url);
const required = require("express-jwt-strategy");
assert.equal(required.AuthError, esm.AuthError, "import and require return the same class");

const auth = required.createJwtStrategy({
  secret: "0123456789abcdef0123456789abcdef",
  lifetimeSeconds: 60,
});
const { paths } = describeStrategy(auth, { logoutPath: "/logout" });
assert.deepEqual(Object.keys(paths), ["/logout"]);
assert.deepEqual(
  require("express-jwt-strategy/openapi").describeStrategy(auth, { logoutPath: "/logout" }).paths,
  paths,
);

await smoke(express, esm);
await signAside(esm);
