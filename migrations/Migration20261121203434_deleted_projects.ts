import { Migration } from '@mikro-orm/migrations'

/** What remains of a deleted project, and the order in which what remains of passes is deleted. */
export class Migration20261121203434_deleted_projects extends Migration {
  override up(): void {
    this.addSql(
      `create table "project_tombstones" ("id" uuid not null, "organization_id" uuid not null, "name" text not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "deleted_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(
      `create index "project_tombstones_organization_id_index" on "project_tombstones" ("organization_id");`,
    )
    this.addSql(`create index "project_tombstones_deleted_at_index" on "project_tombstones" ("deleted_at");`)

    this.addSql(`create index "tombstones_deleted_at_index" on "tombstones" ("deleted_at");`)
  }

  override down(): void {
    this.addSql(`drop table if exists "project_tombstones" cascade;`)

    this.addSql(`drop index "tombstones_deleted_at_index";`)
  }
}
