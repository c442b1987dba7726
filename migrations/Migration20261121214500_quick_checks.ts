import { Migration } from '@mikro-orm/migrations'
import { RECORD_BATCH_KNOWING_ENDED } from './Migration20261121190000_ended_tokens.ts'

const CHECKS = /perform 1 from passes p[^;]*;\s*select array_agg\(c\.position\) into stale[^;]*;/
/** The row that is locked is the newest one, whatever the statement's snapshot has. */
const CHECKS_BY_LOCKED_ROWS = `with held as materialized (
      select p.id, p.version from passes p
        where p.id = any(array(select c.pass_id from json_to_recordset(checks) as c(pass_id uuid)))
        order by p.id for share)
    select array_agg(c.position) into stale
      from json_to_recordset(checks) as c(position int, pass_id uuid, version int)
      left join held h on h.id = c.pass_id and h.version = c.version
      where h.id is null;`

/** The checks of a batch compare the rows that they have locked, where they read the whole table once more. */
export class Migration20261121214500_quick_checks extends Migration {
  override up(): void {
    if (!CHECKS.test(RECORD_BATCH_KNOWING_ENDED)) throw new Error('record_batch has no checks to replace')
    this.addSql(RECORD_BATCH_KNOWING_ENDED.replace(CHECKS, CHECKS_BY_LOCKED_ROWS))
  }

  override down(): void {
    this.addSql(RECORD_BATCH_KNOWING_ENDED)
  }
}
