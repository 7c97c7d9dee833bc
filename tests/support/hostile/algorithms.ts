import {
  constants,
  createHash,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { forge, signBytes } from "../forge.ts";
import { ALGORITHMS, HMAC_ALGORITHMS } from "../keys.ts";
import { publicKeyTexts } from "./public-key-texts.ts";
import {
  attackerKey,
  forgedClaims,
  hashOf,
  isEcdsa,
  isEd25519,
  isHmac,
  isRsa,
  signingInput,
  withSignature,
  type HostileToken,
  type Target,
} from "./target.ts";

/** Attacks on the choice of the algorithm (RFC 8725 sections 2.1 and 3.1). */
export function* algorithmTokens(target: Target): Generator<HostileToken> {
  yield* unsigned(target);
  yield* signedUnderAnotherName(target);
  yield* publicKeyAsSecret(target);
  yield* siblings(target);
  yield* otherSchemes(target);
  yield* foreignKeys(target);
  yield* guessableSecrets(target);
}

const NONES = ["none", "None", "NONE", "nOnE", " none", "none ", "none\0", "ｎｏｎｅ"];

/** CVE-2015-9235 and its descendants. */
function* unsigned({ valid }: Target): Generator<HostileToken> {
  const signature = valid.slice(valid.lastIndexOf(".") + 1);
  for (const alg of NONES) {
    const input = signingInput({ alg, typ: "JWT" }, forgedClaims());
    const name = `alg ${JSON.stringify(alg)}`;
    yield { name: `${name}, empty signature`, token: `${input}.` };
    yield { name: `${name}, two segments`, token: input };
    yield { name: `${name}, borrowed signature`, token: `${input}.${signature}` };
  }
}

/** The signature is good: only the header says something else. */
function* signedUnderAnotherName({ algorithm, key }: Target): Generator<HostileToken> {
  const lies: readonly unknown[] = [
    ...NONES,
    ...ALGORITHMS.filter((other) => other !== algorithm),
    ...["", " ", algorithm.toLowerCase(), algorithm.slice(0, 4), `${algorithm}6`, `${algorithm} `],
    ...[` ${algorithm}`, `${algorithm}\0`, `${algorithm},none`, "HS256,RS256", "Ed448", "HS1"],
    ...["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"],
    ...[null, 0, 256, true, false, [], [algorithm], {}, { alg: algorithm }],
  ];
  for (const alg of lies) {
    const token = forge(algorithm, key, forgedClaims(), { alg, typ: "JWT" });
    yield { name: `well signed, alg ${JSON.stringify(alg)}`, token };
  }
  const headers = {
    "no alg": { typ: "JWT" },
    "alg on a prototype": `{"__proto__":{"alg":"${algorithm}"},"typ":"JWT"}`,
    "alg twice, none last": `{"alg":"${algorithm}","alg":"none"}`,
    "alg twice, none last and escaped": `{"alg":"${algorithm}","\\u0061lg":"none"}`,
    "Alg with a capital": { Alg: algorithm, typ: "JWT" },
  };
  for (const [name, header] of Object.entries(headers)) {
    yield { name: `well signed, ${name}`, token: forge(algorithm, key, forgedClaims(), header) };
  }
}

/** What everyone may know, as the secret of an HMAC (CVE-2016-10555, CVE-2022-29217, CVE-2023-48223). */
function* publicKeyAsSecret({ algorithm, publicKey }: Target): Generator<HostileToken> {
  if (publicKey === undefined) return;
  for (const [form, secret] of publicKeyTexts(publicKey)) {
    for (const hmac of HMAC_ALGORITHMS) {
      const key = createSecretKey(Buffer.from(secret));
      yield {
        name: `${hmac} keyed with the public key as ${form}`,
        token: forge(hmac, key, forgedClaims()),
      };
      yield {
        name: `${hmac} keyed with the public key as ${form}, called ${algorithm}`,
        token: forge(hmac, key, forgedClaims(), { alg: algorithm, typ: "JWT" }),
      };
    }
  }
}

/** The right key with an algorithm next door, under its own name and under the expected one. */
function* siblings({ algorithm, key }: Target): Generator<HostileToken> {
  const family = [isHmac, isRsa, isEcdsa, isEd25519].find((isFamily) => isFamily(algorithm));
  for (const sibling of ALGORITHMS.filter((other) => other !== algorithm && family?.(other))) {
    yield { name: `${sibling} with the same key`, token: forge(sibling, key, forgedClaims()) };
    // Two names of the same signatures (RFC 9864 section 2.2).
    if (isEd25519(algorithm)) continue;
    yield {
      name: `${sibling} with the same key, called ${algorithm}`,
      token: forge(sibling, key, forgedClaims(), { alg: algorithm, typ: "JWT" }),
    };
  }
}

/** The right key and the right name, and a signature made in another way. */
function* otherSchemes({ algorithm, key }: Target): Generator<HostileToken> {
  const input = signingInput({ alg: algorithm, typ: "JWT" }, forgedClaims());
  const data = Buffer.from(input);
  const token = (signature: Buffer): string => withSignature(input, signature);
  if (isHmac(algorithm)) {
    yield { name: "HMAC with SHA-1", token: token(createHmac("sha1", key).update(data).digest()) };
    return;
  }
  if (isEd25519(algorithm)) {
    const digest = createHash("sha512").update(data).digest();
    yield { name: "signed over the SHA-512 of the input", token: token(sign(null, digest, key)) };
    return;
  }
  const dsaEncoding = "ieee-p1363";
  yield { name: "signed over SHA-1", token: token(sign("sha1", data, { key, dsaEncoding })) };
  if (!algorithm.startsWith("PS")) return;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  for (const saltLength of [0, 20, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
    const signature = sign(hashOf(algorithm), data, { key, padding, saltLength });
    yield { name: `PSS with a salt of another length (${saltLength})`, token: token(signature) };
  }
}

/** Good signatures by keys that are not ours. */
function* foreignKeys({ algorithm }: Target): Generator<HostileToken> {
  for (const other of ALGORITHMS) {
    const key = attackerKey(other);
    yield { name: `the attacker's own ${other}`, token: forge(other, key, forgedClaims()) };
    yield {
      name: `the attacker's own ${other}, called ${algorithm}`,
      token: forge(other, key, forgedClaims(), { alg: algorithm, typ: "JWT" }),
    };
  }
  for (const alg of ["EdDSA", algorithm]) {
    const input = signingInput({ alg, typ: "JWT" }, forgedClaims());
    yield {
      name: `Ed25519, called ${alg}`,
      token: withSignature(input, sign(null, Buffer.from(input), ed25519)),
    };
  }
  for (const alg of ["ES256K", algorithm]) {
    const input = signingInput({ alg, typ: "JWT" }, forgedClaims());
    yield {
      name: `secp256k1, called ${alg}`,
      token: withSignature(input, signBytes("ES256", secp256k1, input)),
    };
  }
}

const ed25519: KeyObject = generateKeyPairSync("ed25519").privateKey;
const secp256k1: KeyObject = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey;

const GUESSES = [
  ...["", "\0", "0", "1234567890", "123456", "secret", "Secret", "SECRET", "password", "changeme"],
  ...["key", "jwt", "admin", "test", "undefined", "null", "[object Object]", "your-256-bit-secret"],
  ...["your-secret-key", "fastapi-users:auth", "\0".repeat(64), "a".repeat(64)],
];

function* guessableSecrets({ algorithm }: Target): Generator<HostileToken> {
  for (const guess of GUESSES) {
    const hmac = isHmac(algorithm) ? algorithm : "HS256";
    yield {
      name: `keyed with the guess ${JSON.stringify(guess.slice(0, 20))}`,
      token: forge(hmac, createSecretKey(Buffer.from(guess)), forgedClaims()),
    };
  }
}
