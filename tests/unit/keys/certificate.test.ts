import { describe, expect, test } from "@jest/globals";
import { X509Certificate, sign, type KeyPairKeyObjectResult } from "node:crypto";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { ASYMMETRIC_ALGORITHMS, keyPair, rsaPair } from "../../support/keys.ts";

const TAGS = { integer: 0x02, bits: 0x03, null: 0x05, oid: 0x06, utcTime: 0x17, sequence: 0x30 };

/** Encodes a value in DER (ITU-T X.690). */
function der(tag: keyof typeof TAGS, ...content: (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([TAGS[tag], ...length]), body]);
}

const SIGNATURE_ALGORITHMS: Readonly<Record<string, Buffer>> = {
  rsa: der("sequence", der("oid", Buffer.from("2a864886f70d01010b", "hex")), der("null")),
  ec: der("sequence", der("oid", Buffer.from("2a8648ce3d040302", "hex"))),
  ed25519: der("sequence", der("oid", Buffer.from("2b6570", "hex"))),
};

/** A minimal certificate (RFC 5280 section 4.1): version 1, without names, signed by its own key. */
function selfSigned({ privateKey, publicKey }: KeyPairKeyObjectResult): Buffer {
  const { asymmetricKeyType: type = "" } = privateKey;
  const algorithm = SIGNATURE_ALGORITHMS[type] ?? Buffer.alloc(0);
  const emptyName = der("sequence");
  const tbsCertificate = der(
    "sequence",
    der("integer", Buffer.of(1)),
    algorithm,
    emptyName,
    der("sequence", der("utcTime", "200101000000Z"), der("utcTime", "491231235959Z")),
    emptyName,
    publicKey.export({ format: "der", type: "spki" }),
  );
  const signature = sign(type === "ed25519" ? null : "sha256", tbsCertificate, privateKey);
  return der("sequence", tbsCertificate, algorithm, der("bits", Buffer.of(0), signature));
}

const toPem = (certificate: Buffer): string => new X509Certificate(certificate).toString();

describe("a certificate as publicKey", () => {
  test.each(ASYMMETRIC_ALGORITHMS)("verifies %s with its public key", async (algorithm) => {
    const pair = keyPair(algorithm);
    const publicKey = toPem(selfSigned(pair));
    const verifier = construct({ algorithm, publicKey, lifetimeSeconds: 60 });
    expect(await verifier.readToken(forge(algorithm, pair.privateKey))).toMatchObject({
      sub: "42",
    });
  });
});

describe("a certificate as secret", () => {
  const certificate = selfSigned(rsaPair);

  test("is refused for RS256", () =>
    expectConstructionError(
      { algorithm: "RS256", secret: toPem(certificate), lifetimeSeconds: 60 },
      /^secret must be a private key, because it signs; put public keys and certificates into publicKey$/,
    ));

  test.each([
    ["PEM", toPem(certificate)],
    ["DER", certificate],
    ["DER in base64", certificate.toString("base64")],
  ])("is refused for HS256: %s", (_form, secret) =>
    expectConstructionError(
      { secret, lifetimeSeconds: 60 },
      /^secret is a key or certificate in PEM, DER, JWK or another format/,
    ),
  );
});
