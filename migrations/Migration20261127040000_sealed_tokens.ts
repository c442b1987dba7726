import { readFileSync } from 'node:fs'
import { Migration } from '@mikro-orm/migrations'
import { RECORD_BATCH_KNOWING_ENDED } from './Migration20261121190000_ended_tokens.ts'

/** `record_batch` as it is from then on, to be read whole. */
const RECORD_BATCH = readFileSync(
  new URL('./Migration20261127040000_sealed_tokens.sql', import.meta.url),
  'utf8',
)

/** Access tokens say themselves what they are: what is left of one is the row of its grant, and its end where it was ended. */
export class Migration20261127040000_sealed_tokens extends Migration {
  override name = 'Migration20261127040000_sealed_tokens'

  override up(): void {
    this.addSql(
      `alter table "activity" add column "token_epoch" int null, add column "token_expires_at" timestamptz(3) null;`,
    )
    this.addSql(
      `create table "ended_tokens" ("id" uuid not null, "expires_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`create index "ended_tokens_expires_at_index" on "ended_tokens" ("expires_at");`)
    this.addSql('drop function record_batch(smallint, json, json, json, json, int, json, json, json, json)')
    this.addSql(RECORD_BATCH)
    this.addSql(`drop table if exists "tokens" cascade;`)
    this.addSql(`drop table if exists "revoked_tokens" cascade;`)
  }

  override down(): void {
    this.addSql(
      `create table "tokens" ("hash" bytea not null, "id" uuid not null, "pass_id" uuid not null, "epoch" int not null, "payload" jsonb not null, "issued_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    )
    this.addSql(`create index "tokens_pass_id_expires_at_index" on "tokens" ("pass_id", "expires_at");`)
    this.addSql(`create index "tokens_expires_at_index" on "tokens" ("expires_at");`)
    this.addSql(
      `create table "revoked_tokens" ("hash" bytea not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    )
    this.addSql(`create index "revoked_tokens_expires_at_index" on "revoked_tokens" ("expires_at");`)
    this.addSql('drop function record_batch(smallint, json, json, json, int, json, json, json, json)')
    this.addSql(RECORD_BATCH_KNOWING_ENDED)
    this.addSql(`drop table if exists "ended_tokens" cascade;`)
    this.addSql(`alter table "activity" drop column "token_epoch", drop column "token_expires_at";`)
  }
}
