import { z } from 'zod'
import accessLevels from '../../config/access-levels.json' with { type: 'json' }

/** Tunable limits of an access level, from `config/access-levels.json`. */
export interface AccessLevelLimits {
  readonly grantsPerMinute: number
  readonly maxTokenTtlSeconds: number
  readonly shownAs: 'standard' | 'elevated'
}

export const ACCESS_LEVELS = ['basic', 'standard', 'premium', 'enterprise'] as const
export type AccessLevel = (typeof ACCESS_LEVELS)[number]

const limits = z.strictObject({
  grantsPerMinute: z.int().positive(),
  maxTokenTtlSeconds: z.int().positive(),
  shownAs: z.enum(['standard', 'elevated']),
})

/** What each access level allows, in the order of `ACCESS_LEVELS`. */
export const accessLevelLimits: Readonly<Record<AccessLevel, AccessLevelLimits>> = z
  .record(z.enum(ACCESS_LEVELS), limits)
  .parse(accessLevels)

/** The longest that any token can live. */
export const maxTokenTtlSeconds: number = Math.max(
  ...Object.values(accessLevelLimits).map(level => level.maxTokenTtlSeconds),
)

/** How long tokens of a pass live, in seconds: as it is set, and no longer than its level allows now. */
export function settledTokenTtl(pass: {
  readonly accessLevel: AccessLevel
  readonly tokenTtl?: number | null | undefined
}): number {
  const { maxTokenTtlSeconds: longest } = accessLevelLimits[pass.accessLevel]
  return Math.min(pass.tokenTtl ?? longest, longest)
}
