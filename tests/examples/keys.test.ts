import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openKeys, type KeySource, type SigningKeys } from "../../examples/server/auth/keys.ts";
import { readConfig } from "../../examples/server/config.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
  file = join(folder, "keys.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

function generateKey(kid: string): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid };
}

function withoutPrivatePart(key: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(key).filter(([name]) => name !== "d"));
}

function write(...keys: unknown[]): void {
  writeFileSync(file, JSON.stringify({ keys }));
}

const open = (): KeySource => openKeys(readConfig({ JWT_KEYS_FILE: file }));

describe("the keys of the demo", () => {
  test("are a new random secret each time if nothing is set", () => {
    const [one, other] = [openKeys(readConfig({})), openKeys(readConfig({}))];
    expect(one.origin).toBe("random");
    expect(one.current).toEqual({ algorithm: "HS256", secret: expect.any(Buffer) });
    expect(one.current.secret).not.toEqual(other.current.secret);
  });

  test("are JWT_SECRET if it is set", () => {
    const secret = "s".repeat(32);
    const { origin, current } = openKeys(readConfig({ JWT_SECRET: secret }));
    expect([origin, current]).toEqual(["JWT_SECRET", { algorithm: "HS256", secret }]);
  });

  test("are those of JWT_KEYS_FILE: the first signs, all verify, and no private part is published", () => {
    const [first, second] = [generateKey("1"), generateKey("2")];
    write(first, second);
    expect(open().current).toEqual({
      algorithm: "ES256",
      secret: first,
      publicKey: [withoutPrivatePart(first), withoutPrivatePart(second)],
    });
  });

  test.each([
    ["does not exist", () => undefined],
    ["is not JSON", () => writeFileSync(file, "hunter2")],
    ["has no keys", () => write()],
    ["has a key without a kid", () => write({ ...generateKey("1"), kid: undefined })],
    ["has a public key", () => write({ ...generateKey("1"), d: undefined })],
    ["has a key of another curve", () => write({ ...generateKey("1"), crv: "P-521" })],
  ])(
    "stop the server if JWT_KEYS_FILE %s; the error does not show its contents",
    (_case, prepare) => {
      prepare();
      expect(open).toThrow(
        new Error(
          'JWT_KEYS_FILE must be a readable file {"keys":[…]} of private P-256 keys as JWKs, each with a kid.',
        ),
      );
    },
  );

  test("change with the file, and do not change while it is invalid", async () => {
    const [first, second] = [generateKey("1"), generateKey("2")];
    write(first);
    const keys = open();
    const changes: SigningKeys[] = [];
    const happened: (() => void)[] = [];
    const next = (): Promise<void> => new Promise((resolve) => happened.push(resolve));
    const failures: unknown[] = [];
    keys.watch((changed) => changes.push(changed), {
      info: () => happened.shift()?.(),
      error: (...args: unknown[]) => {
        failures.push(args);
        happened.shift()?.();
      },
    });
    try {
      const failed = next();
      writeFileSync(file, "half a fi");
      await failed;
      expect([changes, failures]).toEqual([
        [],
        [["JWT_KEYS_FILE has changed and cannot be used: the keys from before stay"]],
      ]);
      const changed = next();
      write(second, first);
      await changed;
      expect(changes).toEqual([expect.objectContaining({ secret: second })]);
    } finally {
      keys.stop();
    }
  });
});
