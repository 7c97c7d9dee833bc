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
  yield* attackerKeys(target);
  yield* guessedSecrets(target);
}

const NONES = ["none", "None", "NONE", "nOnE", " none", "none ", "none\0", "ｎｏｎｅ"];

/** CVE-2015-9235 and similar attacks. */
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

/** Tokens with a valid signature and a wrong alg. */
function* signedUnderAnotherName({ algorithm, key }: Target): Generator<HostileToken> {
  const wrongAlgs: readonly unknown[] = [
    ...NONES,
    ...ALGORITHMS.filter((other) => other !== algorithm),
    ...["", " ", algorithm.toLowerCase(), algorithm.slice(0, 4), `${algorithm}6`, `${algorithm} `],
    ...[` ${algorithm}`, `${algorithm}\0`, `${algorithm},none`, "HS256,RS256", "Ed448", "HS1"],
    ...["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"],
    ...[null, 0, 256, true, false, [], [algorithm], {}, { alg: algorithm }],
  ];
  for (const alg of wrongAlgs) {
    const token = forge(algorithm, key, forgedClaims(), { alg, typ: "JWT" });
    yield { name: `valid signature, alg ${JSON.stringify(alg)}`, token };
  }
  const headers = {
    "no alg": { typ: "JWT" },
    "inherited alg": `{"__proto__":{"alg":"${algorithm}"},"typ":"JWT"}`,
    "repeated alg, none last": `{"alg":"${algorithm}","alg":"none"}`,
    "repeated alg, none last with an escaped name": `{"alg":"${algorithm}","\\u0061lg":"none"}`,
    "Alg instead of alg": { Alg: algorithm, typ: "JWT" },
  };
  for (const [name, header] of Object.entries(headers)) {
    yield {
      name: `valid signature, ${name}`,
      token: forge(algorithm, key, forgedClaims(), header),
    };
  }
}

/** The public key as the secret of an HMAC (CVE-2016-10555, CVE-2022-29217, CVE-2023-48223). */
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
        name: `${hmac} keyed with the public key as ${form}, with alg ${algorithm}`,
        token: forge(hmac, key, forgedClaims(), { alg: algorithm, typ: "JWT" }),
      };
    }
  }
}

/** Signatures with the strategy's key and another algorithm of the same family. */
function* siblings({ algorithm, key }: Target): Generator<HostileToken> {
  const family = [isHmac, isRsa, isEcdsa, isEd25519].find((isFamily) => isFamily(algorithm));
  for (const sibling of ALGORITHMS.filter((other) => other !== algorithm && family?.(other))) {
    yield { name: `${sibling} with the same key`, token: forge(sibling, key, forgedClaims()) };
    // Ed25519 and EdDSA signatures are the same (RFC 9864 section 2.2).
    if (isEd25519(algorithm)) continue;
    yield {
      name: `${sibling} with the same key, with alg ${algorithm}`,
      token: forge(sibling, key, forgedClaims(), { alg: algorithm, typ: "JWT" }),
    };
  }
}

/** Signatures with the strategy's key and alg, but with other parameters. */
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

/** Valid signatures of the attacker's keys. */
function* attackerKeys({ algorithm }: Target): Generator<HostileToken> {
  for (const other of ALGORITHMS) {
    const key = attackerKey(other);
    yield { name: `the attacker's own ${other}`, token: forge(other, key, forgedClaims()) };
    yield {
      name: `the attacker's own ${other}, with alg ${algorithm}`,
      token: forge(other, key, forgedClaims(), { alg: algorithm, typ: "JWT" }),
    };
  }
  for (const alg of ["EdDSA", algorithm]) {
    const input = signingInput({ alg, typ: "JWT" }, forgedClaims());
    yield {
      name: `Ed25519, with alg ${alg}`,
      token: withSignature(input, sign(null, Buffer.from(input), ed25519)),
    };
  }
  for (const alg of ["ES256K", algorithm]) {
    const input = signingInput({ alg, typ: "JWT" }, forgedClaims());
    yield {
      name: `secp256k1, with alg ${alg}`,
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

function* guessedSecrets({ algorithm }: Target): Generator<HostileToken> {
  for (const guess of GUESSES) {
    const hmac = isHmac(algorithm) ? algorithm : "HS256";
    yield {
      name: `HMAC with the guessed secret ${JSON.stringify(guess.slice(0, 20))}`,
      token: forge(hmac, createSecretKey(Buffer.from(guess)), forgedClaims()),
    };
  }
}
