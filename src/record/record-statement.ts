/** Writes a batch by the database function `record_batch`; answers the positions of the checks that did not hold. */
export const RECORD =
  'select record_batch($1::smallint, $2::uuid, $3::bigint, $4::json, $5::json, $6::json, $7::int, $8::json, $9::json, $10::json) as stale'
