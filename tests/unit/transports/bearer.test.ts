import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type TransportResponse } from "express-jwt-strategy";
import request, { type Response } from "supertest";
import express from "express";
import { sendResponse } from "../../../lib/http/response.ts";
import { bearerTransport } from "../../../lib/transports/bearer.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { sendLines, serve, type RunningServer } from "../../support/server.ts";

const T = forge("HS256", signingKey("HS256"));
/** The properties of a response that `expectRefusal` reads. */
type Received = Pick<Response, "status" | "headers" | "text">;
const expectRefused = expectRefusal as (
  response: PromiseLike<Received>,
  status: 400 | 401,
  code?: "invalid_request" | "invalid_token",
) => Promise<void>;

const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

describe("bearerTransport over a socket", () => {
  let server: RunningServer;
  let handled = 0;

  beforeAll(async () => {
    const app = express();
    app.use(express.urlencoded({ extended: false }));
    app.use("/optional", auth.authenticate({ optional: true }));
    app.use("/strict", auth.authenticate());
    app.use((_req, res) => {
      handled += 1;
      res.send("in");
    });
    server = await serve(app);
  });

  afterAll(() => server.close());

  /** Sends exact header lines, and returns the response in the form that `expectRefusal` reads. */
  async function send(requestLine: string, ...lines: readonly string[]): Promise<Received> {
    const all = [`${requestLine} HTTP/1.1`, "Host: localhost", ...lines];
    const { status, headers, body } = await sendLines(server.port, all);
    const joined = Object.fromEntries(
      [...headers].map(([name, values]) => [name, values.join(", ")] as const),
    );
    return { status, headers: joined, text: body };
  }

  const get = (...lines: readonly string[]): Promise<Received> => send("GET /strict", ...lines);

  test.each([
    ["in the form of RFC 6750", `Authorization: Bearer ${T}`],
    ["in lower case", `authorization: bearer ${T}`],
    ["in upper case", `AUTHORIZATION: BEARER ${T}`],
    ["in mixed case", `AuThOrIzAtIoN: bEaReR ${T}`],
    ["after several spaces", `Authorization: Bearer    ${T}`],
    ["with whitespace around the header's value", `Authorization: \t Bearer ${T} \t`],
    ["without a space after the colon", `Authorization:Bearer ${T}`],
  ])("reads a token %s", async (_case, line) => {
    expect(await get(line)).toMatchObject({ status: 200, text: "in" });
  });

  describe.each([
    ["no Authorization line", []],
    ["an empty Authorization line", ["Authorization:"]],
    ["the scheme Basic", ["Authorization: Basic YTpi"]],
    ["the scheme Digest", ['Authorization: Digest username="a"']],
    ["a longer scheme", [`Authorization: BearerX ${T}`]],
    ["a shorter scheme", [`Authorization: Bear ${T}`]],
    ["a scheme that continues with a hyphen", [`Authorization: Bearer-Token ${T}`]],
    ["a scheme that continues with a dot", [`Authorization: Bearer.${T}`]],
    ["a list with Bearer as its second scheme", [`Authorization: Basic x, Bearer ${T}`]],
    ["a token without a scheme", [`Authorization: ${T}`]],
    ["a quoted scheme", [`Authorization: "Bearer" ${T}`]],
    ["a token for a proxy", [`Proxy-Authorization: Bearer ${T}`]],
    ["a token in other headers", [`X-Access-Token: ${T}`, `Cookie: fastapiusersauth=${T}`]],
  ])("with %s", (_case, lines) => {
    test("sends a challenge without an error code", () => expectRefused(get(...lines), 401));

    test("continues if authentication is optional", async () => {
      expect(await send("GET /optional", ...lines)).toMatchObject({ status: 200, text: "in" });
    });
  });

  describe.each([
    ["no token", "Bearer"],
    ["only a space", "Bearer "],
    ["a tab instead of a space", `Bearer\t${T}`],
    ["a tab after the space", `Bearer \t${T}`],
    ["a no-break space", `Bearer\xa0${T}`],
    ["an equals sign", `Bearer=${T}`],
    ["a colon", `Bearer: ${T}`],
    ["a comma", "Bearer,"],
    ["a quoted token without a space", `Bearer"${T}"`],
    ["two tokens", `Bearer ${T} ${T}`],
    ["a token and further text", `Bearer ${T} junk`],
    ["a token and further text after a tab", `Bearer ${T}\tjunk`],
    ["a token and parameters", `Bearer ${T}, realm="api"`],
    ["a list", `Bearer ${T}, Bearer ${T}`],
    ["a list without spaces", `Bearer ${T},${T}`],
    ["a list with another scheme", `Bearer ${T}, Basic YTpi`],
    ["a comma after the token", `Bearer ${T},`],
    ["a comma before the token", `Bearer ,${T}`],
  ])("if Bearer is followed by %s", (_case, value) => {
    test.each(["/strict", "/optional"])("answers 400 on %s", (path) =>
      expectRefused(send(`GET ${path}`, `Authorization: ${value}`), 400, "invalid_request"),
    );
  });

  describe("with two Authorization lines", () => {
    const values = [`Bearer ${T}`, "Bearer forged", "Basic YTpi", ""];
    const pairs = values.flatMap((first) => values.map((second) => [first, second] as const));
    const short = (value: string): string => value.replace(T, "<token>");

    test.each(pairs.map(([first, second]) => [short(first), short(second), first, second]))(
      'answers 400 to "%s" and "%s"',
      async (_first, _second, first, second) => {
        const lines = [`Authorization: ${first}`, `Authorization: ${second}`];
        await expectRefused(get(...lines), 400, "invalid_request");
        await expectRefused(send("GET /optional", ...lines), 400, "invalid_request");
      },
    );

    test.each([
      ["Authorization", "authorization"],
      ["AUTHORIZATION", "Authorization"],
      ["authorization", "aUTHORIZATION"],
    ])("answers 400 to %s and %s with another line between them", (first, second) =>
      expectRefused(
        get(`${first}: Bearer ${T}`, "Accept: */*", `${second}: Bearer ${T}`),
        400,
        "invalid_request",
      ),
    );
  });

  test("refuses a token with any byte from 0x80 to 0xFF in it", async () => {
    for (let byte = 0x80; byte <= 0xff; byte += 1) {
      const odd = String.fromCharCode(byte);
      await expectRefused(get(`Authorization: Bearer ${T}${odd}`), 401, "invalid_token");
      await expectRefused(get(`Authorization: Bearer ${odd}${T}`), 401, "invalid_token");
    }
  });

  test.each([
    ["a NUL", `Authorization: Bearer ${T}\0`],
    ["a DEL", `Authorization: Bearer ${T}\x7f`],
    ["a control character", `Authorization: Bearer ${T}\x01`],
    ["a bare CR", `Authorization: Bearer ${T}\rx`],
    ["a folded line", `Authorization: Bearer\r\n ${T}`],
    ["a space before the colon", `Authorization : Bearer ${T}`],
  ])("does not receive a request with %s, because Node.js answers 400", async (_case, line) => {
    const before = handled;
    expect(await get(line)).toMatchObject({ status: 400 });
    expect(handled).toBe(before);
  });

  test("never reads a token from the URL", () =>
    expectRefused(send(`GET /strict?access_token=${T}&authorization=Bearer%20${T}`), 401));

  test("never reads a token from a parsed body", () =>
    expectRefusal(request(server.url).post("/strict").type("form").send({ access_token: T }), 401));

  test("refuses OPTIONS requests without a token, even preflight requests", () =>
    expectRefused(
      send(
        "OPTIONS /strict",
        "Origin: https://example.com",
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: authorization",
      ),
      401,
    ));

  test("answers HEAD like GET, without the body", async () => {
    const refusal = await send("HEAD /strict", "Authorization: Bearer x");
    expect(refusal).toMatchObject({
      status: 401,
      headers: {
        "www-authenticate":
          'Bearer realm="api", error="invalid_token", error_description="The access token is invalid"',
        "cache-control": "no-store",
      },
      text: "",
    });
    expect(await send("HEAD /strict", `Authorization: Bearer ${T}`)).toMatchObject({ status: 200 });
  });

  test("serves further requests after headers of more than 16 KiB, to which Node.js answers 431", async () => {
    const long = `Authorization: Bearer ${"x".repeat(17 * 1024)}`;
    expect(await get(long)).toMatchObject({ status: 431 });
    expect(await get(`Authorization: Bearer ${T}`)).toMatchObject({ status: 200 });
  });

  test("refuses a token of almost 16 KiB", () =>
    expectRefused(get(`Authorization: Bearer ${"x".repeat(15 * 1024)}`), 401, "invalid_token"));
});

