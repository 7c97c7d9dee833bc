import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { sql, type Kysely } from "kysely";
import { openDatabase, type Tables } from "../../examples/server/users/database.ts";
import { addDemoUsers, DEMO_USERS } from "../../examples/server/users/demo-users.ts";
import { createUserStore, type UserStore } from "../../examples/server/users/user-store.ts";
import { createPostgresDatabase, describeWith, POSTGRES_URL } from "../support/services.ts";

const ADA = { email: "ada@example.com", password: "analytical-engine" };

/** A hash of bcrypt for Python, which fastapi-users used before argon2id. */
const BCRYPT_HASH = "$2b$12$.3HeDLDd4HyOPFN1K2j/B.uS4mL23s78NdPHPD9920BIiSFqHvavK";

let database: Kysely<Tables>;
let users: UserStore;

async function open(url: string): Promise<void> {
  database = await openDatabase(url);
  users = createUserStore(database);
}

async function hashOf(id: string): Promise<string> {
  const { hashed_password } = await database
    .selectFrom("user")
    .select("hashed_password")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return hashed_password;
}

function setHash(id: string, hashed_password: string): Promise<unknown> {
  return database.updateTable("user").set({ hashed_password }).where("id", "=", id).execute();
}

/** Tests a store with any database. */
function testUserStore(): void {
  test("is ready and empty at first", async () => {
    expect(await users.isEmpty()).toBe(true);
    expect(await users.findByEmail(ADA.email)).toBeNull();
  });

  test("adds a user, and finds it by id and by e-mail", async () => {
    const user = await users.add(ADA);
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: ADA.email,
      hashedPassword: expect.stringMatching(/^\$argon2id\$/),
      isActive: true,
      isSuperuser: false,
      isVerified: true,
    });
    expect(await users.findById(user.id)).toEqual(user);
    expect(await users.findByEmail(ADA.email)).toEqual(user);
    expect(await users.isEmpty()).toBe(false);
  });

  test.each([
    ["an unknown id", randomUUID()],
    ["a number", "42"],
    ["an empty string", ""],
    ["the name of a prototype", "__proto__"],
    ["SQL", "' or 1=1 --"],
  ])("finds no user by %s", async (_case, id) => {
    await users.add(ADA);
    expect(await users.findById(id)).toBeNull();
  });

  test("compares e-mails without case", async () => {
    const user = await users.add({ ...ADA, email: "Ada@Example.com" });
    expect(user.email).toBe("ada@example.com");
    expect(await users.findByEmail("ADA@EXAMPLE.COM")).toEqual(user);
    expect(await users.checkPassword("aDA@example.COM", ADA.password)).toEqual(user);
  });

  test("does not treat different letters as equal, even if a database converts both to the same lower-case letter", async () => {
    await users.add({ ...ADA, email: "ian@example.com" });
    expect(await users.findByEmail("\u0130an@example.com")).toBeNull(); // a capital I with a dot
  });

  test("adds only one account for each e-mail, and keeps the first", async () => {
    const user = await users.add(ADA);
    const again = await users.add({ email: "ADA@example.com", password: "other" });
    expect(again).toEqual(user);
    expect(await users.checkPassword(ADA.email, "other")).toBeNull();
  });

  test("refuses a wrong password, an unknown e-mail, and a wildcard", async () => {
    await users.add(ADA);
    expect(await users.checkPassword(ADA.email, "wrong")).toBeNull();
    expect(await users.checkPassword("nobody@example.com", ADA.password)).toBeNull();
    expect(await users.checkPassword("%", ADA.password)).toBeNull();
  });

  test("finds a user of fastapi-users, and replaces a bcrypt hash at the next login", async () => {
    const { id } = await users.add(ADA);
    await setHash(id, BCRYPT_HASH);

    expect(await users.checkPassword(ADA.email, "wrong")).toBeNull();
    expect(await hashOf(id)).toBe(BCRYPT_HASH);

    const user = await users.checkPassword(ADA.email, ADA.password);
    expect(user?.hashedPassword).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    expect(await hashOf(id)).toBe(user?.hashedPassword);
    expect(await users.checkPassword(ADA.email, ADA.password)).toEqual(user);
  });

  test("does not replace a hash that is up to date", async () => {
    const { id } = await users.add(ADA);
    const before = await hashOf(id);
    await users.checkPassword(ADA.email, ADA.password);
    expect(await hashOf(id)).toBe(before);
  });

  test("does not undo a change of the password during the login", async () => {
    const { id } = await users.add(ADA);
    await setHash(id, BCRYPT_HASH);
    const login = users.checkPassword(ADA.email, ADA.password);
    const changed = await bcryptHash("new password", 4);
    await setHash(id, changed);
    await login;
    expect(await hashOf(id)).toBe(changed);
  });

  test.each(["!", "", "$argon2id$", "plain text"])(
    "refuses all passwords for the hash %j",
    async (hashed) => {
      const { id } = await users.add(ADA);
      await setHash(id, hashed);
      expect(await users.checkPassword(ADA.email, hashed || ADA.password)).toBeNull();
      expect(await users.checkPassword(ADA.email, ADA.password)).toBeNull();
    },
  );

  test("reads the flags as booleans", async () => {
    const { id } = await users.add({ ...ADA, isSuperuser: true });
    await database
      .updateTable("user")
      .set({ is_active: false, is_verified: false })
      .where("id", "=", id)
      .execute();
    expect(await users.findById(id)).toMatchObject({
      isActive: false,
      isSuperuser: true,
      isVerified: false,
    });
  });

  test("adds the demo users only if there are no users", async () => {
    expect(await addDemoUsers(users)).toEqual(DEMO_USERS);
    expect(await addDemoUsers(users)).toEqual(DEMO_USERS);
    const grace = await users.checkPassword("grace@example.com", "nanosecond-wire");
    expect(grace?.isSuperuser).toBe(true);

    await database.deleteFrom("user").execute();
    await users.add({ email: "somebody@example.com", password: "secret" });
    expect(await addDemoUsers(users)).toEqual([]);
    expect(await users.findByEmail("ada@example.com")).toBeNull();
  });
}

