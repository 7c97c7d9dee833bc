import { randomBytes } from "node:crypto";
import { test } from "@jest/globals";
import cors from "cors";
import express from "express";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";

const auth = createJwtStrategy({ secret: randomBytes(64), lifetimeSeconds: 3600 });
const app = express();

app.use(cors({ origin: "https://app.example" })); // first: a preflight carries no token
app.use(auth.authenticate());

test("a preflight is answered without a token", async () => {
  await request(app)
    .options("/")
    .set("Origin", "https://app.example")
    .set("Access-Control-Request-Method", "GET")
    .expect(204)
    .expect("Access-Control-Allow-Origin", "https://app.example");
});

test("the page can read a refusal", async () => {
  await request(app)
    .get("/")
    .set("Origin", "https://app.example")
    .expect(401)
    .expect("Access-Control-Allow-Origin", "https://app.example");
});
