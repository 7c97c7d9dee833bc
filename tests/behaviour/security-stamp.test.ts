import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  bearerTransport,
  createJwtStrategy,
  type JwtStrategy,
  type Transport,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import request, { type Test } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { base64url, forge, goodClaims } from "../support/forge.ts";
import { hmacSecret } from "../support/keys.ts";
import { transports } from "../support/transports.ts";

interface User {
  readonly id: string;
  passwordHash: string;
  readonly isActive?: boolean;
}

const KEY = createSecretKey(hmacSecret);
const CHANNEL = "express-jwt-strategy:authenticate";

/** 128 bits of an HMAC over the purpose, the user's id and the string. */
function digestOf(text: string, sub = "42", key: KeyObject = KEY): string {
  return createHmac("sha256", key)
    .update(`express-jwt-strategy security stamp\0${JSON.stringify([sub, text])}`)
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

const users = new Map<string, User>();
const reasons: unknown[] = [];
const record = (event: unknown): void => void reasons.push((event as { reason?: unknown }).reason);

beforeEach(() => {
  for (const id of ["42", "43"]) users.set(id, { id, passwordHash: "first" });
  reasons.length = 0;
  subscribe(CHANNEL, record);
});
afterEach(() => void unsubscribe(CHANNEL, record));

function createAuth(
  transport: Transport = bearerTransport(),
  cacheSize?: number,
): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    transport,
    cacheSize,
    verifyCredentials: ({ username }) => users.get(username),
    findUser: (id) => users.get(id),
    securityStamp: (user) => user.passwordHash,
  });
}

const signed = (securityStamp: unknown, sub = "42"): string =>
  forge("HS256", KEY, goodClaims({ sub, stamp: securityStamp }));
const userOf = (id: string): User => {
  const user = users.get(id);
  if (user === undefined) throw new Error(`No user ${id}`);
  return user;
};

async function stampIn(token: Promise<string>): Promise<unknown> {
  const [, payload = ""] = (await token).split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>)
    .stamp;
}

describe("the claim stamp", () => {
  test("is 22 characters of base64url", async () => {
    expect(await stampIn(createAuth().writeToken(userOf("42")))).toMatch(/^[\w-]{22}$/);
  });

  test.each([
    ["letters", "first"],
    ["a space", " "],
    ["zero", "0"],
    ["a hash of Argon2", "$argon2id$v=19$m=65536"],
    ["letters outside ASCII", "ünï😀"],
    ["a NUL", "\0"],
    ["a lone surrogate", "\ud800"],
    ["quotes and brackets of JSON", '"],["'],
    ["10,000 characters", "x".repeat(10_000)],
  ])(
    "is the keyed digest of sub and of the string that securityStamp returns: %s",
    async (_what, text) => {
      userOf("42").passwordHash = text;
      expect(await stampIn(createAuth().writeToken(userOf("42")))).toBe(digestOf(text));
    },
  );

  test("differs between users with the same string", async () => {
    const auth = createAuth();
    const stamps = ["42", "43"].map((id) => stampIn(auth.writeToken(userOf(id))));
    expect(await Promise.all(stamps)).toEqual([digestOf("first", "42"), digestOf("first", "43")]);
  });
});

