import { v7 } from 'uuid'
import { randomPooled } from './random.ts'

/** The UUID that is nobody's (RFC 9562 section 5.9). */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000'

const UUID_BYTES = 16
const random = { rng: () => randomPooled(UUID_BYTES) }

/** A new UUIDv7 (RFC 9562): ids that sort by the time they were made. */
export function newId(): string {
  return v7(random)
}
