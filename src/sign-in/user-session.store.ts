import type { Page, PageRequest } from '../http/pagination.ts'
import { readPage } from '../http/pagination.ts'
import type { Clock } from '../platform/clock.ts'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'

/** How long sessions last, in seconds. */
export interface SessionLimits {
  /** From the sign-in on, however much it is used. */
  readonly longest: number
  /** Without being used. */
  readonly idle: number
}

/** A session as its person is shown it. */
export interface UserSession {
  readonly id: string
  readonly signedInAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  readonly clientIp: string
  readonly userAgent: string
}

/** A use of a session by a browser. */
export interface SessionUse {
  readonly uid: string
  readonly userId: string
  /** The library's time of the sign-in, in seconds since the epoch. */
  readonly loginTs: number
  readonly clientIp: string
  readonly userAgent: string
}

const LONGEST_USER_AGENT = 500
const LISTED = `from user_sessions s join users u on u.id = s.user_id
  where s.user_id = $1 and s.expires_at > $2::timestamptz and exists (select from oidc_artifacts a
    where a.model = 'Session' and a.uid = s.uid and a.expires_at > $2::timestamptz
      and a.payload->>'accountId' = u.id || '.' || u.epoch)`

/** Who is signed in where. */
export class UserSessionStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #limits: SessionLimits

  constructor(database: Database, clock: Clock, limits: SessionLimits) {
    this.#database = database
    this.#clock = clock
    this.#limits = limits
  }

  /**
   * Notes a use.
   * @param signsIn whether the person signs in by it: a session that has ended is begun by nothing else
   * @returns until when it is good, if it is not used again; undefined: it has ended
   */
  async use(use: SessionUse, signsIn: boolean): Promise<Date | undefined> {
    const now = this.#clock.now()
    const [moment, over] = [now, now + this.#limits.longest * 1000].map(time => new Date(time).toISOString())
    const { uid, userId, loginTs, clientIp } = use
    const userAgent = use.userAgent.slice(0, LONGEST_USER_AGENT)
    const values = [uid, userId, loginTs, clientIp, userAgent, moment]
    const rows = await this.#database.query<{ expiresAt: string }>(
      signsIn
        ? `insert into user_sessions as s
             (uid, user_id, login_ts, client_ip, user_agent, signed_in_at, last_used_at, expires_at, id)
           values ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz, $7::timestamptz, $8)
           on conflict (uid) do update set user_id = $2, login_ts = $3, client_ip = $4, user_agent = $5,
             signed_in_at = $6::timestamptz, last_used_at = $6::timestamptz, expires_at = $7::timestamptz
           returning expires_at as "expiresAt"`
        : `update user_sessions set client_ip = $4, user_agent = $5, last_used_at = $6::timestamptz
           where uid = $1 and user_id = $2 and login_ts = $3 and expires_at > $6::timestamptz
           returning expires_at as "expiresAt"`,
      signsIn ? [...values, over, newId()] : values,
    )
    const row = rows[0]
    return row && new Date(Math.min(now + this.#limits.idle * 1000, instantOf(row.expiresAt).getTime()))
  }

  /** The sessions of a person, that used last first. */
  async list(userId: string, request: PageRequest): Promise<Page<UserSession>> {
    const parameters = [userId, this.#clock.date().toISOString()]
    return readPage(request, {
      count: async () => {
        const rows = await this.#database.query<{ count: number }>(
          `select count(*)::int as count ${LISTED}`,
          parameters,
        )
        return rows[0]?.count ?? 0
      },
      read: async (limit, offset) => {
        const rows = await this.#database.query<UserSession>(
          `select s.id, s.signed_in_at as "signedInAt", s.last_used_at as "lastUsedAt", s.expires_at as "expiresAt",
             s.client_ip as "clientIp", s.user_agent as "userAgent"
           ${LISTED} order by s.last_used_at desc, s.id limit $3 offset $4`,
          [...parameters, limit, offset],
        )
        return rows
      },
      position: () => null,
    })
  }

  /** Ends a session of a person, within a transaction. @returns when they had signed in; undefined: there is none */
  async end(em: EntityManager, userId: string, id: string): Promise<Date | undefined> {
    const rows: { signedInAt: string }[] = await em.execute(
      'delete from user_sessions where user_id = ? and id = ? returning signed_in_at as "signedInAt"',
      [userId, id],
    )
    return rows[0] && instantOf(rows[0].signedInAt)
  }

  /** Ends all sessions of a person but one, within a transaction. */
  async endOthers(em: EntityManager, userId: string, id: string): Promise<void> {
    await em.execute('delete from user_sessions where user_id = ? and id <> ?', [userId, id])
  }

  /** Forgets a session that the person has signed out of. */
  async forget(uid: string): Promise<void> {
    await this.#database.query('delete from user_sessions where uid = $1', [uid])
  }

  /** Deletes those that are over. @returns how many, at most `limit` */
  async deleteExpired(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('user_sessions', 'expires_at', now, limit)
  }
}
