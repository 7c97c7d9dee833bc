import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  bearerTransport,
  byIssuer,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type Handler,
  type JwtStrategy,
  type Transport,
  type VerifiedClaims,
} from "express-jwt-strategy";
import express from "express";
import request, { type Response } from "supertest";
import { forge } from "../support/forge.ts";
import { construct } from "../support/expect-construction-error.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const TOKEN = forge("HS256", signingKey("HS256"));

function strategyWith(transport?: Transport): JwtStrategy<VerifiedClaims> {
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, transport });
}

const byHeader = strategyWith();
const byCookie = strategyWith(cookieTransport());
const byApiToken = strategyWith({ ...bearerTransport(), requestHeader: "X-Api-Token" });
const withoutHeaderName = strategyWith({ ...bearerTransport(), requestHeader: undefined });

const ALL = "Authorization, Cookie, X-Api-Token";

async function get(
  handler: Handler,
  headers: Record<string, string> = {},
  present?: unknown,
): Promise<Response> {
  const app = express();
  app.use((_req, res, next) => {
    if (present !== undefined) res.setHeader("Vary", present as string);
    next();
  });
  app.get("/", handler, (_req, res) => void res.set("Cache-Control", "max-age=60").send("in"));
  return request(app).get("/").set(headers);
}

describe("authenticate() adds the header of the token to Vary", () => {
  test.each([
    ["bearerTransport", byHeader, "Authorization"],
    ["cookieTransport", byCookie, "Cookie"],
    ["another transport", byApiToken, "X-Api-Token"],
    ["anyOf", anyOf(byHeader, byCookie), "Authorization, Cookie"],
    ["anyOf with the same transport twice", anyOf(byHeader, byHeader), "Authorization"],
    ["byIssuer", byIssuer({ a: byHeader, b: byCookie, c: byApiToken }), ALL],
    [
      "byIssuer inside anyOf",
      anyOf(byIssuer({ a: byCookie, b: byHeader })),
      "Cookie, Authorization",
    ],
    ["dynamicStrategy", dynamicStrategy<VerifiedClaims>(() => byCookie), "Cookie"],
    [
      "dynamicStrategy inside anyOf",
      anyOf(
        byHeader,
        dynamicStrategy<VerifiedClaims>(() => byApiToken),
      ),
      "Authorization, X-Api-Token",
    ],
  ])("with %s, for anonymous and refused requests", async (_kind, auth, vary) => {
    const anonymous = await get(auth.authenticate({ optional: true }));
    expect([anonymous.status, anonymous.headers.vary]).toEqual([200, vary]);
    const refused = await get(auth.authenticate());
    expect([refused.status, refused.headers.vary]).toEqual([401, vary]);
  });

  test("for accepted requests", async () => {
    const accepted = await get(byHeader.authenticate(), { Authorization: `Bearer ${TOKEN}` });
    expect([accepted.status, accepted.headers.vary]).toEqual([200, "Authorization"]);
    const cookie = await get(byCookie.authenticate(), { Cookie: `fastapiusersauth=${TOKEN}` });
    expect([cookie.status, cookie.headers.vary]).toEqual([200, "Cookie"]);
  });

  test.each([
    ["Accept-Encoding", "Accept-Encoding, Authorization"],
    [["Origin", "Accept"], "Origin, Accept, Authorization"],
    ["authorization", "authorization"],
    ["Origin,AUTHORIZATION", "Origin,AUTHORIZATION"],
    ["*", "*"],
    ["Origin, *", "Origin, *"],
  ])("and keeps existing values: %j", async (present, vary) => {
    const { headers } = await get(byHeader.authenticate({ optional: true }), {}, present);
    expect(headers.vary).toBe(vary);
  });

  test("once if it is called twice", async () => {
    const app = express().use(byHeader.authenticate({ optional: true }));
    app.get("/", byHeader.authenticate({ optional: true }), (_req, res) => void res.send("in"));
    expect((await request(app).get("/")).headers.vary).toBe("Authorization");
  });
});

test("Vary is not changed for a transport without requestHeader", async () => {
  const { headers } = await get(withoutHeaderName.authenticate({ optional: true }));
  expect(headers).not.toHaveProperty("vary");
});

test("Vary is not changed after the headers are sent", async () => {
  const app = express().get("/", (req, res) => {
    res.write("first");
    byHeader.authenticate({ optional: true })(req, res, () => res.end(" last"));
  });
  expect((await request(app).get("/")).text).toBe("first last");
});

test.each(["", "a b", "X-Token:", "a\r\nb", 1, null, ["Cookie"]])(
  "requestHeader of a transport must not be %p",
  (requestHeader) => {
    const transport = { ...bearerTransport(), requestHeader };
    expect(() => construct({ secret: hmacSecret, lifetimeSeconds: 3600, transport })).toThrow(
      new TypeError(
        'requestHeader of the transport must be the name of a header, such as "Authorization"',
      ),
    );
  },
);
