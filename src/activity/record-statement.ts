/** Writes a batch by the database function `record_batch`; answers the positions of the checks that did not hold. */
export const RECORD =
  'select record_batch($1::smallint, $2::json, $3::json, $4::json, $5::int, $6::json, $7::json, $8::json, $9::json) as stale'
