import { describe, expect, test } from "@jest/globals";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import type { KeysUnavailableReason } from "../../lib/errors/keys-unavailable-error.ts";
import { forgeWithKid, startIssuer, type Issuer } from "../support/issuer.ts";
import { generateRsaPair, keyPair, toJwk } from "../support/keys.ts";
import { createRemoteApp, times, useStoppedClock, type RemoteApp } from "../support/remote-app.ts";

const [first, second] = [keyPair("RS256"), generateRsaPair()];
const FIRST = toJwk(first.publicKey, { kid: "first" });
const SECOND = toJwk(second.publicKey, { kid: "second" });
const byFirst = forgeWithKid("RS256", first.privateKey, "first");
const bySecond = forgeWithKid("RS256", second.privateKey, "second");

const pass = useStoppedClock();

/** Starts an issuer and a service that trusts it. The timeout is short only for tests that wait for it. */
async function start(reason?: KeysUnavailableReason): Promise<RemoteApp & { issuer: Issuer }> {
  const issuer = await startIssuer(FIRST);
  const timeoutSeconds = reason === "timeout" ? 1 : 60;
  return { issuer, ...createRemoteApp(remoteJwks(issuer.url, { timeoutSeconds })) };
}

/** Makes the issuer send this response. */
const answerWith =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (issuer: Issuer): void =>
    issuer.answer((_req, res) => res.writeHead(status, headers).end(body));

const SET = JSON.stringify({ keys: [FIRST] });
const DEEP = `{"keys":[{"kty":"RSA","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}]}`;

/** Failures of an issuer, and the reason in the error of the service. */
const FAILURES: readonly (readonly [string, KeysUnavailableReason, (issuer: Issuer) => void])[] = [
  ["does not answer", "timeout", (issuer) => issuer.answer(() => undefined)],
  [
    "stops in the middle of its response",
    "timeout",
    (issuer) => issuer.answer((_req, res) => res.write('{"keys":[')),
  ],
  ["refuses connections", "unreachable", (issuer) => issuer.closeConnections()],
  [
    "closes the connection",
    "unreachable",
    (issuer) => issuer.answer((req) => req.socket.destroy()),
  ],
  [
    "does not speak HTTP",
    "unreachable",
    (issuer) => issuer.answer((req) => req.socket.end("220 mail.example ESMTP\r\n")),
  ],
  [
    "closes the connection in the middle of its response",
    "answer_invalid",
    (issuer) =>
      issuer.answer((req, res) => {
        res.writeHead(200, { "Content-Length": "100" });
        res.write('{"keys":[', () => req.socket.destroy());
      }),
  ],
  ["answers 500", "answer_invalid", answerWith(500, SET)],
  ["answers 404", "answer_invalid", answerWith(404, SET)],
  ["answers 401", "answer_invalid", answerWith(401, SET)],
  ["answers 201", "answer_invalid", answerWith(201, SET)],
  ["answers 204", "answer_invalid", answerWith(204, "")],
  ["answers 304", "answer_invalid", answerWith(304, "")],
  ["answers with HTML", "answer_invalid", answerWith(200, "<!doctype html>")],
  ["answers with an empty body", "answer_invalid", answerWith(200, "")],
  ["answers with an incomplete set", "answer_invalid", answerWith(200, SET.slice(0, -20))],
  ["answers with null", "answer_invalid", answerWith(200, "null")],
  ["answers with a string", "answer_invalid", answerWith(200, '"keys"')],
  ["answers with a list", "answer_invalid", answerWith(200, JSON.stringify([FIRST]))],
  ["answers with a key", "answer_invalid", answerWith(200, JSON.stringify(FIRST))],
  ["answers with keys that are not a list", "answer_invalid", answerWith(200, '{"keys":{"0":{}}}')],
  ["answers with a list of strings", "answer_invalid", answerWith(200, '{"keys":["first"]}')],
  ["answers with a list of null", "answer_invalid", answerWith(200, '{"keys":[null]}')],
  ["answers with JSON of 20,000 levels", "answer_invalid", answerWith(200, DEEP)],
];

