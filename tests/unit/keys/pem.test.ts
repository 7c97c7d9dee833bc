import { describe, expect, test } from "@jest/globals";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { rsaPair } from "../../support/keys.ts";
import { bytesOfAnotherRealm } from "../../support/other-realm.ts";

const PASSPHRASE = "correct horse battery staple";

const privatePem = String(rsaPair.privateKey.export({ format: "pem", type: "pkcs8" }));
const publicPem = String(rsaPair.publicKey.export({ format: "pem", type: "spki" }));
const locked = rsaPair.privateKey.export({
  format: "pem",
  type: "pkcs8",
  cipher: "aes-256-cbc",
  passphrase: PASSPHRASE,
});
const rs256 = (options: object): object => ({
  algorithm: "RS256",
  lifetimeSeconds: 60,
  ...options,
});

/** Changes by tools, files and environment variables that keep a PEM valid (RFC 7468 sections 2 and 5.2). */
const HARMLESS: readonly (readonly [string, (pem: string) => string])[] = [
  ["CRLF", (pem) => pem.replaceAll("\n", "\r\n")],
  ["a byte order mark", (pem) => `\ufeff${pem}`],
  ["blank lines before and after it", (pem) => `\n  \n${pem}\n\n`],
  ["no line break at its end", (pem) => pem.trim()],
  ["a comment before it", (pem) => `issued for the billing service\n${pem}`],
  ["a comment after it", (pem) => `${pem}\nissued for the billing service\n`],
  ["surrounding double quotes", (pem) => `"${pem.trim()}"`],
  ["surrounding single quotes", (pem) => `'${pem.trim()}'`],
  ["Bag Attributes before it", (pem) => `Bag Attributes\n    friendlyName: CORP\\nina\n${pem}`],
  ["the two characters \\r before it", (pem) => `subject=CN = CORP\\rita\n${pem}`],
  ["the word ENCRYPTED before it", (pem) => `friendlyName: ENCRYPTED backup\n${pem}`],
  ["the words PRIVATE KEY----- before it", (pem) => `friendlyName: PRIVATE KEY-----\n${pem}`],
  ["JSON before it", (pem) => `{"name":"billing"}\n${pem}`],
];

describe("a PEM as secret and as publicKey", () => {
  test.each(HARMLESS)("may have %s", async (_what, change) => {
    const secret = change(privatePem);
    const publicKey = change(publicPem);
    const strategy = construct(rs256({ secret, publicKey }));
    expect(await strategy.readToken(forge("RS256", rsaPair.privateKey))).toMatchObject({
      sub: "42",
    });
  });
});

test("accepts PEM bytes and a passphrase of another realm", async () => {
  const toBytes = (text: string): Uint8Array => bytesOfAnotherRealm(Buffer.from(text));
  const strategy = construct(
    rs256({
      secret: { key: toBytes(String(locked)), passphrase: toBytes(PASSPHRASE) },
      publicKey: toBytes(publicPem),
    }),
  );
  const token = await strategy.writeToken({ id: "42" });
  expect(await strategy.readToken(token)).toMatchObject({ sub: "42" });
});

const DAMAGE: readonly (readonly [string, (pem: string) => string])[] = [
  ["its second half missing", (pem) => pem.slice(0, pem.length / 2)],
  ["no body", (pem) => pem.replaceAll(/^[^-]+$/gm, "")],
  ["an invalid character", (pem) => pem.replace(/\n[^-]/, "\n*")],
];

const LINE_BREAKS: readonly (readonly [string, (pem: string) => string, string])[] = [
  [
    "no line breaks",
    (pem) => pem.replaceAll("\n", ""),
    "is a PEM without its line breaks: keep them",
  ],
  [
    "spaces for line breaks",
    (pem) => pem.replaceAll("\n", " "),
    "is a PEM without its line breaks: keep them",
  ],
  [
    "indented lines",
    (pem) => pem.replaceAll(/^/gm, "  "),
    String.raw`is a PEM with indented lines: use value.replaceAll(/^[ \t]+/gm, "")`,
  ],
  [
    "lines that are indented except the first",
    (pem) => pem.replaceAll("\n", "\n\t").trim(),
    String.raw`is a PEM with indented lines: use value.replaceAll(/^[ \t]+/gm, "")`,
  ],
  [
    "CR for line breaks",
    (pem) => pem.replaceAll("\n", "\r"),
    String.raw`is a PEM with \r for its line breaks: use value.replaceAll("\r", "\n")`,
  ],
];

describe.each([
  ["secret", privatePem],
  ["publicKey", publicPem],
])("a damaged PEM as %s", (option, pem) => {
  test.each(DAMAGE)("is refused with %s", (_what, damage) =>
    expectConstructionError(
      rs256({ [option]: damage(pem) }),
      new RegExp(`^${option} cannot be read: the PEM is damaged \\(lost line breaks, a cut end\\)`),
    ),
  );

  test.each(LINE_BREAKS)("is refused with %s, and with the fix", (_what, damage, message) => {
    expect(() => construct(rs256({ [option]: damage(pem) }))).toThrow(`${option} ${message}`);
    expectConstructionError(rs256({ [option]: damage(pem) }), /line/);
  });

  test.each([
    ["\\n", String.raw`use value.replaceAll("\\n", "\n")`],
    ["\\r\\n", String.raw`use value.replaceAll("\\r\\n", "\n")`],
  ])("is refused with the characters %s instead of line breaks", (characters, fix) => {
    const text = pem.replaceAll("\n", characters);
    const message = `${option} is a PEM with ${characters} for its line breaks: ${fix}`;
    expect(() => construct(rs256({ [option]: text }))).toThrow(new TypeError(message));
    expectConstructionError(rs256({ [option]: text }), /for its line breaks/);
  });
});

const traditional = rsaPair.privateKey.export({
  format: "pem",
  type: "pkcs1",
  cipher: "aes-256-cbc",
  passphrase: PASSPHRASE,
});

describe("an encrypted PEM as secret", () => {
  test.each([
    ["PKCS#8", locked],
    ["PKCS#1", traditional],
    ["PKCS#8 with undefined as passphrase", { key: locked, passphrase: undefined }],
  ])("is refused without its passphrase: %s", (_form, secret) =>
    expectConstructionError(
      rs256({ secret }),
      /^secret is an encrypted PEM: pass \{ key, passphrase \}$/,
    ),
  );

  test.each([
    ["a string", "wrong horse battery staple"],
    ["an empty string", ""],
    ["2,000 characters", "x".repeat(2000)],
    ["a Buffer", Buffer.from("wrong battery")],
  ])("is refused with a wrong passphrase: %s", (_what, passphrase) =>
    expectConstructionError(
      rs256({ secret: { key: locked, passphrase } }),
      /^secret or its passphrase cannot be read/,
    ),
  );

  test.each([
    ["null", null],
    ["a number", 42],
    ["true", true],
    ["a list", [PASSPHRASE]],
    ["an object", { value: PASSPHRASE }],
  ])("is refused with a passphrase of another type: %s", (_what, passphrase) =>
    expectConstructionError(
      rs256({ secret: { key: locked, passphrase } }),
      /^secret\.passphrase must be a string or a Buffer$/,
    ),
  );
});
