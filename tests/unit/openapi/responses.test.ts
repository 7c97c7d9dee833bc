import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  type JwtStrategy,
  type VerifiedClaims,
} from "express-jwt-strategy";
import type { OpenApi } from "express-jwt-strategy/openapi";
import express from "express";
import request, { type Test } from "supertest";
import { forge, goodClaims, nowInSeconds } from "../../support/forge.ts";
import { generateRsaPair, hmacSecret, signingKey } from "../../support/keys.ts";
import {
  documentOf,
  expectDescribed,
  PATHS,
  createSchemaValidator,
  type OpenApiDocument,
} from "../../support/openapi.ts";
import { serve, type RunningServer } from "../../support/server.ts";

interface User {
  readonly id: string;
  readonly isActive: boolean;
  readonly isVerified: boolean;
}

const users = new Map<string, User>([
  ["42", { id: "42", isActive: true, isVerified: true }],
  ["43", { id: "43", isActive: false, isVerified: true }],
  ["44", { id: "44", isActive: true, isVerified: false }],
]);
const MAX_SESSION = 7200;

const base = {
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  verifyCredentials: ({ username }: { username: string }) => users.get(username),
};
const findUser = (id: string): User | undefined => users.get(id);

/** Transports with requests that send a token, and malformed headers. */
const TRANSPORTS = [
  {
    name: "bearer",
    transport: bearerTransport(),
    setTokenCookie: (token: string) => ({ Authorization: `Bearer ${token}` }),
    malformed: { Authorization: "Bearer a b" },
  },
  {
    name: "cookie",
    transport: cookieTransport(),
    setTokenCookie: (token: string) => ({ Cookie: `fastapiusersauth=${token}` }),
    malformed: { Cookie: "fastapiusersauth=a; fastapiusersauth=b" },
  },
] as const;
type TransportCase = (typeof TRANSPORTS)[number];

type Make = (
  transport: TransportCase["transport"],
) => JwtStrategy<User> | JwtStrategy<unknown, User>;

const STRATEGIES: readonly (readonly [name: string, make: Make, paths: Partial<typeof PATHS>])[] = [
  [
    "no further options",
    (transport) => createJwtStrategy<User>({ ...base, transport, findUser }),
    PATHS,
  ],
  [
    "maxSessionSeconds, requiresVerification and a realm",
    (transport) =>
      createJwtStrategy<User>({
        ...base,
        transport,
        findUser,
        requiresVerification: true,
        maxSessionSeconds: MAX_SESSION,
        realm: "reports",
      }),
    PATHS,
  ],
  [
    "tokens that never expire",
    (transport) => createJwtStrategy<User>({ ...base, transport, findUser, lifetimeSeconds: null }),
    PATHS,
  ],
  [
    "requiresVerification without findUser",
    (transport) => createJwtStrategy<User>({ ...base, transport, requiresVerification: true }),
    { loginPath: PATHS.loginPath, logoutPath: PATHS.logoutPath },
  ],
];

const wrongKey = forge("RS256", generateRsaPair().privateKey);

/** POST requests of all kinds: logins, valid and invalid tokens, no token. */
function requestsTo(
  url: string,
  path: string,
  { setTokenCookie, malformed }: TransportCase,
): Test[] {
  const post = (): Test => request(url).post(path);
  const key = signingKey("HS256");
  const loginTime = { auth_time: nowInSeconds() - 60 };
  const tokens = [
    goodClaims(loginTime),
    goodClaims({ ...loginTime, sub: "43" }),
    goodClaims({ ...loginTime, sub: "44" }),
    goodClaims({ ...loginTime, sub: "gone" }),
    goodClaims({ ...loginTime, aud: "others" }),
    goodClaims({ ...loginTime, exp: nowInSeconds() - 10 }),
    goodClaims({ auth_time: nowInSeconds() - MAX_SESSION - 10 }),
    goodClaims(),
    "no JSON",
  ].map((claims) => forge("HS256", key, claims));
  return [
    post(),
    ...["42", "43", "44", "gone"].flatMap((username) => [
      post().send({ username, password: "p" }),
      post().type("form").send({ username, password: "p", grant_type: "password" }),
    ]),
    post().send({ username: "42", password: "p", grant_type: "refresh_token" }),
    post().send({ username: "42" }),
    post().send({ username: { $ne: null }, password: "p" }),
    post().send({ username: "42", password: "p".repeat(20_000) }),
    post().send("{").type("json"),
    post().send("text").type("text"),
    post().send({ username: "42", password: "p" }).set("Sec-Fetch-Site", "cross-site"),
    post().send("compressed").type("json").set("Content-Encoding", "gzip"),
    ...[...tokens, wrongKey, "junk"].map((token) => post().set(setTokenCookie(token))),
    post()
      .set(setTokenCookie(tokens[0] ?? ""))
      .set("Sec-Fetch-Site", "cross-site"),
    post().set(malformed),
  ];
}

/** The described responses, as "status name-of-the-example". */
function describedIn(responses: Readonly<Record<string, OpenApi.Response>>): string[] {
  return Object.entries(responses).flatMap(([status, { content }]) => {
    if (status === "5XX") return [];
    const names = Object.keys(content?.["application/json"]?.examples ?? {});
    return Number(status) < 400 ? [`${status} `] : names.map((name) => `${status} ${name}`);
  });
}

/** Expects that every response is described, and that every described response occurs. */
async function expectExactly(
  document: OpenApiDocument,
  responses: Readonly<Record<string, OpenApi.Response>>,
  requests: readonly Test[],
  ownStatus?: number,
): Promise<void> {
  const validate = createSchemaValidator(document);
  const received = new Set<string>();
  for (const response of await Promise.all(requests)) {
    if (response.status === ownStatus) continue;
    const name = expectDescribed(validate, responses[response.status], response);
    received.add(`${response.status} ${name}`);
  }
  expect([...received].sort()).toEqual(describedIn(responses).sort());
}

describe.each(TRANSPORTS)("the responses with the $name transport", (transportCase) => {
  describe.each(STRATEGIES)("and %s", (_name, make, paths) => {
    const auth = make(transportCase.transport);
    const document = documentOf(auth, paths);
    const app = express();
    app.post(PATHS.loginPath, auth.login);
    app.post(PATHS.logoutPath, auth.logout);
    if ("refreshPath" in paths) app.post(PATHS.refreshPath, auth.refresh);
    const allow = (_user: unknown, { auth_time }: VerifiedClaims): boolean => !auth_time;
    app.post("/guarded", auth.authenticate({ allow }), (_req, res) => void res.status(202).end());

    let server: RunningServer;

    beforeAll(async () => {
      server = await serve(app);
    });
    afterAll(() => server.close());

    test.each(Object.values(paths))("of %s are exactly the described ones", async (path) => {
      const responses = document.paths[path]?.post.responses ?? {};
      await expectExactly(document, responses, requestsTo(server.url, path, transportCase));
    });

    test("of guarded operations are exactly those of the components", async () => {
      const { BadRequest, Unauthorized, Forbidden } = document.components.responses;
      const responses = { 400: BadRequest, 401: Unauthorized, 403: Forbidden } as Record<
        string,
        OpenApi.Response
      >;
      const requests = requestsTo(server.url, "/guarded", transportCase);
      await expectExactly(document, responses, requests, 202);
    });
  });
});
