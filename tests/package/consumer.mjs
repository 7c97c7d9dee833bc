import assert from "node:assert/strict";
import { createRequire } from "node:module";
import express from "express";
import * as esm from "express-jwt-strategy";
import { signAside, smoke } from "./smoke.cjs";

const required = createRequire(import.meta.url)("express-jwt-strategy");
assert.equal(required.AuthError, esm.AuthError, "import and require give one and the same class");

await smoke(express, esm);
await signAside(esm);
