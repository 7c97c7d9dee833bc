import assert from "node:assert/strict";
import { createRequire } from "node:module";
import express from "express";
import * as strategy from "express-jwt-strategy";
import * as remote from "express-jwt-strategy/remote-jwks";
import { smokeRemote } from "./smoke-remote.cjs";

const required = createRequire(import.meta.url)("express-jwt-strategy/remote-jwks");
assert.equal(required.remoteJwks, remote.remoteJwks, "import and require give one and the same");

await smokeRemote(express, strategy, remote);
