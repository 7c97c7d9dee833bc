// Password hashes: those of fastapi-users (argon2id and bcrypt) are verified, new ones are argon2id.
import * as argon2 from "@node-rs/argon2";
import * as bcrypt from "@node-rs/bcrypt";

/**
 * The parameters of fastapi-users, so that neither service hashes again what the other has hashed.
 * A hash takes 64 MiB of memory and about a tenth of a second.
 */
const PARAMETERS = { memoryCost: 65_536, timeCost: 3, parallelism: 4 };

const UP_TO_DATE = "$argon2id$v=19$m=65536,t=3,p=4$";

export function hashPassword(password: string): Promise<string> {
  return argon2.hash(password, PARAMETERS); // argon2id with a random salt
}

const ARGON2ID = /^\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;
const BCRYPT = /^\$2[aby]\$\d\d\$[A-Za-z0-9./]{53}$/;

/** Whether {@link verifyPassword} can read a hash. Some services store "!" for accounts without a password. */
export function isSupportedHash(hash: string): boolean {
  return ARGON2ID.test(hash) || BCRYPT.test(hash);
}

export function verifyPassword(hash: string, password: string): Promise<boolean> {
  return ARGON2ID.test(hash) ? argon2.verify(hash, password) : bcrypt.verify(password, hash);
}

/** Whether a hash is bcrypt or has other parameters, so that the next login should replace it. */
export function needsRehash(hash: string): boolean {
  return !hash.startsWith(UP_TO_DATE);
}
