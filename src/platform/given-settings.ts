import { readFileSync } from 'node:fs'

/** Settings that are, or hold, a secret: each can be the content of a file instead, which `NAME_FILE` names. */
export const SECRET_SETTINGS = [
  ...['SECRET_KEY', 'DATABASE_URL', 'REDIS_URL'],
  ...['BOOTSTRAP_API_KEY', 'ADMIN_PASSWORD', 'METRICS_TOKEN'],
] as const

/** What the environment sets, and what is wrong with how it does. */
export interface GivenSettings {
  readonly settings: Readonly<Record<string, string>>
  /** `name: what is wrong`, without any value. */
  readonly faults: readonly string[]
}

/**
 * Reads the settings of the environment and of the files that it names. Line breaks at the end are left off, as editors
 * and `echo` put them there; what is empty counts as not set.
 */
export function givenSettings(env: Readonly<Record<string, string | undefined>>): GivenSettings {
  const settings: Record<string, string> = {}
  const faults: string[] = []
  for (const [name, value] of Object.entries(env)) {
    const trimmed = withoutLineBreak(value ?? '')
    if (trimmed !== '') settings[name] = trimmed
  }
  for (const name of SECRET_SETTINGS) {
    const file = settings[`${name}_FILE`]
    if (file === undefined) continue
    if (settings[name] !== undefined) {
      faults.push(`${name}_FILE: is given beside ${name}: leave one of them out`)
      continue
    }
    const content = contentOf(file)
    if ('fault' in content) faults.push(`${name}_FILE: ${content.fault}`)
    else settings[name] = content.value
  }
  return { settings, faults }
}

function contentOf(file: string): { readonly value: string } | { readonly fault: string } {
  try {
    const value = withoutLineBreak(readFileSync(file, 'utf8'))
    return value === '' ? { fault: `${file} is empty` } : { value }
  } catch (error) {
    return { fault: `cannot be read: ${error instanceof Error ? error.message : error}` }
  }
}

function withoutLineBreak(value: string): string {
  return value.replace(/[\r\n]+$/, '')
}
