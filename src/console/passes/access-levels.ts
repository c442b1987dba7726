import { useSuspenseQuery } from '@tanstack/react-query'
import { type PassAttributes, passOptionsQuery } from '../api/passes.ts'

/** What each access level allows on this server. */
export type AccessLevels = Readonly<Record<PassAttributes['accessLevel'], Limits>>

interface Limits {
  readonly grantsPerMinute: number
  readonly maxTokenTtlSeconds: number
}

const NOTHING: Limits = { grantsPerMinute: 0, maxTokenTtlSeconds: 0 }

export function useAccessLevels(): AccessLevels {
  const { data } = useSuspenseQuery(passOptionsQuery)
  const of = (name: PassAttributes['accessLevel']) =>
    data.accessLevels.find(one => one.name === name) ?? NOTHING
  return {
    basic: of('basic'),
    standard: of('standard'),
    premium: of('premium'),
    enterprise: of('enterprise'),
  }
}

/** `900` seconds are `15 minutes`. */
export function inWords(seconds: number): string {
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
