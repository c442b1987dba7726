import { z } from 'zod'
import rateLimits from '../../config/rate-limits.json' with { type: 'json' }
import { ACCESS_LEVELS, type AccessLevel, accessLevelLimits } from './access-levels.ts'
import { jsonFile } from './json-file.ts'

/** So many in a window, which starts with the first of them. */
export interface RateLimit {
  readonly limit: number
  readonly windowSeconds: number
}

export type RateLimitsByLevel = Readonly<Record<AccessLevel, RateLimit>>

/** What may be asked for how often. */
export interface RateLimits {
  /** Token requests of one pass that proved its secret. */
  readonly grants: RateLimitsByLevel
  /** Other calls of one pass, by its secret or its access token. */
  readonly calls: RateLimitsByLevel
  /** Calls of one person who is signed in. */
  readonly people: RateLimit
  /** Calls with one API key. */
  readonly keys: RateLimit
  /** Attempts from one address that did not prove who they are. */
  readonly failures: RateLimit
  /** Sign-ins that are begun from one address, each of which is kept until it is done. */
  readonly authorizations: RateLimit
}

const windowSeconds = z.int().min(1).max(86_400)
const limit = z.int().positive()
const limits = z.record(z.enum(ACCESS_LEVELS), limit)

const rateLimitsTable = z
  .strictObject({
    /** Without `limits`: the grants a minute of `config/access-levels.json`. */
    grants: z.strictObject({ windowSeconds, limits: limits.optional() }),
    calls: z.strictObject({ windowSeconds, limits }),
    people: z.strictObject({ windowSeconds, limit }).default(rateLimits.people),
    keys: z.strictObject({ windowSeconds, limit }).default(rateLimits.keys),
    failures: z.strictObject({ windowSeconds, limit }),
    authorizations: z.strictObject({ windowSeconds, limit }).default(rateLimits.authorizations),
  })
  .transform(
    ({ grants, calls, ...byAddress }): RateLimits => ({
      grants: byLevel(level => ({
        limit:
          grants.limits?.[level] ?? perWindow(accessLevelLimits[level].grantsPerMinute, grants.windowSeconds),
        windowSeconds: grants.windowSeconds,
      })),
      calls: byLevel(level => ({ limit: calls.limits[level], windowSeconds: calls.windowSeconds })),
      ...byAddress,
    }),
  )

/** The table of `config/rate-limits.json`. */
export const defaultRateLimits: RateLimits = rateLimitsTable.parse(rateLimits)

/** Reads a file with such a table, by its path. */
export const rateLimitsFile = jsonFile(
  rateLimitsTable,
  'off, or the path of a file in the form of config/rate-limits.json',
)

function byLevel(of: (level: AccessLevel) => RateLimit): RateLimitsByLevel {
  const [basic, standard, premium, enterprise] = ACCESS_LEVELS
  return {
    [basic]: of(basic),
    [standard]: of(standard),
    [premium]: of(premium),
    [enterprise]: of(enterprise),
  }
}

function perWindow(perMinute: number, windowSeconds: number): number {
  return Math.max(1, Math.floor((perMinute * windowSeconds) / 60))
}
