import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

/** The environment variable that passes the keys to the workers. */
export const RSA_KEYS = "TEST_RSA_KEYS";

/** The number of keys for each test file. A file that needs more generates them itself. */
const COUNT = 12;

/** Generates RSA keys once for a run, because this takes more CPU time than the tests of a file. */
export default async function generateRsaKeys(): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: COUNT }, () => promisify(generateKeyPair)("rsa", { modulusLength: 2048 })),
  );
  const keys = pairs.map(({ privateKey }) => privateKey.export({ format: "pem", type: "pkcs8" }));
  process.env[RSA_KEYS] = JSON.stringify(keys);
}
