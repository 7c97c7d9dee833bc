import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

/** The environment variable that hands them to the workers. */
export const RSA_KEYS = "TEST_RSA_KEYS";

/** As many as a file needs. One that needs more would generate them. */
const COUNT = 12;

/** Generates RSA keys once for a run: they would cost each file more CPU time than its tests do. */
export default async function generateRsaKeys(): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: COUNT }, () => promisify(generateKeyPair)("rsa", { modulusLength: 2048 })),
  );
  const keys = pairs.map(({ privateKey }) => privateKey.export({ format: "pem", type: "pkcs8" }));
  process.env[RSA_KEYS] = JSON.stringify(keys);
}
