import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { anyOf, bearerTransport, createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { createRequest } from "../../support/request.ts";
import { sendLines, serve, type RawResponse, type RunningServer } from "../../support/server.ts";

const T = forge("HS256", signingKey("HS256"));
type Options = NonNullable<Parameters<typeof bearerTransport>[0]>;

function createAuth(options: Options) {
  const transport = bearerTransport(options);
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, transport });
}

const custom = createAuth({ header: "X-Access-Token" });
const bare = createAuth({ header: "x-access-token", scheme: null });
const jwt = createAuth({ scheme: "JWT" });
const odd = createAuth({ scheme: "a.+*b|c" });
const PATHS = {
  custom,
  bare,
  jwt,
  odd,
  both: anyOf(jwt, custom),
  same: anyOf(jwt, createAuth({ scheme: "JWT" })),
};

let server: RunningServer;

beforeAll(async () => {
  const app = express();
  for (const [path, auth] of Object.entries(PATHS)) app.use(`/${path}`, auth.authenticate());
  app.use((_req, res) => {
    res.send("in");
  });
  server = await serve(app);
});
afterAll(() => server.close());

function send(path: keyof typeof PATHS, ...lines: readonly string[]): Promise<RawResponse> {
  return sendLines(server.port, [`GET /${path} HTTP/1.1`, "Host: localhost", ...lines]);
}

/** Returns the status, the challenges and the body. */
async function refusalOf(response: Promise<RawResponse>): Promise<unknown[]> {
  const { status, headers, body } = await response;
  return [status, headers.get("www-authenticate"), JSON.parse(body) as unknown];
}

function expected(
  status: 400 | 401,
  start: string,
  error?: string,
  description?: string,
): unknown[] {
  const detail = status === 400 ? "Bad Request" : "Unauthorized";
  return error === undefined
    ? [status, [start], { detail }]
    : [
        status,
        [`${start}, error="${error}", error_description="${String(description)}"`],
        { detail, error, error_description: description },
      ];
}

const START = {
  custom: 'Bearer header="X-Access-Token", realm="api"',
  bare: 'Bearer header="x-access-token", realm="api"',
  jwt: 'JWT realm="api"',
  odd: 'a.+*b|c realm="api"',
};

