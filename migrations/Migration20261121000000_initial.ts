import { Migration } from '@mikro-orm/migrations'

export class Migration20261121000000_initial extends Migration {
  override name = 'Migration20261121000000_initial'

  override up(): void | Promise<void> {
    this.addSql(
      `create table "activity" ("agent_user_id" uuid not null, "started_at" timestamptz(3) not null, "id" uuid not null, "project_id" uuid null, "activity_type" text not null, "endpoint" text not null, "http_method" text not null, "status_code" smallint not null, "success" boolean not null, "client_ip" text null, "user_agent" text null, "completed_at" timestamptz(3) not null, "duration_ms" int not null, "error_message" text null, "metadata" jsonb not null, primary key ("agent_user_id", "started_at", "id")) partition by range ("started_at");`,
    )
    this.addSql(`create table "activity_default" partition of "activity" default;`)

    this.addSql(
      `create table "activity_endpoints" ("agent_user_id" uuid not null, "grain" text not null, "period_start" timestamptz(0) not null, "activity_type" text not null, "hash" bigint not null, primary key ("agent_user_id", "grain", "period_start", "activity_type", "hash"));`,
    )

    this.addSql(
      `create table "activity_rollups" ("agent_user_id" uuid not null, "hour" timestamptz(0) not null, "node" smallint not null, "activity_type" text not null, "requests" bigint not null, "successes" bigint not null, "duration_ms" bigint not null, "latency" int4[] not null, primary key ("agent_user_id", "hour", "node", "activity_type"));`,
    )

    this.addSql(
      `create table "audit_events" ("id" uuid not null, "project_id" uuid not null, "actor_type" text not null, "actor_id" text null, "actor_name" text not null, "action" text not null, "target_type" text not null, "target_id" uuid not null, "target_name" text not null, "client_ip" text null, "before" jsonb null, "after" jsonb null, "created_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(
      `create index "audit_events_project_id_created_at_id_index" on "audit_events" ("project_id", "created_at", "id");`,
    )

    this.addSql(
      `create table "nodes" ("id" smallint not null, "holder" uuid not null, "leased_until" timestamptz(3) not null, primary key ("id"));`,
    )

    this.addSql(
      `create table "organizations" ("id" uuid not null, "name" text not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    )

    this.addSql(
      `create table "pass_usage" ("agent_user_id" uuid not null, "credential_id" uuid not null, "node" smallint not null, "uses" bigint not null, "last_used_at" timestamptz(3) not null, "last_used_ip" text null, primary key ("agent_user_id", "credential_id", "node"));`,
    )

    this.addSql(
      `create table "projects" ("id" uuid not null, "organization_id" uuid not null, "name" text not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`create index "projects_organization_id_index" on "projects" ("organization_id");`)

    this.addSql(
      `create table "api_keys" ("id" uuid not null, "project_id" uuid not null, "note" text not null, "digest" bytea not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) null, "last_used_at" timestamptz(3) null, primary key ("id"));`,
    )
    this.addSql(`create index "api_keys_project_id_index" on "api_keys" ("project_id");`)
    this.addSql(`alter table "api_keys" add constraint "api_keys_digest_unique" unique ("digest");`)

    this.addSql(
      `create table "agents" ("id" uuid not null, "project_id" uuid not null, "created_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`create index "agents_project_id_index" on "agents" ("project_id");`)

    this.addSql(
      `create table "passes" ("id" uuid not null, "project_id" uuid not null, "agent_id" uuid not null, "client_id" text not null, "pass_id" text not null, "title" text not null, "agent_type" text not null, "description" text not null, "integration_notes" text not null, "access_level" text not null, "organization_name" text null, "usage_type" text not null, "valid_from" timestamptz(3) not null, "valid_until" timestamptz(3) null, "permissions" text[] not null, "scopes" text[] not null, "allowed_referers" text[] not null, "credential_type" text not null, "entity_type" text not null, "entity_id" text not null, "tags" text[] not null, "token_format" text not null, "token_ttl" int null, "resources" text[] not null, "allowed_ips" text[] not null, "jwks" jsonb null, "active" boolean not null, "version" int not null, "epoch" int not null, "last_rotated_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`alter table "passes" add constraint "passes_agent_id_unique" unique ("agent_id");`)
    this.addSql(`alter table "passes" add constraint "passes_client_id_unique" unique ("client_id");`)
    this.addSql(`create index "passes_project_id_created_at_index" on "passes" ("project_id", "created_at");`)
    this.addSql(
      `alter table "passes" add constraint "passes_project_id_pass_id_unique" unique ("project_id", "pass_id");`,
    )

    this.addSql(
      `create table "pass_secrets" ("id" uuid not null, "pass_id" uuid not null, "digest" bytea not null, "hash" text not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) null, primary key ("id"));`,
    )
    this.addSql(`create index "pass_secrets_pass_id_index" on "pass_secrets" ("pass_id");`)

    this.addSql(
      `create table "refusal_windows" ("agent_user_id" uuid not null, "client_ip" text not null, "minute" timestamptz(0) not null, "attempts" int not null, "summary_id" uuid null, "summary_started_at" timestamptz(3) null, primary key ("agent_user_id", "client_ip", "minute"));`,
    )

    this.addSql(
      `create table "signing_keys" ("kid" text not null, "alg" text not null, "sealed_jwk" bytea not null, "created_at" timestamptz(3) not null, primary key ("kid"));`,
    )

    this.addSql(
      `create table "tokens" ("hash" bytea not null, "id" uuid not null, "pass_id" uuid not null, "epoch" int not null, "payload" jsonb not null, "issued_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    )
    this.addSql(`create index "tokens_pass_id_expires_at_index" on "tokens" ("pass_id", "expires_at");`)

    this.addSql(
      `create table "tombstones" ("agent_user_id" uuid not null, "project_id" uuid not null, "sentinel_pass_id" uuid not null, "pass_id" text not null, "title" text not null, "client_id" text not null, "deleted_at" timestamptz(3) not null, primary key ("agent_user_id"));`,
    )
    this.addSql(`create index "tombstones_project_id_index" on "tombstones" ("project_id");`)

    this.addSql(
      `alter table "projects" add constraint "projects_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id") on delete restrict;`,
    )

    this.addSql(
      `alter table "api_keys" add constraint "api_keys_project_id_foreign" foreign key ("project_id") references "projects" ("id") on delete restrict;`,
    )

    this.addSql(
      `alter table "agents" add constraint "agents_project_id_foreign" foreign key ("project_id") references "projects" ("id") on delete restrict;`,
    )

    this.addSql(
      `alter table "passes" add constraint "passes_project_id_foreign" foreign key ("project_id") references "projects" ("id") on delete restrict;`,
    )
    this.addSql(
      `alter table "passes" add constraint "passes_agent_id_foreign" foreign key ("agent_id") references "agents" ("id") on delete restrict;`,
    )

    this.addSql(
      `alter table "pass_secrets" add constraint "pass_secrets_pass_id_foreign" foreign key ("pass_id") references "passes" ("id") on delete cascade;`,
    )
  }
}
