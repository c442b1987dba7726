/** Writes a batch by the database function `record_batch`; answers the positions of the checks that did not hold. */
export const RECORD =
  'select record_batch($1::smallint, $2::json, $3::json, $4::json, $5::json, $6::int, $7::json, $8::json, $9::json, $10::json) as stale'

/** The same, and where all of it held, the ended tokens are denied until their time, wherever else they are kept. */
export const RECORD_AND_DENY = `
  with recorded as materialized (${RECORD}),
  denied as (
    insert into revoked_tokens (hash, expires_at)
      select distinct on (1) decode(e.hash, 'hex'), e.expires_at
      from json_to_recordset($4::json) as e(hash text, expires_at timestamptz), recorded
      where recorded.stale is null order by 1, 2 desc
      on conflict do nothing
  )
  select stale from recorded`
