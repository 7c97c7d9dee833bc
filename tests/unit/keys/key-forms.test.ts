import { createSecretKey, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { ASYMMETRIC_ALGORITHMS, hmacSecret, keyPair, rsaPair, toPem } from "../../support/keys.ts";

const der = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: key.type === "private" ? "pkcs8" : "spki" });
const base64 = (value: string | Buffer): string => Buffer.from(value).toString("base64");
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");

const ENCODINGS: readonly (readonly [string, (key: KeyObject) => string | Uint8Array])[] = [
  ["DER", der],
  ["DER in a Uint8Array", (key) => new Uint8Array(der(key))],
  ["base64 of DER", (key) => base64(der(key))],
  ["base64url of DER", (key) => der(key).toString("base64url")],
  ["base64 of DER in lines", (key) => base64(der(key)).replaceAll(/.{64}/g, "$&\n")],
  ["base64 of DER with a line break at its end", (key) => `${base64(der(key))}\n`],
  ["base64 of DER in a Buffer", (key) => Buffer.from(base64(der(key)))],
  ["base64 of PEM", (key) => base64(toPem(key))],
  ["base64 of PEM in a Buffer", (key) => Buffer.from(base64(toPem(key)))],
  ["base64 of PEM with CRLF", (key) => base64(toPem(key).replaceAll("\n", "\r\n"))],
];

describe.each(ASYMMETRIC_ALGORITHMS)("a key of %s", (algorithm) => {
  const { privateKey, publicKey } = keyPair(algorithm);

  test.each(ENCODINGS)("may be %s", async (_encoding, encode) => {
    const options = { algorithm, lifetimeSeconds: 60 };
    const signer = construct({ ...options, secret: encode(privateKey) });
    const verifier = construct({ ...options, publicKey: encode(publicKey) });
    expect(await verifier.readToken(await signer.writeToken({ id: "7" }))).toMatchObject({
      sub: "7",
    });
    expect(await signer.readToken(forge(algorithm, privateKey))).toMatchObject({ sub: "42" });
  });

  test.each(ENCODINGS)(
    "is refused if secret and publicKey are exchanged: %s",
    (_encoding, encode) => {
      const options = { algorithm, lifetimeSeconds: 60 };
      expectConstructionError(
        { ...options, publicKey: encode(privateKey) },
        /^publicKey is a private key: do not pass a private key as publicKey, .*pass its public key$/,
      );
      expectConstructionError(
        { ...options, secret: encode(publicKey) },
        /^secret must be a private key, because it signs; put public keys and certificates into publicKey$/,
      );
    },
  );
});

describe("PKCS#1 and SEC1 in DER", () => {
  test.each([
    ["RS256", keyPair("RS256"), { format: "der", type: "pkcs1" }],
    ["ES256", keyPair("ES256"), { format: "der", type: "sec1" }],
  ] as const)("are read as secret of %s, and refused as publicKey", (algorithm, pair, form) => {
    const secret = pair.privateKey.export(form as { format: "der"; type: "pkcs1" });
    expect(() => construct({ algorithm, secret, lifetimeSeconds: 60 })).not.toThrow();
    expectConstructionError(
      { algorithm, publicKey: secret, lifetimeSeconds: 60 },
      /^publicKey is a private key/,
    );
  });

  test("are read as publicKey of RS256", () => {
    const publicKey = rsaPair.publicKey.export({ format: "der", type: "pkcs1" });
    expect(() => construct({ algorithm: "RS256", publicKey, lifetimeSeconds: 60 })).not.toThrow();
  });
});

