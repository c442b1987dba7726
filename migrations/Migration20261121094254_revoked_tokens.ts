import { Migration } from '@mikro-orm/migrations'

export class Migration20261121094254_revoked_tokens extends Migration {
  override name = 'Migration20261121094254_revoked_tokens'

  override up(): void | Promise<void> {
    this.addSql(
      `create table "revoked_tokens" ("hash" bytea not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    )
    this.addSql(`create index "revoked_tokens_expires_at_index" on "revoked_tokens" ("expires_at");`)
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "revoked_tokens" cascade;`)
  }
}
