import { Migration } from '@mikro-orm/migrations'

/** Who made a pass, whether it ends with the pass that made it, and whether its tokens were ended with its switch. */
export class Migration20261127043000_creators_of_passes extends Migration {
  override up(): void {
    this.addSql(
      `alter table "passes" add "tokens_ended" boolean not null default false, add "created_by_type" text null, add "created_by_id" uuid null, add "ends_with_creator" boolean not null default false;`,
    )
    // What is still on the audit trail. Passes that a pass has made go on for as long as they were made for.
    this.addSql(
      `update "passes" p set "created_by_type" = a.actor_type, "created_by_id" = a.actor_id::uuid from "audit_events" a where a.action = 'pass.create' and a.target_type = 'pass' and a.target_id = p.id and a.actor_id is not null;`,
    )
    this.addSql(`create index "passes_created_by_id_index" on "passes" ("created_by_id");`)
  }

  override down(): void {
    this.addSql(`drop index "passes_created_by_id_index";`)
    this.addSql(
      `alter table "passes" drop column "tokens_ended", drop column "created_by_type", drop column "created_by_id", drop column "ends_with_creator";`,
    )
  }
}