const publicJwk = rsaPair.publicKey.export({ format: "jwk" });
const opensshPem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64("openssh-key-v1\0none")}\n-----END OPENSSH PRIVATE KEY-----\n`;
const openssh = /is a private key in OpenSSH's format: .*ssh-keygen -p -m PKCS8 -f FILE$/;
const ssh = /is a public key in SSH's format: convert it with ssh-keygen -e -m PKCS8 -f FILE$/;
const jwkText = /is a JWK as text: pass the object, JSON\.parse\(value\)$/;
const path = /is the path of a file: pass its contents, readFileSync\(path, "utf8"\)$/;
const url = /is a URL: pass the key, or remoteJwks\(url\) as publicKey to fetch it$/;
const empty = /is empty: is the environment variable set\?$/;
const utf16Pem = /is a PEM in UTF-16: save the file in UTF-8$/;
const notAKey =
  /must be a key for RS256 in PEM, DER or JWK form; a shared secret is for HS256, HS384 and HS512$/;

const jwkBase64 =
  /is a JWK in base64: pass the object, JSON\.parse\(Buffer\.from\(value, "base64"\)\)$/;
const hexKey = /is a key in hex: pass its bytes, Buffer\.from\(digits, "hex"\)$/;
const spkiHex = der(rsaPair.publicKey).toString("hex");
const edHex = der(keyPair("EdDSA").privateKey).toString("hex");
const encrypted = rsaPair.privateKey.export({
  format: "der",
  type: "pkcs8",
  cipher: "aes-256-cbc",
  passphrase: "x",
});
const encryptedDer =
  /is an encrypted private key in DER: convert it to PEM and pass \{ key, passphrase \}$/;
/** The beginning of a PFX (RFC 7292 section 4). */
const pkcs12 = Buffer.concat([
  Buffer.from("30820a5602010330820a1c06092a864886f70d010701", "hex"),
  hmacSecret,
]);
const pkcs12File = /is a PKCS#12 file: convert it to PEM with openssl pkcs12 -in FILE$/;

/** Values that people pass by mistake, and the message that names the fix. */
const MISTAKES: readonly (readonly [string, unknown, RegExp])[] = [
  ["an empty string", "", empty],
  ["a line break", "\n", empty],
  ["an empty Buffer", Buffer.alloc(0), empty],
  ["a JWK as text", JSON.stringify(publicJwk), jwkText],
  ["a JWK as text in a Buffer", Buffer.from(JSON.stringify(publicJwk)), jwkText],
  ["a JWK as text with a byte order mark", `\ufeff${JSON.stringify(publicJwk)}`, jwkText],
  ["a JWK Set as text", JSON.stringify({ keys: [publicJwk] }, null, 2), jwkText],
  ["a list of JWKs as text", JSON.stringify([publicJwk]), jwkText],
  ["a JWK in base64", base64(JSON.stringify(publicJwk)), jwkBase64],
  ["an indented JWK in base64", base64(JSON.stringify(publicJwk, null, 2)), jwkBase64],
  ["a JWK in base64url", Buffer.from(JSON.stringify(publicJwk)).toString("base64url"), jwkBase64],
  ["a list of JWKs in base64", base64(JSON.stringify([publicJwk])), jwkBase64],
  ["a key in hex", spkiHex, hexKey],
  ["a short key in capital hex", edHex.toUpperCase(), hexKey],
  ["a key in hex after 0x", `0x${spkiHex}`, hexKey],
  ["a key in hex with colons", spkiHex.replaceAll(/..(?=.)/g, "$&:"), hexKey],
  ["a PEM in hex", Buffer.from(toPem(rsaPair.publicKey)).toString("hex"), hexKey],
  ["an encrypted private key in DER", encrypted, encryptedDer],
  ["an encrypted private key in base64 of DER", base64(encrypted), encryptedDer],
  ["a PKCS#12 file", pkcs12, pkcs12File],
  ["a PKCS#12 file in base64", base64(pkcs12), pkcs12File],
  ["an ssh-rsa line", `ssh-rsa ${base64("ssh-rsa")} user@host\n`, ssh],
  ["an ssh-ed25519 line", `ssh-ed25519 ${base64("ssh-ed25519")}`, ssh],
  ["an ecdsa line", `ecdsa-sha2-nistp256 ${base64("ecdsa")}`, ssh],
  ["an SSH2 public key", '---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"\n', ssh],
  [
    "a PuTTY key",
    "PuTTY-User-Key-File-3: ssh-rsa\n",
    /is a key in PuTTY's format: convert it to PEM$/,
  ],
  [
    "an OpenPGP key",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBGN\n-----END PGP PUBLIC KEY BLOCK-----\n",
    /is an OpenPGP key: pass a key in PEM, DER or JWK form$/,
  ],
  [
    "an XML key",
    "<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>",
    /is a key in XML: convert it to PEM$/,
  ],
  ["an XML document", '<?xml version="1.0"?><RSAKeyValue/>', /is a key in XML: convert it to PEM$/],
  ["a PEM in UTF-16", utf16(toPem(rsaPair.publicKey)), utf16Pem],
  ["a PEM in UTF-16BE", utf16(toPem(rsaPair.privateKey)).swap16(), utf16Pem],
  ["an absolute path", "/run/secrets/jwt_private_key", path],
  ["a relative path", "./keys/private.pem", path],
  ["a path in the parent folder", "../keys/jwt", path],
  ["a path in the home folder", "~/.ssh/id_rsa", path],
  ["a path of Windows", "C:\\keys\\private.pem", path],
  ["a path of Windows to a folder with n", "C:\\keys\\new\\rsa.pem", path],
  ["a relative path of Windows", "keys\\private", path],
  ["a path with blanks", "/etc/my keys/jwt key", path],
  ["a relative path without an extension", "secrets/jwt_private_key", path],
  ["a path in another script", "/etc/schlüssel/jwt", path],
  ["the name of a file in capitals", "PUB.PEM", path],
  ["the name of a PKCS#8 file", "AuthKey.p8", path],
  ["a file URL", "file:///etc/keys/jwt.pem", path],
  ["the name of a file", "jwks.json", path],
  ["the name of a key file", "public key.pem", path],
  ["a URL", "https://issuer.example/.well-known/jwks.json", url],
  ["an http URL", "http://localhost:3000/jwks", url],
  ["a shared secret", "correct horse battery staple", notAKey],
  ["a shared secret in base64", base64(hmacSecret), notAKey],
  ["a shared secret in base64 with slashes", "+Ab/".repeat(16), notAKey],
  ["a shared secret in base64 of 48 bytes", "Ab/c".repeat(16), notAKey],
  ["a shared secret in hex of 0", "30".repeat(32), notAKey],
  ["a shared secret in hex", hmacSecret.toString("hex"), notAKey],
  ["a shared secret in a Buffer", Buffer.from("correct horse battery staple"), notAKey],
  ["the string undefined", "undefined", notAKey],
  ["DER that is not a key", Buffer.of(0x30, 3, 2, 1, 1), notAKey],
];

describe.each(["secret", "publicKey"])("%s with an invalid value", (option) => {
  test.each(MISTAKES)(
    "is refused with a message that names the fix: %s",
    (_what, value, message) => {
      expectConstructionError(
        { algorithm: "RS256", [option]: value, lifetimeSeconds: 60 },
        new RegExp(`^${option} ${message.source}`),
      );
    },
  );
});

describe("an OpenSSH private key", () => {
  test.each([
    ["PEM", opensshPem],
    ["a Buffer", Buffer.from(opensshPem)],
    ["base64", base64(opensshPem)],
  ])("is refused as secret with a message that names the fix: %s", (_form, secret) =>
    expectConstructionError(
      { algorithm: "EdDSA", secret, lifetimeSeconds: 60 },
      new RegExp(`^secret ${openssh.source}`),
    ),
  );

  test("is refused as publicKey, like every private key", () =>
    expectConstructionError(
      { algorithm: "EdDSA", publicKey: opensshPem, lifetimeSeconds: 60 },
      /^publicKey is a private key/,
    ));
});

describe("a PEM that contains no key", () => {
  const request = toPem(rsaPair.publicKey).replaceAll("PUBLIC KEY", "CERTIFICATE REQUEST");

  test("is refused as publicKey with its own message: a certificate request", () =>
    expectConstructionError(
      { algorithm: "RS256", publicKey: request, lifetimeSeconds: 60 },
      /^publicKey is a certificate request: pass the key or the certificate$/,
    ));

  test.each(["EC PARAMETERS", "X509 CRL", "PKCS7"])("is refused as publicKey: %s", (label) =>
    expectConstructionError(
      {
        algorithm: "RS256",
        publicKey: toPem(rsaPair.publicKey).replaceAll("PUBLIC KEY", label),
        lifetimeSeconds: 60,
      },
      /^publicKey cannot be read: the PEM is damaged \(.*\) or contains no such key$/,
    ),
  );
});

describe("a KeyObject of a shared secret", () => {
  test.each([
    ["secret", /^secret must be a private key, because it signs/],
    ["publicKey", /^publicKey must be a public key; a shared secret is for HS256/],
  ])("is refused as %s", (option, message) =>
    expectConstructionError(
      { algorithm: "RS256", [option]: createSecretKey(hmacSecret), lifetimeSeconds: 60 },
      message,
    ),
  );
});
