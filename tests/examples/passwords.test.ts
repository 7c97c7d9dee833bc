import { hash } from "@node-rs/argon2";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { describe, expect, test } from "@jest/globals";
import {
  hashPassword,
  isSupportedHash,
  needsRehash,
  verifyPassword,
} from "../../examples/server/users/passwords.ts";

const PASSWORD = "analytical-engine";

/** Hashes of argon2-cffi and bcrypt for Python, with the parameters of fastapi-users (pwdlib). */
const BY_FASTAPI_USERS = {
  argon2id:
    "$argon2id$v=19$m=65536,t=3,p=4$s+BjrjGlK5fvy9g4KjUrXA$tJaBRdoQpVCyzBvyeytK7G8kJC1MEPdUUDA7nU1A204",
  bcrypt: "$2b$12$.3HeDLDd4HyOPFN1K2j/B.uS4mL23s78NdPHPD9920BIiSFqHvavK",
};

describe("a password hash", () => {
  test("of a new password is argon2id with the parameters of fastapi-users", async () => {
    expect(await hashPassword(PASSWORD)).toMatch(
      /^\$argon2id\$v=19\$m=65536,t=3,p=4\$[\w+/]{22}\$[\w+/]{43}$/,
    );
  });

  test("is different each time", async () => {
    expect(await hashPassword(PASSWORD)).not.toBe(await hashPassword(PASSWORD));
  });

  test.each(Object.entries(BY_FASTAPI_USERS))(
    "of fastapi-users, %s, matches only its password",
    async (_kind, hashed) => {
      expect(isSupportedHash(hashed)).toBe(true);
      expect(await verifyPassword(hashed, PASSWORD)).toBe(true);
      expect(await verifyPassword(hashed, `${PASSWORD}!`)).toBe(false);
    },
  );

  test("is computed over the UTF-8 bytes of a password, as in fastapi-users", async () => {
    const hashed =
      "$argon2id$v=19$m=65536,t=3,p=4$8Nv/SzhlehotadkoB/sS4Q$rz4GxVUYrhSfn4ZWFI7vtHq9TlAED4b/J0go+NmTaTs";
    expect(await verifyPassword(hashed, "pässwörd ✓")).toBe(true);
    expect(await verifyPassword(hashed, "password ✓")).toBe(false);
  });

  test("is not replaced if it is new, or an argon2id hash of fastapi-users", async () => {
    expect(needsRehash(BY_FASTAPI_USERS.argon2id)).toBe(false);
    expect(needsRehash(await hashPassword(PASSWORD))).toBe(false);
  });

  test("is replaced if it is bcrypt, or argon2id with weaker parameters", async () => {
    expect(needsRehash(BY_FASTAPI_USERS.bcrypt)).toBe(true);
    expect(needsRehash(await bcryptHash(PASSWORD, 4))).toBe(true);
    expect(needsRehash(await hash(PASSWORD))).toBe(true);
  });

  test.each([
    "",
    "!",
    "pbkdf2_sha256$1$salt$hash",
    "$argon2i$v=19$m=16,t=2,p=1$a$b",
    "$argon2id$",
    "$argon2id$v=19$m=65536,t=3,p=4$salt",
    "$2b$12$short",
    `${BY_FASTAPI_USERS.bcrypt}\n`,
  ])("is not supported if it is of another kind or damaged: %j", (hashed) => {
    expect(isSupportedHash(hashed)).toBe(false);
  });
});