describe("the user store in SQLite, in memory", () => {
  beforeEach(() => open(":memory:"));
  afterEach(() => database.destroy());

  testUserStore();
});

describe("the user store in SQLite, in a file", () => {
  let folder: string;
  const url = (): string => `file:${join(folder, "demo.db")}`;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "user-store-"));
    await open(url());
  });
  afterEach(async () => {
    await database.destroy();
    rmSync(folder, { recursive: true });
  });

  test("contains the same users after it is opened again", async () => {
    const user = await users.add(ADA);
    await database.destroy();
    await open(url());
    expect(await users.findById(user.id)).toEqual(user);
  });
});

describeWith(
  "PostgreSQL",
  POSTGRES_URL,
  "TEST_POSTGRES_URL",
)("the user store in PostgreSQL", () => {
  let postgres: { url: string; drop: () => Promise<void> };
  beforeAll(async () => {
    postgres = await createPostgresDatabase();
  });
  beforeEach(async () => {
    await open(postgres.url);
    await database.deleteFrom("user").execute();
  });
  afterEach(() => database.destroy());
  afterAll(() => postgres.drop());

  testUserStore();

  test("uses a table of fastapi-users without changes", async () => {
    await sql`drop table "user", kysely_migration, kysely_migration_lock`.execute(database);
    await sql`create table "user" (
      email varchar(320) not null,
      hashed_password varchar(1024) not null,
      is_active boolean not null,
      is_superuser boolean not null,
      is_verified boolean not null,
      id uuid not null primary key
    )`.execute(database);
    await sql`create unique index ix_user_email on "user" (email)`.execute(database);
    const id = randomUUID();
    await sql`insert into "user" values ('Ada@example.com', ${BCRYPT_HASH}, true, false, false, ${id})`.execute(
      database,
    );

    await database.destroy();
    await open(postgres.url);
    const user = await users.checkPassword(ADA.email, ADA.password);
    expect(user).toMatchObject({ id, email: "Ada@example.com", isVerified: false });
    expect(await users.findById(id)).toEqual(user);
  });

  test("can be opened by several processes at the same time", async () => {
    await sql`drop table "user", kysely_migration, kysely_migration_lock`.execute(database);
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(postgres.url)));
    const stores = opened.map(createUserStore);
    const added = await Promise.all(stores.map((store) => store.add(ADA)));
    expect(new Set(added.map(({ id }) => id)).size).toBe(1);
    await Promise.all(opened.map((one) => one.destroy()));
  });

  test("reports that the database cannot be opened, without the password", async () => {
    const url = postgres.url.replace("postgres@", "postgres:hunter2@").replace(/\w+$/, "missing");
    const opening = openDatabase(url);
    await expect(opening).rejects.toThrow("The database cannot be opened");
    await expect(opening).rejects.not.toThrow("hunter2");
  });
});