describe("bearerTransport().extractToken", () => {
  const transport = bearerTransport();
  const extract = (authorization: unknown, rawHeaders?: readonly string[]): unknown =>
    transport.extractToken({
      headers: { authorization },
      rawHeaders,
    } as unknown as IncomingMessage);
  const malformed = { status: 400, code: "invalid_request", reason: "authorization_malformed" };
  const repeated = { status: 400, code: "invalid_request", reason: "authorization_repeated" };

  test("returns any text after the scheme unchanged", () => {
    expect(extract("Bearer not.a+token/==")).toBe("not.a+token/==");
  });

  test.each([
    ["a list of one string", ["Bearer a"]],
    ["an empty list", []],
    ["a number", 42],
    ["null", null],
    ["true", true],
    ["an object", {}],
    ["a Buffer", Buffer.from("Bearer a")],
  ])("refuses the header if other middleware has replaced it with %s", (_what, authorization) => {
    expect(extract(authorization, [])).toMatchObject(malformed);
  });

  test("does not require raw headers, because some adapters lack them", () => {
    expect(extract("Bearer a", undefined)).toBe("a");
    expect(extract(undefined, undefined)).toBeUndefined();
  });

  test("tells headers apart whose names are of one length", () => {
    const rawHeaders = ["Cache-Control", "no-cache", "Authorization", "Bearer a"];
    expect(extract("Bearer a", rawHeaders)).toBe("a");
    expect(extract("Bearer a", [...rawHeaders, "Authorization", "Bearer a"])).toMatchObject(
      repeated,
    );
  });

  test("counts names of raw headers and not their values", () => {
    const rawHeaders = ["Vary", "Authorization", "Authorization", "Bearer a", "X", "authorization"];
    expect(extract("Bearer a", rawHeaders)).toBe("a");
    expect(extract("Bearer a", [...rawHeaders, "AUTHORIZATION", "b"])).toMatchObject(repeated);
  });
});

describe("bearerTransport()", () => {
  const transport = bearerTransport();
  const send = async (response: TransportResponse): Promise<Response> =>
    request((_req: IncomingMessage, res: ServerResponse) => sendResponse(res, response)).get("/");

  test.each([
    [3600, '{"access_token":"a.b.c","token_type":"bearer","expires_in":3600}'],
    [null, '{"access_token":"a.b.c","token_type":"bearer"}'],
  ])("answers a login with a lifetime of %p (RFC 6749 section 5.1)", async (lifetime, body) => {
    const response = await send(transport.loginResponse("a.b.c", lifetime));
    expect([response.status, response.text]).toEqual([200, body]);
    expect(response.headers).toMatchObject({
      "content-type": "application/json",
      pragma: "no-cache",
      "cache-control": "no-store",
    });
  });

  test("answers a logout with an empty 204", async () => {
    expect(transport.logoutResponse()).toEqual({ status: 204 });
    const response = await send(transport.logoutResponse());
    expect([response.status, response.text]).toEqual([204, ""]);
  });

  test("has no protect(), because browsers do not send the header by themselves", () => {
    expect(transport).not.toHaveProperty("protect");
  });
});
