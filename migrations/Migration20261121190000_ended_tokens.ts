import { Migration } from '@mikro-orm/migrations'
import { RECORD_BATCH } from './Migration20261121000001_record_batch.ts'

const CREATE = 'create function record_batch('
const REPLACE = 'create or replace function record_batch('
const DELETE = `delete from tokens t
      using json_to_recordset(tokens_ended)`
/** No pass has this epoch: the token is known, so that who shows it is on record, and good for nothing. */
const END = `update tokens t set epoch = -1
      from json_to_recordset(tokens_ended)`

/** The function as it is from then on. */
export const RECORD_BATCH_KNOWING_ENDED = RECORD_BATCH.replace(CREATE, REPLACE).replace(DELETE, END)

/** A token that is revoked stays known until its time, as one does that ended otherwise. */
export class Migration20261121190000_ended_tokens extends Migration {
  override up(): void {
    this.addSql(RECORD_BATCH_KNOWING_ENDED)
  }

  override down(): void {
    this.addSql('delete from tokens where epoch = -1')
    this.addSql(RECORD_BATCH.replace(CREATE, REPLACE))
  }
}
