import type { Database } from '../platform/database.ts'

/** Failures in a row that cost nothing. */
const FREE_FAILURES = 5
const LONGEST_WAIT_SECONDS = 300
/** After so long without one, failures are forgotten. */
const FORGOTTEN_AFTER_SECONDS = 86_400

/** Failed sign-ins in a row, by the keyed digest of the email. */
export class SignInAttemptsStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Counts an attempt as failed before it is judged, so that many at once are no way round the wait: each failure
   * after the fifth doubles it, from one second to five minutes.
   * @returns the seconds to wait, 0 where the attempt may be made; and whether it is the one after which to wait, if it fails
   */
  async begin(digest: Buffer, now: Date): Promise<{ readonly wait: number; readonly slows: boolean }> {
    const wait = `(case when failures < ${FREE_FAILURES} then 0
      else least(${LONGEST_WAIT_SECONDS}, power(2, least(failures - ${FREE_FAILURES}, 20))) end)`
    const parameters = [digest, now.toISOString()]
    const begun = await this.#database.query<{ failures: number }>(
      `insert into sign_in_attempts as a (digest, failures, last_at) values ($1, 1, $2::timestamptz)
       on conflict (digest) do update set last_at = $2::timestamptz, failures = case
         when a.last_at <= $2::timestamptz - interval '${FORGOTTEN_AFTER_SECONDS} seconds' then 1
         else a.failures + 1 end
       where a.last_at + ${wait.replaceAll('failures', 'a.failures')} * interval '1 second' <= $2::timestamptz
       returning failures`,
      parameters,
    )
    if (begun[0]) return { wait: 0, slows: begun[0].failures === FREE_FAILURES }
    const rows = await this.#database.query<{ seconds: number }>(
      `select ceil(extract(epoch from last_at - $2::timestamptz) + ${wait})::int as seconds
       from sign_in_attempts where digest = $1`,
      parameters,
    )
    return { wait: Math.max(1, rows[0]?.seconds ?? 1), slows: false }
  }

  /** Forgets the failures of an email: it was proved. */
  async succeed(digest: Buffer): Promise<void> {
    await this.#database.query('delete from sign_in_attempts where digest = $1', [digest])
  }

  /** Deletes what is forgotten anyway. @returns how many, at most `limit` */
  async deleteForgotten(now: Date, limit: number): Promise<number> {
    const forgotten = new Date(now.getTime() - FORGOTTEN_AFTER_SECONDS * 1000)
    return this.#database.deletePast('sign_in_attempts', 'last_at', forgotten, limit)
  }
}
