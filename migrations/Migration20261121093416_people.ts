import { Migration } from '@mikro-orm/migrations'

export class Migration20261121093416_people extends Migration {
  override name = 'Migration20261121093416_people'

  override up(): void | Promise<void> {
    this.addSql(
      `create table "invitations" ("id" uuid not null, "organization_id" uuid not null, "email" text not null, "role" text not null, "digest" bytea not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "accepted_at" timestamptz(3) null, primary key ("id"));`,
    )
    this.addSql(`create index "invitations_organization_id_index" on "invitations" ("organization_id");`)
    this.addSql(`alter table "invitations" add constraint "invitations_digest_unique" unique ("digest");`)

    this.addSql(
      `create table "oidc_artifacts" ("model" text not null, "id_hash" bytea not null, "payload" jsonb not null, "grant_id" text null, "uid" text null, "consumed_at" timestamptz(3) null, "expires_at" timestamptz(3) not null, primary key ("model", "id_hash"));`,
    )
    this.addSql(`create index "oidc_artifacts_grant_id_index" on "oidc_artifacts" ("grant_id");`)
    this.addSql(`create index "oidc_artifacts_uid_index" on "oidc_artifacts" ("uid");`)
    this.addSql(`create index "oidc_artifacts_expires_at_index" on "oidc_artifacts" ("expires_at");`)

    this.addSql(
      `create table "sign_in_attempts" ("digest" bytea not null, "failures" int not null, "last_at" timestamptz(3) not null, primary key ("digest"));`,
    )
    this.addSql(`create index "sign_in_attempts_last_at_index" on "sign_in_attempts" ("last_at");`)

    this.addSql(
      `create table "users" ("id" uuid not null, "email" text not null, "name" text not null, "password_hash" text not null, "epoch" int not null, "totp_secret" bytea null, "totp_pending_secret" bytea null, "totp_last_step" int null, "reset_digest" bytea null, "reset_expires_at" timestamptz(3) null, "last_signed_in_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`alter table "users" add constraint "users_email_unique" unique ("email");`)
    this.addSql(`alter table "users" add constraint "users_reset_digest_unique" unique ("reset_digest");`)

    this.addSql(
      `create table "members" ("id" uuid not null, "organization_id" uuid not null, "user_id" uuid not null, "role" text not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`create index "members_user_id_index" on "members" ("user_id");`)
    this.addSql(
      `alter table "members" add constraint "members_organization_id_user_id_unique" unique ("organization_id", "user_id");`,
    )

    this.addSql(`alter table "audit_events" add "organization_id" uuid null;`)
    this.addSql(`alter table "audit_events" alter column "project_id" drop not null;`)
    this.addSql(
      `create index "audit_events_organization_id_created_at_id_index" on "audit_events" ("organization_id", "created_at", "id");`,
    )

    this.addSql(
      `alter table "invitations" add constraint "invitations_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id") on delete restrict;`,
    )

    this.addSql(
      `alter table "members" add constraint "members_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id") on delete restrict;`,
    )
    this.addSql(
      `alter table "members" add constraint "members_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    )
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "members" drop constraint "members_user_id_foreign";`)

    this.addSql(`drop table if exists "invitations" cascade;`)
    this.addSql(`drop table if exists "oidc_artifacts" cascade;`)
    this.addSql(`drop table if exists "sign_in_attempts" cascade;`)
    this.addSql(`drop table if exists "users" cascade;`)
    this.addSql(`drop table if exists "members" cascade;`)

    this.addSql(`drop index "audit_events_organization_id_created_at_id_index";`)
    this.addSql(`alter table "audit_events" drop column "organization_id";`)
    this.addSql(`alter table "audit_events" alter column "project_id" set not null;`)
  }
}
