import { describe, expect, test } from "@jest/globals";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import { forgeWithKid, startIssuer, type Issuer } from "../support/issuer.ts";
import { generateRsaPair, keyPair, toJwk } from "../support/keys.ts";
import { createRemoteApp, times, useStoppedClock, type RemoteApp } from "../support/remote-app.ts";

const [first, second] = [keyPair("RS256"), generateRsaPair()];

const FIRST = toJwk(first.publicKey, { kid: "first" });
const SECOND = toJwk(second.publicKey, { kid: "second" });

const byFirst = forgeWithKid("RS256", first.privateKey, "first");
const bySecond = forgeWithKid("RS256", second.privateKey, "second");

const pass = useStoppedClock();

/** Starts an issuer with one key, and a service that trusts it. */
async function start(): Promise<RemoteApp & { issuer: Issuer }> {
  const issuer = await startIssuer(FIRST);
  return { issuer, ...createRemoteApp(remoteJwks(issuer.url)) };
}

describe("a rotation at the issuer", () => {
  test("is followed under load: good tokens are accepted, and tokens of removed keys are refused", async () => {
    const { issuer, accepts, refuses } = await start();
    let current = { jwk: FIRST, token: byFirst };
    await accepts(current.token);

    for (const kid of ["a", "b", "c", "d", "e"]) {
      const { privateKey, publicKey } = generateRsaPair();
      const next = {
        jwk: toJwk(publicKey, { kid }),
        token: forgeWithKid("RS256", privateKey, kid),
      };
      issuer.publish(next.jwk, current.jwk);
      pass(30);
      await times(20, () => Promise.all([accepts(current.token), accepts(next.token)]));

      issuer.publish(next.jwk);
      pass(600);
      await times(20, () => Promise.all([refuses(current.token), accepts(next.token)]));
      current = next;
    }
    expect(issuer.fetches).toBe(11);
  });

  test("invalidates a cached token of a removed key with the next fetch", async () => {
    const { issuer, accepts, refuses } = await start();
    await accepts(byFirst);
    issuer.publish(SECOND);
    await accepts(byFirst); // the service does not know yet
    pass(30);
    await accepts(bySecond); // an unknown kid: the keys are fetched
    await refuses(byFirst);
    expect(issuer.fetches).toBe(2);
  });

  test("may reuse a kid for a new key: tokens of the old key are refused", async () => {
    const { issuer, accepts, refuses } = await start();
    await accepts(byFirst);
    issuer.publish(toJwk(second.publicKey, { kid: "first" }));
    pass(600);
    await refuses(byFirst);
    await accepts(forgeWithKid("RS256", second.privateKey, "first"));
  });

  test("keeps the cache if the keys are unchanged", async () => {
    const { issuer, auth } = await start();
    const before = await auth.readToken(byFirst);
    pass(600);
    expect(await auth.readToken(byFirst)).toBe(before);
    expect(before).toMatchObject({ sub: "42" });
    expect(issuer.fetches).toBe(2);
  });
});
