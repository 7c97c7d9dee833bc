import { randomBytes } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import { remoteJwks, type RemoteJwksOptions } from "express-jwt-strategy/remote-jwks";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge } from "../support/forge.ts";
import { forgeWithKid, startIssuer, type Issuer } from "../support/issuer.ts";
import { generateEcPair, generateRsaPair, keyPair, toJwk } from "../support/keys.ts";
import { createRemoteApp, times, useStoppedClock, type RemoteApp } from "../support/remote-app.ts";

const [first, second] = [keyPair("RS256"), generateRsaPair()];
const ec = keyPair("ES256");

const FIRST = toJwk(first.publicKey, { kid: "first", use: "sig", alg: "RS256" });
const SECOND = toJwk(second.publicKey, { kid: "second", use: "sig", alg: "RS256" });
const EC = toJwk(ec.publicKey, { kid: "ec" });

const byFirst = forgeWithKid("RS256", first.privateKey, "first");
const bySecond = forgeWithKid("RS256", second.privateKey, "second");
const byUnknownKey = (): string =>
  forgeWithKid("RS256", second.privateKey, randomBytes(8).toString("hex"));

const pass = useStoppedClock();

/** Starts an issuer and a service that trusts it. */
async function start(
  options?: RemoteJwksOptions,
  ...keys: readonly unknown[]
): Promise<RemoteApp & { issuer: Issuer }> {
  const issuer = await startIssuer(...(keys.length === 0 ? [FIRST] : keys));
  return { issuer, ...createRemoteApp(remoteJwks(issuer.url, options)) };
}

describe("the keys of remoteJwks", () => {
  test("are not fetched before the first token", async () => {
    const { issuer, app, accepts } = await start();
    await expectRefusal(request(app).get("/"), 401);
    expect(issuer.fetches).toBe(0);

    await accepts(byFirst);
    expect(issuer.fetches).toBe(1);
  });

  test("are fetched once for all waiting requests", async () => {
    const { issuer, accepts } = await start({}, FIRST, SECOND);
    await times(40, () => Promise.all([accepts(byFirst), accepts(bySecond)]));
    expect(issuer.fetches).toBe(1);
  });

  test("are fetched by GET with an Accept header", async () => {
    const { issuer, accepts } = await start();
    const asked = jest.fn();
    issuer.answer((req, res) => {
      asked(req.method, req.url, req.headers.authorization, req.headers.cookie);
      expect(req.headers.accept).toContain("application/jwk-set+json");
      res.end(JSON.stringify({ keys: [FIRST] }));
    });
    await accepts(byFirst);
    expect(asked.mock.calls).toEqual([["GET", "/jwks.json", undefined, undefined]]);
  });

  test.each([
    ["ten minutes", undefined, 600],
    ["the configured time", 20, 20],
  ])("are used for %s and then fetched again", async (_howLong, cacheMaxAgeSeconds, age) => {
    const { issuer, accepts } = await start({ cacheMaxAgeSeconds });
    await accepts(byFirst);
    pass(age - 0.001);
    await accepts(byFirst);
    expect(issuer.fetches).toBe(1);

    pass(0.001);
    await times(10, () => accepts(byFirst));
    expect(issuer.fetches).toBe(2);
  });

  test("are not used longer if the clock is set back", async () => {
    const { issuer, accepts, refuses } = await start();
    await accepts(byFirst);
    issuer.publish(SECOND);
    pass(-3600);
    await refuses(byFirst);
    await accepts(bySecond);
    expect(issuer.fetches).toBe(2);
  });

  test("are awaited", async () => {
    const { issuer, accepts } = await start();
    issuer.answer((_req, res) => setTimeout(() => res.end(JSON.stringify({ keys: [FIRST] })), 200));
    await accepts(byFirst);
  });

  test("are fetched once for several strategies, even of different algorithms", async () => {
    const issuer = await startIssuer(FIRST, EC);
    const source = remoteJwks(issuer.url);
    const [one, other] = [createRemoteApp(source), createRemoteApp(source)];
    const withEc = createRemoteApp(source, "ES256");
    const byEc = forgeWithKid("ES256", ec.privateKey, "ec");

    await Promise.all([one.accepts(byFirst), other.accepts(byFirst), withEc.accepts(byEc)]);
    await Promise.all([one.refuses(byEc), other.refuses(byEc), withEc.refuses(byFirst)]);
    expect(issuer.fetches).toBe(1);

    issuer.publish(SECOND, EC);
    pass(30);
    await one.accepts(bySecond);
    await Promise.all([other.refuses(byFirst), withEc.accepts(byEc)]);
    expect(issuer.fetches).toBe(2);
  });

  test("all verify a token without a kid", async () => {
    const { accepts, refuses } = await start({}, SECOND, EC, FIRST);
    await accepts(forge("RS256", first.privateKey));
    await accepts(forge("RS256", second.privateKey));
    await refuses(forge("RS256", generateRsaPair().privateKey));
  });

  test("verify a token with a kid if the key is published without one", async () => {
    const { accepts, refuses } = await start({}, toJwk(first.publicKey));
    await accepts(byFirst);
    await refuses(bySecond);
  });
});