describe.each(FAILURES)("while an issuer %s,", (_what, reason, fail) => {
  test("tokens get a 503 if no keys are cached", async () => {
    const { issuer, accepts, isUnavailable } = await start(reason);
    fail(issuer);
    await isUnavailable(byFirst, reason);
    await isUnavailable(bySecond, reason);

    issuer.acceptConnections();
    issuer.publish(FIRST);
    pass(1);
    await accepts(byFirst);
  });

  test("cached keys verify until they expire; then tokens get a 503 until the issuer answers again", async () => {
    const { issuer, accepts, refuses, isUnavailable } = await start(reason);
    await accepts(byFirst);
    fail(issuer);
    pass(599.999);
    await accepts(byFirst);
    await isUnavailable(bySecond, reason); // an unknown kid, which may be of a new key
    await accepts(byFirst);
    pass(1);
    await isUnavailable(byFirst, reason);
    await isUnavailable(bySecond, reason);

    issuer.acceptConnections();
    issuer.publish(SECOND);
    pass(1);
    await accepts(bySecond);
    await refuses(byFirst); // a cached token of a removed key
  });
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("(%d) is not followed", async (status) => {
    const other = await startIssuer(FIRST);
    const { issuer, isUnavailable } = await start();
    answerWith(status, "", { Location: other.url })(issuer);
    await isUnavailable(byFirst, "answer_invalid");
    expect(other.fetches).toBe(0);
  });
});

describe("a deeply nested set", () => {
  test("is either used or results in a 503, but valid tokens are not refused", async () => {
    const statuses = new Set<number>();
    for (let levels = 500; levels <= 6000; levels += 100) {
      const { issuer, get, accepts } = await start();
      const deep = `${"[".repeat(levels)}${"]".repeat(levels)}`;
      answerWith(200, SET.replace("}", `,"x":${deep}}`))(issuer);
      statuses.add((await get(byFirst)).status);

      issuer.publish(FIRST);
      pass(1);
      await accepts(byFirst);
    }
    expect([...statuses].sort()).toEqual([200, 503]);
  });
});

describe("a failing issuer", () => {
  test("receives one request for all waiting requests, and none in the next second", async () => {
    const { issuer, accepts, isUnavailable } = await start("timeout");
    issuer.answer(() => undefined);
    await times(20, () => isUnavailable(byFirst, "timeout"));
    expect(issuer.fetches).toBe(1);

    issuer.publish(FIRST);
    pass(0.999);
    await times(20, () => isUnavailable(byFirst, "timeout"));
    expect(issuer.fetches).toBe(1);

    pass(0.001);
    await times(20, () => accepts(byFirst));
    expect(issuer.fetches).toBe(2);
  });

  test("receives no request for tokens with an unknown kid for a second", async () => {
    const { issuer, accepts, refuses, isUnavailable } = await start();
    await accepts(byFirst);
    pass(30);
    answerWith(500, "")(issuer);
    await times(20, () => isUnavailable(bySecond, "answer_invalid"));
    expect(issuer.fetches).toBe(2);
    await accepts(byFirst);

    pass(1);
    issuer.publish(FIRST);
    await times(20, () => refuses(bySecond));
    await times(20, () => refuses(bySecond));
    expect(issuer.fetches).toBe(3);
  });

  test("receives a request if the clock is set back", async () => {
    const { issuer, accepts, isUnavailable } = await start();
    answerWith(500, "")(issuer);
    await isUnavailable(byFirst, "answer_invalid");
    issuer.publish(FIRST);
    pass(-3600);
    await accepts(byFirst);
  });

  test("keeps the 503 for unknown keys if the clock is set back to the time of the fetch", async () => {
    const { issuer, accepts, isUnavailable } = await start();
    await accepts(byFirst);
    pass(30);
    answerWith(500, "")(issuer);
    await isUnavailable(bySecond, "answer_invalid");
    pass(-20);
    await isUnavailable(bySecond, "answer_invalid");
  });
});
