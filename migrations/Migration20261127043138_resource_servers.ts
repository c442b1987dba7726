import { Migration } from '@mikro-orm/migrations'

/** Resources that tokens can be for belong to somebody. */
export class Migration20261127043138_resource_servers extends Migration {
  override name = 'Migration20261127043138_resource_servers'

  override up(): void {
    this.addSql(
      `create table "resource_servers" ("id" uuid not null, "project_id" uuid not null, "resource" text not null, "uri" text not null, "origin" text not null, "title" text not null, "token_format" text null, "signing_alg" text null, "scopes" jsonb not null, "max_token_ttl" int null, "shared" boolean not null, "verified_at" timestamptz(3) null, "version" int not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(`create index "resource_servers_project_id_index" on "resource_servers" ("project_id");`)
    this.addSql(
      `alter table "resource_servers" add constraint "resource_servers_resource_unique" unique ("resource");`,
    )
    this.addSql(`alter table "resource_servers" add constraint "resource_servers_uri_unique" unique ("uri");`)
    this.addSql(`create index "resource_servers_origin_index" on "resource_servers" ("origin");`)

    this.addSql(
      `alter table "resource_servers" add constraint "resource_servers_project_id_foreign" foreign key ("project_id") references "projects" ("id") on delete restrict;`,
    )
  }

  override down(): void {
    this.addSql(`drop table if exists "resource_servers" cascade;`)
  }
}
