import { Migration } from '@mikro-orm/migrations'

export class Migration20261121095010_idempotency_and_retention extends Migration {
  override name = 'Migration20261121095010_idempotency_and_retention'

  override up(): void | Promise<void> {
    this.addSql(
      `create table "idempotency_keys" ("project_id" uuid not null, "principal" text not null, "key" text not null, "fingerprint" bytea not null, "made_id" uuid not null, "sealed_answer" bytea null, "sealed_until" timestamptz(3) not null, "expires_at" timestamptz(3) not null, primary key ("project_id", "principal", "key"));`,
    )
    this.addSql(`create index "idempotency_keys_expires_at_index" on "idempotency_keys" ("expires_at");`)

    this.addSql(
      `create table "retention_runs" ("name" text not null, "holder" uuid not null, "next_at" timestamptz(3) not null, primary key ("name"));`,
    )

    this.addSql(`create index "tokens_expires_at_index" on "tokens" ("expires_at");`)
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "idempotency_keys" cascade;`)
    this.addSql(`drop table if exists "retention_runs" cascade;`)

    this.addSql(`drop index "tokens_expires_at_index";`)
  }
}
