import { readFileSync } from 'node:fs'
import { Migration } from '@mikro-orm/migrations'

const sql = (name: string) =>
  readFileSync(new URL(`./Migration20261127042000_totals_behind_a_mark.${name}.sql`, import.meta.url), 'utf8')
const earlier = () =>
  readFileSync(new URL('./Migration20261127040000_sealed_tokens.sql', import.meta.url), 'utf8')

/** Sums are written apart from the rows, up to a mark of each node; the rows behind it are found by their batch. */
export class Migration20261127042000_totals_behind_a_mark extends Migration {
  override name = 'Migration20261127042000_totals_behind_a_mark'

  override up(): void {
    this.addSql(`alter table "activity" add column "node" smallint null, add column "batch" bigint null;`)
    this.addSql('create index "activity_completed_at_index" on "activity" using brin ("completed_at");')
    this.addSql(
      `alter table "nodes" add column "mark" bigint not null default '0', add column "marked_at" timestamptz(3) null, add column "settled" boolean not null default true;`,
    )
    this.addSql('drop function record_batch(smallint, json, json, json, int, json, json, json, json)')
    this.addSql(sql('record_batch'))
    this.addSql(sql('add_totals'))
  }

  override down(): void {
    this.addSql('drop function add_totals(smallint, uuid, bigint, timestamptz, int, json, json, json)')
    this.addSql('drop function record_batch(smallint, uuid, bigint, json, json, json, int, json, json, json)')
    this.addSql(earlier())
    this.addSql('alter table "nodes" drop column "mark", drop column "marked_at", drop column "settled";')
    this.addSql('drop index "activity_completed_at_index";')
    this.addSql('alter table "activity" drop column "node", drop column "batch";')
  }
}
