// An app with every entry point, for bundlers.
import assert from "node:assert/strict";
import express from "express";
import * as strategy from "express-jwt-strategy";
import { describeStrategy } from "express-jwt-strategy/openapi";
import * as remote from "express-jwt-strategy/remote-jwks";
import { smokeRemote } from "./smoke-remote.cjs";
import { signAside, smoke } from "./smoke.cjs";

const auth = strategy.createJwtStrategy({
  secret: "0123456789abcdef0123456789abcdef",
  lifetimeSeconds: 60,
});
const { paths } = describeStrategy(auth, { logoutPath: "/logout" });
assert.deepEqual(Object.keys(paths), ["/logout"]);

await smoke(express, strategy);
await signAside(strategy);
await smokeRemote(express, strategy, remote);
