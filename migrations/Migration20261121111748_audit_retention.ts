import { Migration } from '@mikro-orm/migrations'

export class Migration20261121111748_audit_retention extends Migration {
  override name = 'Migration20261121111748_audit_retention'

  override up(): void | Promise<void> {
    this.addSql(`create index "audit_events_created_at_index" on "audit_events" ("created_at");`)
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "audit_events_created_at_index";`)
  }
}
