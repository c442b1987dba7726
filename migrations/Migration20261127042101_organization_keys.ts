import { Migration } from '@mikro-orm/migrations'

export class Migration20261127042101_organization_keys extends Migration {
  override name = 'Migration20261127042101_organization_keys'

  override up(): void | Promise<void> {
    this.addSql(`alter table "api_keys" add "organization_id" uuid null, add "role" text null;`)
    this.addSql(
      `alter table "api_keys" add constraint "api_keys_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id") on delete cascade;`,
    )
    this.addSql(`alter table "api_keys" alter column "project_id" drop not null;`)
    this.addSql(`create index "api_keys_organization_id_index" on "api_keys" ("organization_id");`)
    this.addSql(
      `alter table "api_keys" add constraint "api_keys_owner_check" check ((project_id is null) <> (organization_id is null) and (organization_id is null) = (role is null));`,
    )
  }

  override down(): void | Promise<void> {
    this.addSql(`delete from "api_keys" where "project_id" is null;`)
    this.addSql(`alter table "api_keys" drop constraint "api_keys_organization_id_foreign";`)

    this.addSql(`drop index "api_keys_organization_id_index";`)
    this.addSql(`alter table "api_keys" drop constraint "api_keys_owner_check";`)
    this.addSql(`alter table "api_keys" drop column "organization_id", drop column "role";`)
    this.addSql(`alter table "api_keys" alter column "project_id" set not null;`)
  }
}
