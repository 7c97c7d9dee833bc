import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { isKeyMaterial } from "../../../lib/keys/key-material.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { generateEd25519Pair, generateEcPair, keyPair, rsaPair } from "../../support/keys.ts";

const { publicKey, privateKey } = rsaPair;
const ec = generateEcPair("prime256v1");
const ed25519 = generateEd25519Pair();

const pem = String(publicKey.export({ format: "pem", type: "spki" }));
const spki = publicKey.export({ format: "der", type: "spki" });
const edSpki = ed25519.publicKey.export({ format: "der", type: "spki" });
const jwk = publicKey.export({ format: "jwk" });
const edJwk = ed25519.publicKey.export({ format: "jwk" });
const { e = "", kty, n = "" } = jwk;

/** Encodes a string in the SSH wire format (RFC 4251 section 5). */
function sshString(value: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}

const sshRsa = Buffer.concat([
  sshString("ssh-rsa"),
  sshString(Buffer.from(e, "base64url")),
  sshString(Buffer.concat([Buffer.of(0), Buffer.from(n, "base64url")])),
]);
const sshEd25519 = Buffer.concat([
  sshString("ssh-ed25519"),
  sshString(Buffer.from(edJwk.x ?? "", "base64url")),
]);
const sshEcdsa = Buffer.concat([
  sshString("ecdsa-sha2-nistp256"),
  sshString("nistp256"),
  sshString(Buffer.concat([Buffer.of(4), randomBytes(64)])),
]);
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");
const hex = (bytes: Buffer | string): string => Buffer.from(bytes).toString("hex");
const utf16le = (text: string): Buffer => Buffer.from(text, "utf16le");
const wrap = (text: string): string => text.replaceAll(/.{64}/g, "$&\n");

const percent = (bytes: Buffer): string => hex(bytes).replaceAll(/../g, "%$&");
const colons = (bytes: Buffer): string => hex(bytes).replaceAll(/..(?=.)/g, "$&:");

/** A SEQUENCE in DER (ITU-T X.690). */
function sequence(...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(0x30, 0x82, body.length >> 8, body.length & 0xff), body]);
}

const rsaPkcs1 = publicKey.export({ format: "der", type: "pkcs1" });
const oid = (value: string): Buffer => Buffer.from(value, "hex");
const request = sequence(sequence(Buffer.of(2, 1, 0), sequence(), edSpki), randomBytes(70));
const signedData = sequence(oid("06092a864886f70d010702"), randomBytes(300));
const pkcs12 = sequence(
  Buffer.of(2, 1, 3),
  sequence(oid("06092a864886f70d010701"), randomBytes(300)),
);
const locked = ed25519.privateKey.export({
  format: "der",
  type: "pkcs8",
  cipher: "aes-256-cbc",
  passphrase: "x",
});
const mlDsa = sequence(sequence(oid("0609608648016503040312")), randomBytes(1952));

