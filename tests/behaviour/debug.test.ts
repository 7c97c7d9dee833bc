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
  /** The name of the cookie if the token is sent in one. */
  readonly cookieName?: string;
  /** The received header lines if `headers` cannot contain them. */
  readonly rawHeaders?: readonly string[];
  /** The ids that findUser finds, if the strategy has one. */
  readonly userIds?: readonly unknown[];
  /** The role that a claimsSchema requires. Default: no schema. */
  readonly role?: string;
  /** The lines on stderr. */
  readonly expected: readonly string[];
}

const key = signingKey("HS256");
const VALID = forge("HS256", key);
const bearer = (token: string): Attempt["headers"] => ({ authorization: `Bearer ${token}` });
const refused = (what: string): string => `refused with ${what}`;
const CREDENTIALS_MISSING = refused("401 credentials_required: credentials_missing");

const ATTEMPTS: readonly Attempt[] = [
  { what: "a valid token", headers: bearer(VALID), expected: ["accepted"] },
  { what: "no header", headers: {}, expected: ["no Authorization header", CREDENTIALS_MISSING] },
  {
    what: "another scheme",
    headers: { authorization: `Token ${VALID}` },
    expected: [
      "Authorization header present, scheme is Token, expected Bearer",
      CREDENTIALS_MISSING,
    ],
  },
  {
    what: "a token without a scheme",
    headers: { authorization: VALID },
    expected: [
      "Authorization header present, scheme is unknown, expected Bearer",
      CREDENTIALS_MISSING,
    ],
  },
  {
    what: "an opaque token without a scheme",
    headers: { authorization: "Zm9vYmFyYmF6cXV4" },
    expected: [
      "Authorization header present, scheme is unknown, expected Bearer",
      CREDENTIALS_MISSING,
    ],
  },
  {
    what: "a secret before a space",
    headers: { authorization: "s3cretKey with-a-blank" },
    expected: [
      "Authorization header present, scheme is unknown, expected Bearer",
      CREDENTIALS_MISSING,
    ],
  },
  {
    what: "an empty header",
    headers: { authorization: "" },
    expected: [
      "Authorization header present, scheme is unknown, expected Bearer",
      CREDENTIALS_MISSING,
    ],
  },
  {
    what: "a scheme without a token",
    headers: { authorization: "Bearer" },
    expected: [refused("400 invalid_request: authorization_malformed")],
  },
  {
    what: "two headers",
    headers: bearer(VALID),
    rawHeaders: ["Authorization", `Bearer ${VALID}`, "authorization", `Bearer ${VALID}`],
    expected: [
      "more than one Authorization header",
      refused("400 invalid_request: authorization_repeated"),
    ],
  },
  {
    what: "a validly signed token for another audience",
    headers: bearer(forge("HS256", key, goodClaims({ aud: "api" }))),
    expected: [
      `audience is 'api', expected one of [ '${AUDIENCE}' ]`,
      refused("401 invalid_token: audience_mismatch"),
    ],
  },
  {
    what: "an audience with a line break",
    headers: bearer(forge("HS256", key, goodClaims({ aud: ["a\nb", "c"] }))),
    expected: [
      `audience is [ 'a\\nb', 'c' ], expected one of [ '${AUDIENCE}' ]`,
      refused("401 invalid_token: audience_mismatch"),
    ],
  },
  {
    what: "a token for another audience with an invalid signature",
    headers: bearer(
      forge("HS256", createSecretKey(randomBytes(64)), goodClaims({ aud: "mallory" })),
    ),
    expected: [refused("401 invalid_token: signature_invalid")],
  },
  {
    what: "an expired token",
    headers: bearer(forge("HS256", key, goodClaims({ exp: nowInSeconds() - 1 }))),
    expected: [refused("401 invalid_token: token_expired")],
  },
  {
    what: "a missing cookie",
    headers: { cookie: `other=${VALID}` },
    cookieName: "session",
    expected: ["no cookie named session", CREDENTIALS_MISSING],
  },
  {
    what: "a valid cookie",
    headers: { cookie: `session=${VALID}` },
    cookieName: "session",
    expected: ["accepted"],
  },
  {
    what: "a form from another site",
    method: "POST",
    headers: {
      cookie: `session=${VALID}`,
      host: "api.example",
      origin: "https://evil.example",
      "sec-fetch-site": "cross-site",
    },
    cookieName: "session",
    expected: [
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
      cookie: `session=${VALID}`,
      host: "localhost:3000",
      origin: "http://localhost:5173",
      "sec-fetch-site": "same-site",
    },
    cookieName: "session",
    expected: [
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
    expected: [
      'findUser found no user for the string "1"',
      refused("401 invalid_token: user_not_found"),
    ],
  },
  {
    what: "an id with a line break",
    headers: bearer(forge("HS256", key, goodClaims({ sub: "1\naccepted" }))),
    userIds: [],
    expected: [
      'findUser found no user for the string "1\\naccepted"',
      refused("401 invalid_token: user_not_found"),
    ],
  },
  {
    what: "a claim that the schema refuses",
    headers: bearer(forge("HS256", key, goodClaims({ app: { role: "guest" } }))),
    role: "admin",
    expected: [
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

/** Runs the program with this `NODE_DEBUG`, and returns the lines on stderr for each attempt. */
function runWith(nodeDebug: string): string[][] {
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
    .map((lines) => lines.split("\n").slice(0, -1));
}

describe("with NODE_DEBUG=express-jwt-strategy", () => {
  let written: string[][];
  beforeAll(() => {
    written = runWith("express-jwt-strategy");
  }, 30_000);

  test.each(ATTEMPTS.map(({ what, expected }, index) => [what, expected, index] as const))(
    "stderr names the check that failed: %s",
    (_what, expected, index) => {
      const lines = written[index]?.map((line) => line.replace(/^EXPRESS-JWT-STRATEGY \d+: /, ""));
      expect(lines).toEqual(expected);
    },
  );

  test("stderr never contains a token or a part of one", () => {
    const tokens = ATTEMPTS.flatMap(({ headers: { authorization, cookie } }) => [
      authorization?.replace(/^(?:Bearer|Token) ?/, ""),
      cookie?.replace(/^\w+=/, ""),
    ]);
    expectShowsNothingOf(tokens, written.flat().join("\n"));
  });
});

test("without NODE_DEBUG, nothing is written to stderr", () => {
  expect(runWith("").flat()).toEqual([]);
}, 30_000);
