// DATABASE_URL → a Kysely database with the newest schema. The same queries run on SQLite and PostgreSQL.
import { LibsqlDialect } from "@libsql/kysely-libsql";
import { Kysely, Migrator, PostgresDialect, type ColumnType, type Dialect } from "kysely";
import { migrations } from "./migrations.ts";

/** SQLite returns 0 and 1 for FALSE and TRUE. */
type BooleanColumn = ColumnType<boolean | number, boolean, boolean>;

/** The columns of fastapi-users: its table can be used as it is. */
export interface UserTable {
  id: string;
  email: string;
  hashed_password: string;
  is_active: BooleanColumn;
  is_superuser: BooleanColumn;
  is_verified: BooleanColumn;
}

export interface Tables {
  user: UserTable;
}

/** An outage of the database must not keep requests waiting. */
const TIMEOUT_MS = 5_000;

/** @param url `:memory:`, `file:demo.db` or `postgres://user:password@host:5432/name` */
export async function openDatabase(url: string): Promise<Kysely<Tables>> {
  const database = new Kysely<Tables>({ dialect: await createDialect(url) });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return database;
  await database.destroy();
  throw new Error("The database cannot be opened", { cause: error });
}

async function createDialect(url: string): Promise<Dialect> {
  if (!/^postgres(ql)?:/.test(url)) return new LibsqlDialect({ url });
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  // Without a listener, an idle connection that fails would end the process. The next
  // query opens another one, or fails.
  pool.on("error", () => undefined);
  return new PostgresDialect({ pool });
}
