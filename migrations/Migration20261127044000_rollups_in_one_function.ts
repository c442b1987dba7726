import { readFileSync } from 'node:fs'
import { Migration } from '@mikro-orm/migrations'

const NAME = 'Migration20261127044000_rollups_in_one_function'
const EARLIER = 'Migration20261127042000_totals_behind_a_mark'
const sql = (migration: string, name: string) =>
  readFileSync(new URL(`./${migration}.${name}.sql`, import.meta.url), 'utf8')

/** What adds to rollups stands in one function, which both of those that did so by themselves call. */
export class Migration20261127044000_rollups_in_one_function extends Migration {
  override name = NAME

  override up(): void {
    for (const name of ['add_rollups', 'record_batch', 'add_totals']) this.addSql(sql(NAME, name))
  }

  override down(): void {
    this.addSql('drop function add_totals(smallint, uuid, bigint, timestamptz, int, json, json, json)')
    this.addSql('drop function record_batch(smallint, uuid, bigint, json, json, json, int, json, json, json)')
    for (const name of ['record_batch', 'add_totals']) this.addSql(sql(EARLIER, name))
    this.addSql('drop function add_rollups(smallint, int, json, json)')
  }
}