describe("securityStamp", () => {
  describe.each(transports)("with %s", (_name, transport, credentials) => {
    function appOf(auth: JwtStrategy<User>): Express {
      const app = express().post("/login", auth.login);
      app.post("/refresh", auth.refresh).post("/logout", auth.logout);
      return app.get("/", auth.authenticate(), (req, res) => res.send(auth.currentUser(req).id));
    }

    const get = (app: Express, token: string): Test =>
      request(app).get("/").set(credentials(token));

    test.each([
      ["cached", undefined],
      ["not cached", 0],
    ])("refuses older tokens after the string has changed, %s", async (_what, cacheSize) => {
      const app = appOf(createAuth(transport, cacheSize));
      const older = ["one", "two"].map((jti) =>
        forge("HS256", KEY, goodClaims({ jti, stamp: digestOf("first") })),
      );
      for (const token of older) await get(app, token).expect(200, "42");

      userOf("42").passwordHash = "second";
      for (const token of older) {
        const post = (path: string): Test => request(app).post(path).set(credentials(token));
        await expectRefusal(get(app, token), 401, "invalid_token");
        await expectRefusal(post("/refresh"), 401, "invalid_token");
        await expectRefusal(post("/logout"), 401, "invalid_token");
        expect(reasons.splice(-3)).toEqual(Array(3).fill("security_stamp_mismatch"));
      }
      await get(app, signed(digestOf("second"))).expect(200, "42");

      userOf("42").passwordHash = "first";
      for (const token of older) await get(app, token).expect(200, "42");
    });

    test("does not affect tokens of other users", async () => {
      const app = appOf(createAuth(transport));
      userOf("42").passwordHash = "second";
      await get(app, signed(digestOf("first", "43"), "43")).expect(200, "43");
    });

    test("accepts the token of a login after the change", async () => {
      const app = appOf(createAuth(transport));
      userOf("42").passwordHash = "second";
      const login = await request(app).post("/login").send({ username: "42", password: "x" });
      expect(login.ok).toBe(true);
      const cookie = /=([^;]*);/.exec(login.get("Set-Cookie")?.[0] ?? "")?.[1];
      const { access_token: token = cookie } = login.body as { access_token?: string };
      await get(app, token ?? "").expect(200, "42");
    });

    const FIRST = digestOf("first");
    test.each<[string, unknown]>([
      ["is missing", undefined],
      ["is null", null],
      ["is true", true],
      ["is a number", 42],
      ["is a list of the correct stamp", [FIRST]],
      ["is an object", { toString: FIRST }],
      ["is empty", ""],
      ["is one character shorter", FIRST.slice(0, -1)],
      ["is one character longer", `${FIRST}A`],
      ["is padded", `${FIRST}==`],
      ["is in hexadecimal", Buffer.from(FIRST, "base64url").toString("hex")],
      ["contains a space", `${FIRST.slice(0, 11)} ${FIRST.slice(11)}`],
      ["is that of another string", digestOf("second")],
      ["is that of another user", digestOf("first", "43")],
      ["has another key", digestOf("first", "42", createSecretKey(Buffer.alloc(64)))],
      ["is the string itself", "first"],
    ])("refuses a signed token if its stamp %s", async (_how, securityStamp) => {
      const app = appOf(createAuth(transport));
      await expectRefusal(get(app, signed(securityStamp)), 401, "invalid_token");
      expect(reasons).toEqual(["security_stamp_mismatch"]);
    });

    test("refuses a token with a replaced stamp because of its signature", async () => {
      const [header, , signature] = signed(digestOf("second")).split(".");
      const claims = goodClaims({ stamp: digestOf("first") });
      const forged = [header, base64url(JSON.stringify(claims)), signature].join(".");
      await expectRefusal(get(appOf(createAuth(transport)), forged), 401, "invalid_token");
      expect(reasons).toEqual(["signature_invalid"]);
    });
  });

  test("is checked before the guards", async () => {
    const auth = createAuth();
    users.set("42", { id: "42", passwordHash: "second", isActive: false });
    const app = express().use(auth.authenticate({ active: true }));
    const token = signed(digestOf("first"));
    await expectRefusal(
      request(app).get("/").auth(token, { type: "bearer" }),
      401,
      "invalid_token",
    );
    expect(reasons).toEqual(["security_stamp_mismatch"]);
  });

  test("ignores an inherited stamp", async () => {
    const app = express().use(createAuth().authenticate());
    const value = digestOf("first");
    Object.defineProperty(Object.prototype, "stamp", { value, configurable: true });
    try {
      const sent = request(app).get("/").auth(forge("HS256", KEY), { type: "bearer" });
      await expectRefusal(sent, 401, "invalid_token");
    } finally {
      delete (Object.prototype as { stamp?: string }).stamp;
    }
  });
});

test("readToken() and authenticateRequest() compare the stamp, too", async () => {
  const auth = createAuth();
  const req = new IncomingMessage(new Socket());
  const token = signed(digestOf("first"));
  req.headers.authorization = `Bearer ${token}`;
  expect(await auth.readToken(token)).toBe(userOf("42"));
  expect(await auth.authenticateRequest(req)).toMatchObject({ user: userOf("42") });

  userOf("42").passwordHash = "second";
  expect(await auth.readToken(token)).toBeNull();
  await expect(auth.authenticateRequest(req)).rejects.toMatchObject({
    status: 401,
    reason: "security_stamp_mismatch",
  });
});