const FORMS: readonly (readonly [string, string | Uint8Array])[] = [
  ["a public key in PEM", pem],
  ["PEM without its last line break", pem.trim()],
  ["PEM with CRLF", pem.replaceAll("\n", "\r\n")],
  ["PEM with the characters \\n", pem.replaceAll("\n", "\\n")],
  ["PEM on one line", pem.replaceAll("\n", "")],
  ["PEM on one line with spaces", pem.replaceAll("\n", " ")],
  ["PEM in quotes", JSON.stringify(pem)],
  ["PEM in JSON", JSON.stringify({ publicKey: pem })],
  ["PEM with a byte order mark", `\ufeff${pem}`],
  ["PEM with four dashes", pem.replaceAll("-----", "----")],
  ["PEM without dashes", pem.replaceAll("-", "")],
  ["PEM with other dashes", pem.replaceAll("-----", "—")],
  ["PEM without its first line", pem.split("\n").slice(1).join("\n")],
  ["PEM without its last line", pem.split("\n").slice(0, -2).join("\n")],
  ["the body of a PEM", pem.split("\n").slice(1, -2).join("\n")],
  ["the body of a PEM with the characters \\r\\n", pem.split("\n").slice(1, -2).join("\\r\\n")],
  ["PEM in UTF-16LE", utf16le(pem)],
  ["PEM in UTF-16LE with a byte order mark", utf16le(`\ufeff${pem}`)],
  ["PEM in UTF-16BE", utf16le(pem).swap16()],
  ["PEM, percent-encoded", encodeURIComponent(pem)],
  [
    "PEM, percent-encoded with lower-case digits",
    encodeURIComponent(pem).replaceAll(/%../g, (code) => code.toLowerCase()),
  ],
  ["PEM, percent-encoded twice", encodeURIComponent(encodeURIComponent(pem))],
  ["PEM, percent-encoded five times", Array.from({ length: 5 }).reduce(encodeURIComponent, pem)],
  ["PEM as a form field", new URLSearchParams({ key: pem }).toString()],
  ["PEM in base64", base64(pem)],
  ["PEM in base64 of 64 characters a line", wrap(base64(pem))],
  ["PEM in base64url", Buffer.from(pem).toString("base64url")],
  ["PEM in base64 of base64", base64(base64(pem))],
  ["PEM in hex", hex(pem)],
  ["PEM in base64 of UTF-16", base64(utf16le(pem))],
  ["PEM in percent-encoded base64", encodeURIComponent(base64(pem))],
  ["PKCS#1 in PEM", String(publicKey.export({ format: "pem", type: "pkcs1" }))],
  ["a private key in PEM", String(privateKey.export({ format: "pem", type: "pkcs8" }))],
  [
    "an encrypted private key in PEM",
    String(
      privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" }),
    ),
  ],
  ["EC parameters in PEM", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"],
  ["a certificate request", "-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n"],
  ["an SSH2 public key (RFC 4716)", `---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"\n`.padEnd(64)],
  ["an OpenPGP public key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBGN\n"],
  ["an OpenSSH private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"],

  ["SPKI in DER", spki],
  ["SPKI of an Ed25519 key in DER", edSpki],
  ["PKCS#1 public in DER", publicKey.export({ format: "der", type: "pkcs1" })],
  ["PKCS#8 in DER", ec.privateKey.export({ format: "der", type: "pkcs8" })],
  ["PKCS#1 private in DER", privateKey.export({ format: "der", type: "pkcs1" })],
  ["SEC1 in DER", ec.privateKey.export({ format: "der", type: "sec1" })],
  ["DER in base64", base64(spki)],
  ["DER in base64url", spki.toString("base64url")],
  ["DER in base64 without padding", base64(edSpki).replaceAll("=", "")],
  ["DER in base64 after a name", `PUBLIC_KEY=${base64(spki)}`],
  ["DER in base64 after a label", `public key: ${base64(edSpki)}`],
  ["DER in base64 in JSON", JSON.stringify({ x5c: [base64(spki)] })],
  ["DER in base64 of base64", base64(base64(edSpki))],
  ["DER in hex", hex(spki)],
  ["DER in capital hex", hex(edSpki).toUpperCase()],
  ["DER in hex after 0x", `0x${hex(edSpki)}`],
  ["DER in hex with colons", colons(edSpki)],
  [
    "DER in capital hex with colons, in lines",
    colons(spki).toUpperCase().replaceAll(/.{45}/g, "$&\n    "),
  ],
  ["DER in hex with colons after a label", `pub:\n    ${colons(edSpki)}\nASN1 OID: prime256v1`],
  ["DER, percent-encoded", percent(spki)],
  ["PKCS#1 in DER, percent-encoded", percent(rsaPkcs1)],
  ["DER in percent-encoded base64 of base64", encodeURIComponent(base64(base64(edSpki)))],
  ["DER after a line break", Buffer.concat([Buffer.from("\n"), spki])],
  ["DER after a byte order mark", Buffer.concat([Buffer.from("\ufeff"), edSpki])],
  [
    "DER after a name",
    Buffer.concat([Buffer.from("key="), ec.publicKey.export({ format: "der", type: "spki" })]),
  ],
  ["PKCS#1 in DER after a line break", Buffer.concat([Buffer.from("\n"), rsaPkcs1])],
  [
    "PKCS#1 private in DER after a line break",
    Buffer.concat([Buffer.from("\n"), privateKey.export({ format: "der", type: "pkcs1" })]),
  ],
  [
    "SEC1 of another curve in DER after a line break",
    Buffer.concat([
      Buffer.from("\n"),
      generateEcPair("secp384r1").privateKey.export({ format: "der", type: "sec1" }),
    ]),
  ],
  ["a certificate request in DER", request],
  ["a certificate request in base64", base64(request)],
  ["PKCS#7 in DER", signedData],
  ["PKCS#12 in DER", pkcs12],
  ["PKCS#12 in base64", wrap(base64(pkcs12))],
  ["an encrypted private key in DER", locked],
  ["an ML-DSA key in DER", mlDsa],
  ["DER in base64 of hex", base64(hex(spki))],
  ["DER in hex of base64", hex(base64(spki))],

  ["an ssh-rsa line", `ssh-rsa ${base64(sshRsa)} user@host`],
  ["an ssh-ed25519 line", `ssh-ed25519 ${base64(sshEd25519)} user@host`],
  ["an ecdsa-sha2-nistp256 line", `ecdsa-sha2-nistp256 ${base64(sshEcdsa)}`],
  ["an authorized_keys line with options", `restrict ssh-ed25519 ${base64(sshEd25519)}`],
  ["the body of an ssh-rsa line", base64(sshRsa)],
  ["the body of an ssh-ed25519 line", base64(sshEd25519)],
  ["the bytes of an ssh-ed25519 key", sshEd25519],
  ["an ssh-rsa line in base64", base64(`ssh-rsa ${base64(sshRsa)}`)],
  ["a PuTTY key", `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n${base64(sshEd25519)}`],

  ["a public JWK", JSON.stringify(jwk)],
  ["an Ed25519 JWK", JSON.stringify(edJwk)],
  ["a private JWK", JSON.stringify(ec.privateKey.export({ format: "jwk" }))],
  ["the input of a thumbprint (RFC 7638)", JSON.stringify({ e, kty, n })],
  ["an indented JWK", JSON.stringify(jwk, null, 2)],
  ["a JWK with many blanks", JSON.stringify(edJwk).replace('"kty":', `"kty":${" ".repeat(100)}`)],
  [
    "a JWK with escaped blanks",
    JSON.stringify({ key: '{"kty" :\n\t"OKP"}', padding: "x".repeat(64) }),
  ],
  ["a JWK with a byte order mark", `\ufeff${JSON.stringify(jwk)}`],
  ["a JWK in UTF-16", utf16le(JSON.stringify(jwk))],
  ["a JWK in a list", JSON.stringify([jwk])],
  ["a JWK in an object", JSON.stringify({ key: { public: jwk } })],
  ["a JWK in a string of JSON", JSON.stringify({ key: JSON.stringify(jwk) })],
  ["a JWK, percent-encoded", encodeURIComponent(JSON.stringify(jwk))],
  ["a JWK in base64", base64(JSON.stringify(edJwk))],
  ["a JWK in YAML", `kty: OKP\ncrv: Ed25519\nx: ${edJwk.x}\n`],
  ["a JWK as JavaScript", `{ kty: 'OKP', crv: 'Ed25519', x: '${edJwk.x}' }`],
  ["a JWK as a query", `kty=RSA&n=${n}&e=AQAB`],
  ["a JWK Set", JSON.stringify({ keys: [jwk] })],
  ["an empty JWK Set", JSON.stringify({ keys: [], comment: "no key is published here yet" })],
  ["a JWK Set in a list", JSON.stringify([{ keys: [jwk] }])],
  ["a JWK Set in an object", JSON.stringify({ jwks: { keys: [edJwk] } })],

  [
    "RSAKeyValue XML",
    `<RSAKeyValue><Modulus>${n}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>`,
  ],
  ["RSAKeyValue XML with a prefix", `<ds:RSAKeyValue>\n<ds:Modulus>${n}</ds:Modulus>`],
  ["RSAKeyValue XML in base64", base64(`<RSAKeyValue><Modulus>${n}</Modulus></RSAKeyValue>`)],
  ["ECKeyValue XML", `<dsig11:ECKeyValue><dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/>`],
];

describe("a secret that is a key or certificate (CVE-2015-9235, CVE-2022-29217)", () => {
  test.each(FORMS)("is refused: %s", (_form, secret) => {
    const message =
      /^secret is a key or certificate in PEM, DER, JWK or another format, .*use the key with its own algorithm/;
    for (const form of [secret, Buffer.from(secret), createSecretKey(Buffer.from(secret))]) {
      expectConstructionError({ secret: form, lifetimeSeconds: 60 }, message);
      expectConstructionError(
        { secret: form, lifetimeSeconds: 60, dangerouslyAllowWeakSecret: true },
        message,
      );
    }
    const octJwk = { kty: "oct", k: Buffer.from(secret).toString("base64url") };
    expectConstructionError({ secret: octJwk, lifetimeSeconds: 60 }, message);
  });

  // Not in the table, because the expected message contains the word "certificate" and parts of the value must not appear in it.
  test("is refused: a certificate in SAML metadata", () => {
    const xml = "<ds:X509Certificate>MIIC</ds:X509Certificate>";
    expect(isKeyMaterial(Buffer.from(xml))).toBe(true);
  });

  test.each([
    ["ES256", keyPair("ES256")],
    ["ES512", keyPair("ES512")],
    ["EdDSA", ed25519],
  ] as const)("is refused in the forms of %s", (_algorithm, pair) => {
    const exportKey = (
      key: KeyObject,
      format: "pem" | "der",
      type: "spki" | "pkcs8",
    ): string | Buffer =>
      format === "pem" ? key.export({ format, type }) : key.export({ format, type });
    for (const [key, type] of [
      [pair.publicKey, "spki"],
      [pair.privateKey, "pkcs8"],
    ] as const) {
      const der = exportKey(key, "der", type) as Buffer;
      for (const secret of [der, base64(der), hex(der), exportKey(key, "pem", type)]) {
        expect(isKeyMaterial(Buffer.from(secret))).toBe(true);
      }
    }
  });
});

describe("a secret that is not a key", () => {
  test.each([
    ["a passphrase", "correct horse battery staple, and a key for the door"],
    ["words of the formats", "BEGIN with the ssh server, then the certificate and the keys"],
    ["JSON", JSON.stringify({ secret: randomBytes(64).toString("base64") })],
    ["a URL", "https://user:password@host.example/path?query=secret#fragment-of-it"],
    ["a UUID, twice", "4be0643f-1d98-573b-97cd-ca98a65347dd4be0643f-1d98-573b-97cd-ca98a65347dd"],
    ["percent signs", "100%25 %zz %%% 50% off, and a half: %e2%82%ac %E0%A4%A"],
    ["text in UTF-16", utf16le("a long secret in the encoding of Windows")],
    ["the bytes of a SEQUENCE", Buffer.concat([Buffer.of(0x30, 0x82, 1, 34), randomBytes(290)])],
    ["base64 of M", "M".repeat(64)],
    ["hex of 30", "30".repeat(64)],
    ["hex with colons", colons(Buffer.from("30".repeat(64)))],
    ["percent signs, encoded again and again", "%" + "25".repeat(4000)],
    ["part of an identifier of RSA", Buffer.from("06092a864886f7".padEnd(128, "a5"), "hex")],
    ["an identifier across half bytes", Buffer.from(`52a864886f70d01${"a5".repeat(64)}5`, "hex")],
  ])("is accepted: %s", (_what, secret) => {
    expect(() => construct({ secret, lifetimeSeconds: 60 })).not.toThrow();
  });

  test("is accepted: 100,000 random secrets in all common forms", () => {
    const refused: string[] = [];
    for (let index = 0; index < 25_000; index += 1) {
      const bytes = randomBytes(32 + (index % 97));
      for (const encoding of ["base64", "base64url", "hex", "latin1"] as const) {
        const text = bytes.toString(encoding);
        if (isKeyMaterial(Buffer.from(text, "latin1"))) refused.push(text);
      }
    }
    expect(refused).toEqual([]);
  });
});