describe("bearerTransport with header and scheme", () => {
  test.each<[string, keyof typeof PATHS, string]>([
    ["another header", "custom", `X-Access-Token: Bearer ${T}`],
    ["another header in another case", "custom", `x-ACCESS-token: bEARER  ${T}`],
    ["a header without a scheme", "bare", `X-Access-Token: ${T}`],
    ["a header without a scheme, with whitespace around it", "bare", `X-Access-Token: \t${T} \t`],
    ["another scheme", "jwt", `Authorization: JWT ${T}`],
    ["another scheme in another case", "jwt", `Authorization: jwt ${T}`],
    ["a scheme of unusual characters", "odd", `Authorization: A.+*B|C ${T}`],
    ["either of two", "both", `X-Access-Token: Bearer ${T}`],
    ["the other of two", "both", `Authorization: JWT ${T}`],
  ])("reads a token from %s", async (_case, path, line) => {
    expect(await send(path, line)).toMatchObject({ status: 200, body: "in" });
  });

  test.each<[string, keyof typeof START, readonly string[]]>([
    ["nothing", "custom", []],
    ["Authorization instead of the header", "custom", [`Authorization: Bearer ${T}`]],
    ["another scheme in the header", "custom", [`X-Access-Token: JWT ${T}`]],
    ["no scheme in the header", "custom", [`X-Access-Token: ${T}`]],
    ["an empty header", "custom", ["X-Access-Token:"]],
    ["nothing", "bare", []],
    ["an empty header", "bare", ["X-Access-Token:"]],
    ["Authorization instead of the header", "bare", [`Authorization: Bearer ${T}`]],
    ["Bearer instead of the scheme", "jwt", [`Authorization: Bearer ${T}`]],
    ["a longer scheme", "jwt", [`Authorization: JWTX ${T}`]],
    ["a shorter scheme", "jwt", [`Authorization: JW ${T}`]],
    [
      "a scheme that matches the configured one only as a pattern",
      "odd",
      [`Authorization: axxb ${T}`],
    ],
  ])("finds no credentials in %s: %s", async (_case, path, lines) => {
    expect(await refusalOf(send(path, ...lines))).toEqual(expected(401, START[path]));
  });

  test.each<[string, keyof typeof START, string, readonly string[]]>([
    ["no token", "custom", "X-Access-Token", ["X-Access-Token: Bearer"]],
    ["two tokens", "custom", "X-Access-Token", [`X-Access-Token: Bearer ${T} ${T}`]],
    ["two tokens", "bare", "x-access-token", [`X-Access-Token: ${T} ${T}`]],
    ["a list", "bare", "x-access-token", [`X-Access-Token: ${T},${T}`]],
    ["a scheme", "bare", "x-access-token", [`X-Access-Token: Bearer ${T}`]],
    ["no token", "jwt", "Authorization", ["Authorization: JWT"]],
    [
      "two lines",
      "custom",
      "X-Access-Token",
      [`X-Access-Token: Bearer ${T}`, "Accept: */*", "x-access-token: x"],
    ],
    ["two lines", "bare", "x-access-token", [`X-Access-Token: ${T}`, "X-ACCESS-TOKEN:"]],
    ["two lines", "jwt", "Authorization", [`Authorization: JWT ${T}`, "authorization: Basic x"]],
  ])("answers 400 to %s: %s", async (_case, path, header, lines) => {
    const description = `The ${header} header is malformed`;
    expect(await refusalOf(send(path, ...lines))).toEqual(
      expected(400, START[path], "invalid_request", description),
    );
  });

  test.each<[keyof typeof START, string]>([
    ["custom", "X-Access-Token: Bearer x.y.z"],
    ["bare", "X-Access-Token: x.y.z"],
    ["jwt", "Authorization: JWT x.y.z"],
    ["odd", "Authorization: a.+*b|c x.y.z"],
  ])(
    "names the configured header and scheme in the challenge for an invalid token: %s",
    async (path, line) => {
      expect(await refusalOf(send(path, line))).toEqual(
        expected(401, START[path], "invalid_token", "The access token is invalid"),
      );
    },
  );

  test("sends one challenge for each scheme and header", async () => {
    const { status, headers } = await send("both");
    expect([status, headers.get("www-authenticate")]).toEqual([401, [START.jwt, START.custom]]);
    expect(await refusalOf(send("same"))).toEqual(expected(401, START.jwt));
  });

  test.each([
    ["a list", ["a"]],
    ["a number", 42],
    ["null", null],
  ])("answers 400 if other middleware has replaced the header with %s", (_case, value) => {
    const transport = bearerTransport({ header: "X-Access-Token", scheme: null });
    const req = createRequest("GET", { "x-access-token": value as unknown as string });
    expect(transport.extractToken(req)).toMatchObject({
      status: 400,
      reason: "authorization_malformed",
    });
  });

  test("ignores inherited headers", () => {
    const transport = bearerTransport({ header: "__proto__", scheme: null });
    expect(transport.extractToken(createRequest("GET", {}))).toBeUndefined();
  });

  test.each([
    [undefined, "bearer"],
    ["BEARER", "bearer"],
    ["JWT", "jwt"],
  ])("has the scheme %s as token_type", (scheme, token_type) => {
    const { body } = bearerTransport({ scheme }).loginResponse("a.b.c", null);
    expect(body).toEqual({ access_token: "a.b.c", token_type });
  });
});

test.each<[unknown, RegExp]>([
  [null, /^bearerTransport's options must be an object$/],
  [{ headers: "x" }, /^bearerTransport has no option "headers"; it has header, scheme$/],
  [{ header: "" }, /^header must be the name of a header/],
  [{ header: "X Token" }, /^header must be the name of a header/],
  [{ header: "X-Token:" }, /^header must be the name of a header/],
  [{ header: null }, /^header must be the name of a header/],
  [{ header: "Cookie" }, /^header must be a header that browsers do not send by themselves/],
  [{ header: "COOKIE", scheme: null }, /use cookieTransport\(\) for cookies$/],
  [{ scheme: "" }, /^scheme must be an authentication scheme/],
  [{ scheme: "Bearer " }, /^scheme must be an authentication scheme/],
  [{ scheme: 'a"b' }, /^scheme must be an authentication scheme/],
  [{ scheme: null }, /^scheme must be set if header is Authorization/],
  [{ header: "authorization", scheme: null }, /^scheme must be set if header is Authorization/],
])("bearerTransport(%j) throws a TypeError", (options, message) => {
  const create = (): unknown => bearerTransport(options as Options);
  expect(create).toThrow(TypeError);
  expect(create).toThrow(message);
});
