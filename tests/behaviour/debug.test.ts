import { execFileSync } from "node:child_process";
import { createSecretKey, randomBytes } from "node:crypto";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { expectShowsNothingOf } from "../support/expect-construction-error.ts";
import { AUDIENCE, forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface Attempt {
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: string;
  /** The cookie's name, where the token travels in one. */
  readonly cookieName?: string;
  /** Header lines as they came, where they are more than `headers` can hold. */
  readonly rawHeaders?: readonly string[];
  /** The ids of the users that findUser knows, if there is a findUser. */
  readonly userIds?: readonly unknown[];
  /** The role that a claimsSchema requires. Default: no schema. */
  readonly role?: string;
  /** What is said of it. */
  readonly says: readonly string[];
}

const key = signingKey("HS256");
const GOOD = forge("HS256", key);
const bearer = (token: string): Attempt["headers"] => ({ authorization: `Bearer ${token}` });
const refused = (what: string): string => `refused with ${what}`;
const NOTHING_SENT = refused("401 credentials_required: credentials_missing");

const ATTEMPTS: readonly Attempt[] = [
  { what: "a good token", headers: bearer(GOOD), says: ["accepted"] },
  { what: "no header", headers: {}, says: ["no Authorization header", NOTHING_SENT] },
  {
    what: "another scheme",
    headers: { authorization: `Token ${GOOD}` },
    says: ["Authorization header present, scheme is Token, expected Bearer", NOTHING_SENT],
  },
  {
    what: "a token that lacks its scheme",
    headers: { authorization: GOOD },
    says: ["Authorization header present, scheme is unknown, expected Bearer", NOTHING_SENT],
  },
  {
    what: "an opaque token that lacks its scheme",
    headers: { authorization: "Zm9vYmFyYmF6cXV4" },
    says: ["Authorization header present, scheme is unknown, expected Bearer", NOTHING_SENT],
  },
  {
    what: "a secret in front of a blank",
    headers: { authorization: "s3cretKey with-a-blank" },
    says: ["Authorization header present, scheme is unknown, expected Bearer", NOTHING_SENT],
  },
  {
    what: "a header that is empty",
    headers: { authorization: "" },
    says: ["Authorization header present, scheme is unknown, expected Bearer", NOTHING_SENT],
  },
  {
    what: "a scheme without a token",
    headers: { authorization: "Bearer" },
    says: [refused("400 invalid_request: authorization_malformed")],
  },
  {
    what: "two headers",
    headers: bearer(GOOD),
    rawHeaders: ["Authorization", `Bearer ${GOOD}`, "authorization", `Bearer ${GOOD}`],
    says: [
      "more than one Authorization header",
      refused("400 invalid_request: authorization_repeated"),
    ],
  },
  {
    what: "a token for others, well signed",
    headers: bearer(forge("HS256", key, goodClaims({ aud: "api" }))),
    says: [
      `audience is 'api', expected one of [ '${AUDIENCE}' ]`,
      refused("401 invalid_token: audience_mismatch"),
    ],
  },
  {
    what: "an audience that would write lines of its own",
    headers: bearer(forge("HS256", key, goodClaims({ aud: ["a\nb", "c"] }))),
    says: [
      `audience is [ 'a\\nb', 'c' ], expected one of [ '${AUDIENCE}' ]`,
      refused("401 invalid_token: audience_mismatch"),
    ],
  },
  {
    what: "a token for others that is not well signed",
    headers: bearer(
      forge("HS256", createSecretKey(randomBytes(64)), goodClaims({ aud: "mallory" })),
    ),
    says: [refused("401 invalid_token: signature_invalid")],
  },
  {
    what: "an expired token",
    headers: bearer(forge("HS256", key, goodClaims({ exp: nowInSeconds() - 1 }))),
    says: [refused("401 invalid_token: token_expired")],
  },
  {
    what: "a cookie that is missing",
    headers: { cookie: `other=${GOOD}` },
    cookieName: "session",
    says: ["no cookie named session", NOTHING_SENT],
  },
  {
    what: "a good cookie",
    headers: { cookie: `session=${GOOD}` },
    cookieName: "session",
    says: ["accepted"],
  },
  {
    what: "a form from another site",
    method: "POST",
    headers: {
      cookie: `session=${GOOD}`,
      host: "api.example",
      origin: "https://evil.example",
      "sec-fetch-site": "cross-site",
    },
    cookieName: "session",
    says: [
      "cross-site request: Sec-Fetch-Site is 'cross-site', Origin is 'https://evil.example', Host is " +
        "'api.example'. If this page may use the cookie, add its origin to the trustedOrigins option of " +
        "cookieTransport()",
      refused("403 cross_site_request: cross_site"),
    ],
  },
  {
    what: "a page of the development server on another port",
    method: "POST",
    headers: {
      cookie: `session=${GOOD}`,
      host: "localhost:3000",
      origin: "http://localhost:5173",
      "sec-fetch-site": "same-site",
    },
    cookieName: "session",
    says: [
      "cross-site request: Sec-Fetch-Site is 'same-site', Origin is 'http://localhost:5173', Host is " +
        "'localhost:3000'. If this page may use the cookie, add its origin to the trustedOrigins option of " +
        "cookieTransport()",
      refused("403 cross_site_request: cross_site"),
    ],
  },
  {
    what: "an id that findUser compares with a number",
    headers: bearer(forge("HS256", key, goodClaims({ sub: "1" }))),
    userIds: [1],
    says: [
      'findUser found nobody for the string "1"',
      refused("401 invalid_token: user_not_found"),
    ],
  },
  {
    what: "an id that would write lines of its own",
    headers: bearer(forge("HS256", key, goodClaims({ sub: "1\naccepted" }))),
    userIds: [],
    says: [
      'findUser found nobody for the string "1\\naccepted"',
      refused("401 invalid_token: user_not_found"),
    ],
  },
  {
    what: "a claim that the schema refuses",
    headers: bearer(forge("HS256", key, goodClaims({ app: { role: "guest" } }))),
    role: "admin",
    says: [
      `claimsSchema refuses the claim "app.role": 'Invalid input: expected "admin"'`,
      refused("401 invalid_token: claims_invalid"),
    ],
  },
];

const SEPARATOR = "--- next attempt ---";

/** Authenticates each attempt, and writes a separator after each. */
const PROGRAM = `
  import { z } from "zod";
  import { bearerTransport, cookieTransport, createJwtStrategy } from "./lib/index.ts";

  const { secret, attempts } = JSON.parse(process.argv[1]);
  for (const { method = "GET", headers, rawHeaders = [], cookieName, userIds, role } of attempts) {
    const auth = createJwtStrategy({
      secret: Buffer.from(secret, "hex"),
      lifetimeSeconds: 3600,
      ...(userIds && { findUser: (id) => userIds.find((userId) => userId === id) }),
      ...(role && { claimsSchema: z.looseObject({ app: z.object({ role: z.literal(role) }) }) }),
      transport: cookieName === undefined ? bearerTransport() : cookieTransport({ cookieName }),
    });
    await auth.authenticateRequest({ method, headers, rawHeaders }).catch(() => undefined);
    process.stderr.write(${JSON.stringify(`${SEPARATOR}\n`)});
  }
`;

/** What the program writes on stderr under this `NODE_DEBUG`: the lines of each attempt. */
function linesUnder(nodeDebug: string): string[][] {
  const input = JSON.stringify({ secret: hmacSecret.toString("hex"), attempts: ATTEMPTS });
  const output = execFileSync(
    "/bin/sh",
    [
      "-c",
      '"$@" 2>&1',
      "sh",
      process.execPath,
      "--import",
      "tsx",
      "--input-type=module",
      "--eval",
      PROGRAM,
      input,
    ],
    {
      cwd: join(__dirname, "../.."),
      encoding: "utf8",
      env: { ...process.env, NODE_DEBUG: nodeDebug },
    },
  );
  return output
    .split(`${SEPARATOR}\n`)
    .slice(0, -1)
    .map((said) => said.split("\n").slice(0, -1));
}

describe("under NODE_DEBUG=express-jwt-strategy", () => {
  let said: string[][];
  beforeAll(() => {
    said = linesUnder("express-jwt-strategy");
  }, 30_000);

  test.each(ATTEMPTS.map(({ what, says }, index) => [what, says, index] as const))(
    "stderr lists the checks and the one that failed: %s",
    (_what, says, index) => {
      const lines = said[index]?.map((line) => line.replace(/^EXPRESS-JWT-STRATEGY \d+: /, ""));
      expect(lines).toEqual(says);
    },
  );

  test("stderr never contains a token or a part of one", () => {
    const tokens = ATTEMPTS.flatMap(({ headers: { authorization, cookie } }) => [
      authorization?.replace(/^(?:Bearer|Token) ?/, ""),
      cookie?.replace(/^\w+=/, ""),
    ]);
    expectShowsNothingOf(tokens, said.flat().join("\n"));
  });
});

test("without NODE_DEBUG nothing is written", () => {
  expect(linesUnder("").flat()).toEqual([]);
}, 30_000);
