import { v7 } from 'uuid'

/** The UUID that is nobody's (RFC 9562 section 5.9). */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000'

const POOL_BYTES = 4096
const UUID_BYTES = 16
const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES

// The system's random source costs most of a UUID; it is asked once for 256 of them.
function random(): Uint8Array {
  if (used === POOL_BYTES) {
    crypto.getRandomValues(pool)
    used = 0
  }
  used += UUID_BYTES
  return pool.subarray(used - UUID_BYTES, used)
}

/** A new UUIDv7 (RFC 9562): ids that sort by the time they were made. */
export function newId(): string {
  return v7({ rng: random })
}
