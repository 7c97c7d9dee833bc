import { EventEmitter, once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import express, { type Express, type RequestHandler } from "express";
import supertest, { type Response } from "supertest";
import { readBody } from "../../../lib/http/read-body.ts";
import { serve } from "../../support/server.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const ADA = { username: "ada", password: "l0velace +&ü" };
const BODIES = [
  [FORM, new URLSearchParams(ADA).toString()],
  [JSON_TYPE, JSON.stringify(ADA)],
] as const;
const LIMIT = 16 * 1024;

/** Answers with what was read, and with what is left in `req.body`. */
function echo(): RequestHandler {
  return (req, res, next) => {
    readBody(req, res).then(
      (body) => res.json({ read: body ?? "nothing", left: (req.body as unknown) ?? "nothing" }),
      next,
    );
  };
}

describe("readBody", () => {
  function appWith(...before: RequestHandler[]): Express {
    const app = express();
    app.all("/", ...before, echo());
    return app;
  }

  async function post(
    type: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    // As bytes, or supertest would encode the text as JSON once more.
    const bytes = Buffer.from(body);
    const sent = supertest(appWith()).post("/").set("Content-Type", type).set(headers);
    return sent.serialize(() => bytes as unknown as string).send(bytes);
  }

  async function read(type: string, body: string | Buffer): Promise<unknown> {
    const response = await post(type, body);
    return (response.body as { read: unknown }).read;
  }

  const parsers: [string, RequestHandler[]][] = [
    ["no parser", []],
    ["express.json", [express.json()]],
    ["express.urlencoded, extended", [express.urlencoded({ extended: true })]],
    ["express.urlencoded, not extended", [express.urlencoded({ extended: false })]],
    ["both", [express.json(), express.urlencoded({ extended: true })]],
    ["express.text", [express.text()]],
    ["express.raw", [express.raw()]],
  ];

  describe.each(parsers)("with %s in front", (_parser, mounted) => {
    test.each(BODIES)("gives the members of %s", async (type, body) => {
      const response = await supertest(appWith(...mounted))
        .post("/")
        .set("Content-Type", type)
        .send(body);

      expect(response.body).toMatchObject({ read: ADA });
    });
  });

  test.each([
    [`${FORM};charset=utf-8`, BODIES[0][1]],
    [FORM.toUpperCase(), BODIES[0][1]],
    [`${JSON_TYPE}; charset="UTF-8"`, BODIES[1][1]],
    ["Application/JSON", BODIES[1][1]],
  ])("reads a body of type %s", async (type, body) => {
    expect(await read(type, body)).toEqual(ADA);
  });

  test.each([
    ["text/plain", "username=ada&password=l0velace"],
    ["multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="username"'],
    ["application/x-www-form-urlencoded-too", "username=ada"],
    ["application/vnd.api+json", "{}"],
    ["nonsense", "{}"],
  ])("reads nothing of type %s", async (type, body) => {
    expect(await read(type, body)).toBe("nothing");
  });

  test.each([
    "",
    "{",
    '{"username":"ada"}{}',
    "username=ada",
    "[]",
    '["ada"]',
    '"ada"',
    "null",
    "true",
    "42",
    "NaN",
    "1e999",
  ])("reads nothing from the JSON %j", async (json) => {
    expect(await read(JSON_TYPE, json)).toBe("nothing");
  });

  test.each([
    ["UTF-8 that is cut off", JSON_TYPE, Buffer.from('{"username":"\xc3"}', "latin1")],
    ["an overlong slash", JSON_TYPE, Buffer.from('{"username":"\xc0\xaf"}', "latin1")],
    ["UTF-16", JSON_TYPE, Buffer.from(JSON.stringify(ADA), "utf16le")],
    ["latin1 in a form", FORM, Buffer.from("username=\xfc", "latin1")],
    ["a lone percent sign", FORM, "username=100%"],
    ["a percent sign before other letters", FORM, "username=%zz"],
    ["percent escapes that are not UTF-8", FORM, "username=%ff"],
    ["percent escapes of a surrogate", FORM, "username=%ED%A0%80"],
  ])("reads nothing from %s", async (_what, type, body) => {
    expect(await read(type, body)).toBe("nothing");
  });

  test.each([
    ["a=1&b=2", { a: "1", b: "2" }],
    ["a+b=c%20d%2B", { "a b": "c d+" }],
    ["%C3%BC=%F0%9F%98%80", { ü: "😀" }],
    ["name", { name: "" }],
    ["a=b=c", { a: "b=c" }],
    ["&&a=1&", { a: "1" }],
    ["?a=1", { "?a": "1" }],
    ["username[$ne]=", { "username[$ne]": "" }],
    ["", {}],
  ])("reads the form %j", async (form, members) => {
    expect(await read(FORM, form)).toEqual(members);
  });

  test("picks none of a repeated form parameter's values", async () => {
    const { username, password } = (await read(
      FORM,
      "username=ada&username=bob&password=x",
    )) as Record<string, unknown>;

    expect(typeof username).not.toBe("string");
    expect(password).toBe("x");
  });

  test.each([
    [JSON_TYPE, '{"__proto__":{"username":"ada"},"constructor":{"prototype":{"polluted":1}}}'],
    [FORM, "__proto__=ada&constructor=x&__proto__[polluted]=1"],
  ])("sets no prototype from %s", async (type, body) => {
    const response = await post(type, body);

    expect(response.text).toContain('"__proto__":');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { username?: unknown }).username).toBeUndefined();
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["GZIP", gzipSync],
    ["unknown", (body: string) => Buffer.from(body)],
  ])("refuses the Content-Encoding %s", async (encoding, encode) => {
    const response = await post(JSON_TYPE, encode(BODIES[1][1]), { "Content-Encoding": encoding });

    expect(response.body).toMatchObject({ read: "nothing" });
  });

  test("takes the Content-Encoding identity for none", async () => {
    const response = await post(JSON_TYPE, BODIES[1][1], { "Content-Encoding": "identity" });

    expect(response.body).toMatchObject({ read: ADA });
  });

  describe("with a limit of 16 KiB", () => {
    const jsonOfLength = (length: number): string =>
      JSON.stringify({ padding: "x".repeat(length - '{"padding":""}'.length) });

    test("reads a body of just that", async () => {
      expect(await read(JSON_TYPE, jsonOfLength(LIMIT))).toHaveProperty("padding");
    });

    test.each([LIMIT + 1, 1_000_000])("answers a body of %d bytes unread", async (length) => {
      expect(await read(JSON_TYPE, jsonOfLength(length))).toBe("nothing");
      expect(await read(FORM, `padding=${"x".repeat(length)}`)).toBe("nothing");
    });

    test.each([
      ["reads a small body", 100, "padding"],
      ["answers a large body unread", 1_000_000, "nothing"],
    ])("%s of unknown length", async (_title, length, found) => {
      const server = await serve(appWith());
      const sent = httpRequest(server.url, {
        method: "POST",
        headers: { "Content-Type": JSON_TYPE, "Transfer-Encoding": "chunked" },
      });
      const body = jsonOfLength(length);
      sent.write(body.slice(0, 20));
      sent.end(body.slice(20));
      const [response] = (await once(sent, "response")) as [IncomingMessage];

      expect(await text(response)).toContain(found);
      await server.close();
    });
  });

  test.each([
    ["no body at all", (sent: supertest.Test) => sent],
    ["a body of length 0", (sent: supertest.Test) => sent.set("Content-Length", "0")],
  ])("reads nothing from %s", async (_what, prepare) => {
    const response = await prepare(supertest(appWith()).post("/"));

    expect(response.body).toEqual({ read: "nothing", left: "nothing" });
  });

  test("never reads the URL", async () => {
    const app = appWith();
    const query = "/?username=ada&password=x";

    expect((await supertest(app).get(query)).body).toMatchObject({ read: "nothing" });
    expect((await supertest(app).post(query)).body).toMatchObject({ read: "nothing" });
  });

  test.each([
    ["as text", express.text({ type: "*/*" })],
    ["as bytes", express.raw({ type: "*/*" })],
    ["as a list", setBody(["ada"])],
    ["as true", setBody(true)],
  ])("takes no body that a parser has left %s", async (_form, parser) => {
    const response = await supertest(appWith(parser)).post("/").send(ADA);

    expect(response.body).toMatchObject({ read: "nothing" });
  });

  test("takes what other middleware has put into req.body", async () => {
    const members = Object.assign(Object.create(null) as object, ADA);
    const response = await supertest(appWith(setBody(members))).post("/");

    expect(response.body).toEqual({ read: ADA, left: ADA });
  });

  test.each([undefined, null, false, 0, "", {}])(
    "reads the body itself where req.body is %j",
    async (empty) => {
      const response = await supertest(appWith(setBody(empty)))
        .post("/")
        .send(ADA);

      expect(response.body).toEqual({ read: ADA, left: empty ?? "nothing" });
    },
  );

  test("leaves nothing in req.body of what it has read itself", async () => {
    expect((await post(JSON_TYPE, BODIES[1][1])).body).toEqual({ read: ADA, left: "nothing" });
    expect((await post(FORM, BODIES[0][1])).body).toEqual({ read: ADA, left: "nothing" });
  });

  test.each<[string, RequestHandler]>([
    ["has been consumed", (req, _res, next) => req.resume().once("end", next)],
    ["is being decoded", (req, _res, next) => next(void req.setEncoding("utf8"))],
    ["is gone with its client", (req, _res, next) => next(void req.destroy())],
  ])("does not wait for a body that %s", async (_state, before) => {
    let found: unknown = "not called";
    const app = express().post("/", before, (req, res, next) => {
      void readBody(req, res).then((body) => {
        found = body;
        res.end();
      }, next);
    });
    await supertest(app).post("/").send(ADA).catch(String);

    expect(found).toBeUndefined();
  });

  test("gives up when the client goes away in the middle of the body", async () => {
    const events = new EventEmitter();
    const read = once(events, "read");
    const app = express().post("/", (req, res, next) => {
      readBody(req, res).then((body) => events.emit("read", body), next);
      sent.destroy();
    });
    const server = await serve(app);
    const sent = httpRequest(server.url, {
      method: "POST",
      headers: { "Content-Type": JSON_TYPE, "Content-Length": "100" },
    });
    sent.on("error", () => undefined).write('{"username":"ada","password":');

    expect(await read).toEqual([undefined]);
    await server.close();
  });
});

function setBody(body: unknown): RequestHandler {
  return (req, _res, next) => {
    req.body = body;
    next();
  };
}
