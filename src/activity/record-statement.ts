/** Writes a batch by the database function `record_batch`; answers the positions of the checks that did not hold. */
export const RECORD =
  'select record_batch($1::smallint, $2::json, $3::json, $4::json, $5::json, $6::int, $7::json, $8::json, $9::json, $10::json) as stale'

/**
 * The same, and where all of it held, the ended tokens are denied until their time, wherever else they are kept. What
 * has had its time is cleared away, past rows that another node is clearing.
 */
export const RECORD_AND_DENY = `
  with recorded as materialized (${RECORD}),
  denied as (
    insert into revoked_tokens (hash, expires_at)
      select distinct on (1) decode(e.hash, 'hex'), e.expires_at
      from json_to_recordset($4::json) as e(hash text, expires_at timestamptz), recorded
      where recorded.stale is null order by 1, 2 desc
      on conflict do nothing
  ),
  cleared as (
    delete from revoked_tokens where hash in (
      select hash from revoked_tokens where expires_at <= $11::timestamptz limit 1000 for update skip locked)
  )
  select stale from recorded`
