import { Migration } from '@mikro-orm/migrations'

export class Migration20261127041230_untold_methods extends Migration {
  override name = 'Migration20261127041230_untold_methods'

  override up(): void | Promise<void> {
    this.addSql(`alter table "activity" alter column "http_method" drop not null;`)
    this.addSql(
      `create index activity_failures_index on activity (agent_user_id, started_at, id) where status_code >= 400;`,
    )
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "activity_failures_index";`)
    this.addSql(`alter table "activity" alter column "http_method" set not null;`)
  }
}
