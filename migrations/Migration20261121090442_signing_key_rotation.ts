import { Migration } from '@mikro-orm/migrations'

export class Migration20261121090442_signing_key_rotation extends Migration {
  override up(): void | Promise<void> {
    this.addSql(
      `create table "replay_ids" ("hash" bytea not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    )
    this.addSql(`create index "replay_ids_expires_at_index" on "replay_ids" ("expires_at");`)

    this.addSql(
      `alter table "signing_keys" add "active_from" timestamptz(3) not null default current_timestamp, add "pulled_at" timestamptz(3) null;`,
    )
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "replay_ids" cascade;`)

    this.addSql(`alter table "signing_keys" drop column "active_from", drop column "pulled_at";`)
  }
}
