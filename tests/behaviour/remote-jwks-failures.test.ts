import { describe, expect, test } from "@jest/globals";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import type { KeysUnavailableReason } from "../../lib/errors/keys-unavailable-error.ts";
import { forgeWithKid, startIssuer, toJwk, type Issuer } from "../support/issuer.ts";
import { generateRsaPair, keyPair } from "../support/keys.ts";
import { createRemoteApp, times, useStoppedClock, type RemoteApp } from "../support/remote-app.ts";

const [first, second] = [keyPair("RS256"), generateRsaPair()];
const FIRST = toJwk(first.publicKey, { kid: "first" });
const SECOND = toJwk(second.publicKey, { kid: "second" });
const byFirst = forgeWithKid("RS256", first.privateKey, "first");
const bySecond = forgeWithKid("RS256", second.privateKey, "second");

const pass = useStoppedClock();

/** An issuer, and a service that trusts it. Only who must wait in vain has little time. */
async function start(reason?: KeysUnavailableReason): Promise<RemoteApp & { issuer: Issuer }> {
  const issuer = await startIssuer(FIRST);
  const timeoutSeconds = reason === "timeout" ? 1 : 60;
  return { issuer, ...createRemoteApp(remoteJwks(issuer.url, { timeoutSeconds })) };
}

/** Answers with this status and body. */
const answerWith =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (issuer: Issuer): void =>
    issuer.answer((_req, res) => res.writeHead(status, headers).end(body));

const SET = JSON.stringify({ keys: [FIRST] });
const DEEP = `{"keys":[{"kty":"RSA","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}]}`;

/** What may become of an issuer, and what a service says of it. */
const FAILURES: readonly (readonly [string, KeysUnavailableReason, (issuer: Issuer) => void])[] = [
  ["does not answer", "timeout", (issuer) => issuer.answer(() => undefined)],
  [
    "stops in the middle of its response",
    "timeout",
    (issuer) => issuer.answer((_req, res) => res.write('{"keys":[')),
  ],
  ["refuses connections", "unreachable", (issuer) => issuer.goAway()],
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
  ["answers HTML", "answer_invalid", answerWith(200, "<!doctype html>")],
  ["answers with an empty body", "answer_invalid", answerWith(200, "")],
  ["answers half a set", "answer_invalid", answerWith(200, SET.slice(0, -20))],
  ["answers null", "answer_invalid", answerWith(200, "null")],
  ["answers a text", "answer_invalid", answerWith(200, '"keys"')],
  ["answers a list", "answer_invalid", answerWith(200, JSON.stringify([FIRST]))],
  ["answers a key alone", "answer_invalid", answerWith(200, JSON.stringify(FIRST))],
  ["answers keys that are no list", "answer_invalid", answerWith(200, '{"keys":{"0":{}}}')],
  ["answers a list of texts", "answer_invalid", answerWith(200, '{"keys":["first"]}')],
  ["answers a list with null", "answer_invalid", answerWith(200, '{"keys":[null]}')],
  ["answers JSON of 20,000 levels", "answer_invalid", answerWith(200, DEEP)],
];

describe.each(FAILURES)("while an issuer %s,", (_what, reason, fail) => {
  test("tokens get a 503 if its keys were never fetched", async () => {
    const { issuer, accepts, cannotSay } = await start(reason);
    fail(issuer);
    await cannotSay(byFirst, reason);
    await cannotSay(bySecond, reason);

    issuer.comeBack();
    issuer.publish(FIRST);
    pass(1);
    await accepts(byFirst);
  });

  test("known keys verify while they are fresh; then tokens get a 503 until it is back", async () => {
    const { issuer, accepts, refuses, cannotSay } = await start(reason);
    await accepts(byFirst);
    fail(issuer);
    pass(599.999);
    await accepts(byFirst);
    await cannotSay(bySecond, reason); // an unknown key: who knows whether it is new
    await accepts(byFirst);
    pass(1);
    await cannotSay(byFirst, reason);
    await cannotSay(bySecond, reason);

    issuer.comeBack();
    issuer.publish(SECOND);
    pass(1);
    await accepts(bySecond);
    await refuses(byFirst); // remembered once, and of a key that is there no more
  });
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("(%d) is not followed", async (status) => {
    const other = await startIssuer(FIRST);
    const { issuer, cannotSay } = await start();
    answerWith(status, "", { Location: other.url })(issuer);
    await cannotSay(byFirst, "answer_invalid");
    expect(other.fetches).toBe(0);
  });
});

describe("a deeply nested set", () => {
  test("is either used or a 503: a good token is never refused because of it", async () => {
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

describe("an issuer that fails", () => {
  test("is asked once for all waiting requests, and not again for a second", async () => {
    const { issuer, accepts, cannotSay } = await start("timeout");
    issuer.answer(() => undefined);
    await times(20, () => cannotSay(byFirst, "timeout"));
    expect(issuer.fetches).toBe(1);

    issuer.publish(FIRST);
    pass(0.999);
    await times(20, () => cannotSay(byFirst, "timeout"));
    expect(issuer.fetches).toBe(1);

    pass(0.001);
    await times(20, () => accepts(byFirst));
    expect(issuer.fetches).toBe(2);
  });

  test("is not asked again for a second for tokens with an unknown kid", async () => {
    const { issuer, accepts, refuses, cannotSay } = await start();
    await accepts(byFirst);
    pass(30);
    answerWith(500, "")(issuer);
    await times(20, () => cannotSay(bySecond, "answer_invalid"));
    expect(issuer.fetches).toBe(2);
    await accepts(byFirst);

    pass(1);
    issuer.publish(FIRST);
    await times(20, () => refuses(bySecond));
    await times(20, () => refuses(bySecond));
    expect(issuer.fetches).toBe(3);
  });

  test("is asked again if the clock is set back", async () => {
    const { issuer, accepts, cannotSay } = await start();
    answerWith(500, "")(issuer);
    await cannotSay(byFirst, "answer_invalid");
    issuer.publish(FIRST);
    pass(-3600);
    await accepts(byFirst);
  });

  test("keeps the 503 for unknown keys if the clock is set back to the time of the fetch", async () => {
    const { issuer, accepts, cannotSay } = await start();
    await accepts(byFirst);
    pass(30);
    answerWith(500, "")(issuer);
    await cannotSay(bySecond, "answer_invalid");
    pass(-20);
    await cannotSay(bySecond, "answer_invalid");
  });
});
