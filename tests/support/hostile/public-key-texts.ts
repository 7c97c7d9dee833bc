import { createHash, type KeyObject } from "node:crypto";

/** The forms of a public key that insecure code may use as an HMAC secret. */
export function* publicKeyTexts(
  publicKey: KeyObject,
): Generator<readonly [form: string, secret: string | Buffer]> {
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const der = publicKey.export({ type: "spki", format: "der" });
  const jwk = publicKey.export({ format: "jwk" });
  const { kty, crv, n = "", e = "", x = "", y = "" } = jwk;
  // The members in the order of RFC 7638 section 3.2 and RFC 8037 section 2.
  const thumbprint = JSON.stringify(
    kty === "RSA" ? { e, kty, n } : kty === "OKP" ? { crv, kty, x } : { crv, kty, x, y },
  );
  const coordinates = [x, y].map((coordinate) => Buffer.from(coordinate, "base64url"));

  yield ["PEM", pem];
  yield ["PEM without its last newline", pem.trim()];
  yield ["PEM with one more newline", `${pem}\n`];
  yield ["PEM with CRLF", pem.replaceAll("\n", "\r\n")];
  yield ["PEM on one line with backslash-n", pem.replaceAll("\n", "\\n")];
  yield ["PEM on one line", pem.replaceAll("\n", "")];
  yield ["DER", der];
  yield ["base64", der.toString("base64")];
  yield ["base64url", der.toString("base64url")];
  yield ["JWK", JSON.stringify(jwk)];
  yield ["JWK set", JSON.stringify({ keys: [jwk] })];
  yield ["thumbprint input", thumbprint];
  yield ["thumbprint", createHash("sha256").update(thumbprint).digest()];
  if (kty === "RSA") {
    yield ["PKCS#1 PEM", publicKey.export({ type: "pkcs1", format: "pem" }).toString()];
    yield ["PKCS#1 DER", publicKey.export({ type: "pkcs1", format: "der" })];
    yield ["n in base64url", n];
    yield ["n", Buffer.from(n, "base64url")];
  } else if (kty === "OKP") {
    yield ["x in base64url", x];
    yield ["x", Buffer.from(x, "base64url")];
  } else {
    yield ["x in base64url", x];
    yield ["x and y", Buffer.concat(coordinates)];
    yield ["uncompressed point", Buffer.concat([Buffer.of(4), ...coordinates])];
  }
}
