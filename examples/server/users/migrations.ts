// The steps of the schema. Do not change a released step: add another one.
import { PostgresAdapter, sql, type Kysely, type Migration } from "kysely";

/** PostgreSQL has a type for UUIDs. SQLite stores them as text, as fastapi-users does. */
function uuidType(database: Kysely<unknown>): "uuid" | "char(36)" {
  return database.getExecutor().adapter instanceof PostgresAdapter ? "uuid" : "char(36)";
}

export const migrations: Record<string, Migration> = {
  "001-users": {
    async up(database: Kysely<unknown>): Promise<void> {
      // "if not exists": the table may come from a fastapi-users service.
      await database.schema
        .createTable("user")
        .ifNotExists()
        .addColumn("id", uuidType(database), (column) => column.primaryKey())
        .addColumn("email", "varchar(320)", (column) => column.notNull())
        .addColumn("hashed_password", "varchar(1024)", (column) => column.notNull())
        .addColumn("is_active", "boolean", (column) => column.notNull())
        .addColumn("is_superuser", "boolean", (column) => column.notNull())
        .addColumn("is_verified", "boolean", (column) => column.notNull())
        .execute();
    },
  },

  "002-one-account-for-each-email": {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createIndex("user_email_lower")
        .ifNotExists()
        .unique()
        .on("user")
        .expression(sql`lower(email)`)
        .execute();
    },
  },
};