describe("a token with an unknown kid", () => {
  test.each([
    ["half a minute", undefined, 30],
    ["the configured time", 5, 5],
  ])(
    "causes a fetch of the keys, at most once in %s",
    async (_howLong, cooldownSeconds, cooldown) => {
      const { issuer, accepts, refuses } = await start({ cooldownSeconds });
      await accepts(byFirst);
      await times(20, () => refuses(byUnknownKey()));
      pass(cooldown - 0.001);
      await times(20, () => refuses(byUnknownKey()));
      expect(issuer.fetches).toBe(1);

      pass(0.001);
      await times(20, () => refuses(byUnknownKey()));
      expect(issuer.fetches).toBe(2);
      await times(20, () => refuses(byUnknownKey()));
      expect(issuer.fetches).toBe(2);
    },
  );

  test("causes one fetch if it is the first token", async () => {
    const { issuer, refuses } = await start();
    await refuses(byUnknownKey());
    expect(issuer.fetches).toBe(1);
  });

  test("is accepted when its key is published, before the other keys expire", async () => {
    const { issuer, accepts } = await start();
    await accepts(byFirst);
    issuer.publish(FIRST, SECOND);
    pass(30);
    await times(20, () => Promise.all([accepts(bySecond), accepts(byFirst)]));
    expect(issuer.fetches).toBe(2);
  });

  test("does not delay tokens with a known kid", async () => {
    const { issuer, accepts, refuses } = await start();
    await accepts(byFirst);
    pass(30);
    let release = (): void => undefined;
    issuer.answer((_req, res) => {
      release = () => res.end(JSON.stringify({ keys: [FIRST] }));
    });
    const unknown = refuses(byUnknownKey());
    while (issuer.fetches < 2) await new Promise(setImmediate);
    await accepts(byFirst);
    release();
    await unknown;
  });
});

describe("an invalid token with cached keys", () => {
  const unknownKey = generateEcPair("prime256v1").privateKey;

  test.each<[string, string]>([
    ["a value that is not a token", "garbage"],
    ["three segments that are not a token", "a.b.c"],
    ["too long", `${"a".repeat(9000)}.b.c`],
    ["an invalid signature with a known kid", forgeWithKid("RS256", second.privateKey, "first")],
    ["an invalid signature without a kid", forge("RS256", second.privateKey)],
    ["another algorithm", forgeWithKid("ES256", unknownKey, "unknown")],
    ["a kid that is not a string", forgeWithKid("RS256", second.privateKey, { $ne: "" })],
  ])("causes no fetch: %s", async (_what, token) => {
    const { issuer, accepts, refuses } = await start();
    await accepts(byFirst);
    pass(60);
    await refuses(token);
    expect(issuer.fetches).toBe(1);
  });
});
