// The queries: find a user, check a password, add a user.
import { randomUUID } from "node:crypto";
import { sql, type Kysely, type Selectable } from "kysely";
import type { Tables, UserTable } from "./database.ts";
import { hashPassword, isSupportedHash, needsRehash, verifyPassword } from "./passwords.ts";

export interface User {
  readonly id: string;
  readonly email: string;
  readonly hashedPassword: string;
  readonly isActive: boolean;
  readonly isSuperuser: boolean;
  readonly isVerified: boolean;
}

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly isSuperuser?: boolean;
}

export interface UserStore {
  findById(id: string): Promise<User | null>;
  findByEmail(email: string): Promise<User | null>;
  /** The user, or `null` if the e-mail is unknown or the password is wrong. */
  checkPassword(email: string, password: string): Promise<User | null>;
  /** Adds a user; returns the user who has this e-mail already if there is one. */
  add(user: NewUser): Promise<User>;
  isEmpty(): Promise<boolean>;
}

/**
 * Converts an e-mail to lower case. JavaScript does this, not the database, so that the login throttle
 * and the query treat the same e-mails as equal.
 */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

/** Verified for unknown users, so that the response time does not reveal which accounts exist. */
const UNUSED_HASH = hashPassword(randomUUID());

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createUserStore(database: Kysely<Tables>): UserStore {
  async function findByEmail(email: string): Promise<User | null> {
    const row = await database
      .selectFrom("user")
      .selectAll()
      .where(sql<string>`lower(email)`, "=", normalizeEmail(email))
      .executeTakeFirst();
    return row === undefined ? null : toUser(row);
  }

  /** Replaces an outdated hash, unless the password was changed in the meantime. */
  async function rehash(user: User, password: string): Promise<User> {
    const hashedPassword = await hashPassword(password);
    await database
      .updateTable("user")
      .set({ hashed_password: hashedPassword })
      .where("id", "=", user.id)
      .where("hashed_password", "=", user.hashedPassword)
      .execute();
    return { ...user, hashedPassword };
  }

  return {
    findByEmail,

    async findById(id) {
      if (!UUID.test(id)) return null; // PostgreSQL would return an error, which would result in a 500
      const row = await database
        .selectFrom("user")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? null : toUser(row);
    },

    async checkPassword(email, password) {
      const user = await findByEmail(email);
      const candidate = user !== null && isSupportedHash(user.hashedPassword) ? user : null;
      const hash = candidate?.hashedPassword ?? (await UNUSED_HASH);
      const matches = await verifyPassword(hash, password);
      if (candidate === null || !matches) return null;
      return needsRehash(hash) ? rehash(candidate, password) : candidate;
    },

    async add({ email, password, isSuperuser = false }) {
      const row = {
        id: randomUUID(),
        email: normalizeEmail(email),
        hashed_password: await hashPassword(password),
        is_active: true,
        is_superuser: isSuperuser,
        is_verified: true,
      };
      await database
        .insertInto("user")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return (await findByEmail(email)) ?? toUser(row);
    },

    async isEmpty() {
      const row = await database.selectFrom("user").select("id").limit(1).executeTakeFirst();
      return row === undefined;
    },
  };
}

function toUser(row: Selectable<UserTable>): User {
  return {
    id: row.id,
    email: row.email,
    hashedPassword: row.hashed_password,
    isActive: Boolean(row.is_active),
    isSuperuser: Boolean(row.is_superuser),
    isVerified: Boolean(row.is_verified),
  };
}
