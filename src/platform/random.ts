const POOL_BYTES = 8192
const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES

/**
 * Random bytes from the system's source, which is asked for many at once: for small amounts the asking is the cost.
 * @param length up to 8,192
 * @returns bytes that nobody else was given; valid until the next call, so encode or copy them at once
 */
export function randomPooled(length: number): Uint8Array {
  if (used + length > POOL_BYTES) {
    crypto.getRandomValues(pool)
    used = 0
  }
  used += length
  return pool.subarray(used - length, used)
}
