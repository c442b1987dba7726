import { Migration } from '@mikro-orm/migrations'

export class Migration20261127043437_sign_in extends Migration {
  override name = 'Migration20261127043437_sign_in'

  override up(): void | Promise<void> {
    this.addSql(
      `create table "user_sessions" ("id" uuid not null, "user_id" uuid not null, "uid" text not null, "login_ts" int not null, "signed_in_at" timestamptz(3) not null, "last_used_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "client_ip" text not null, "user_agent" text not null, primary key ("id"));`,
    )
    this.addSql(`create index "user_sessions_user_id_index" on "user_sessions" ("user_id");`)
    this.addSql(`alter table "user_sessions" add constraint "user_sessions_uid_unique" unique ("uid");`)
    this.addSql(`create index "user_sessions_expires_at_index" on "user_sessions" ("expires_at");`)

    this.addSql(`alter table "organizations" add "requires_totp" boolean not null default false;`)

    this.addSql(
      `alter table "users" add "totp_pending_until" timestamptz(3) null, add "reset_drops_totp" boolean not null default false;`,
    )

    this.addSql(
      `alter table "user_sessions" add constraint "user_sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    )
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "user_sessions" cascade;`)

    this.addSql(`alter table "organizations" drop column "requires_totp";`)

    this.addSql(`alter table "users" drop column "totp_pending_until", drop column "reset_drops_totp";`)
  }
}
