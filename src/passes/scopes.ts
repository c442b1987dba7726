import { z } from 'zod'
import descriptions from '../../config/scopes.json' with { type: 'json' }

const known: ReadonlyMap<string, string> = new Map(
  Object.entries(z.record(z.string(), z.string()).parse(descriptions)),
)

/** The scopes that have a description of their own, as `config/scopes.json` has them. */
export const DESCRIBED_SCOPES: readonly { readonly scope: string; readonly description: string }[] = [
  ...known,
].map(([scope, description]) => ({ scope, description }))

/** What a scope means to a person: from `config/scopes.json`, else derived (`read:data` is *Read Data*). */
export function describeScope(scope: string): string {
  return (
    known.get(scope) ??
    scope
      .split(/[^A-Za-z0-9]+/)
      .filter(Boolean)
      .map(word => word.charAt(0).toUpperCase() + word.slice(1))
      .join(' ')
  )
}

const CAPABILITIES: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['Data Read', ['read', 'list', 'view', 'get']],
  ['Data Write', ['write', 'create', 'update', 'edit', 'delete']],
  ['Administration', ['admin', 'manage', 'owner']],
  ['Agent to Agent', ['a2a']],
]

/** What a pass can do, in a few words, from its scopes and permissions. */
export function capabilitiesOf(scopes: readonly string[], permissions: readonly string[]): string[] {
  const all = [...scopes, ...permissions]
  const words = new Set(all.flatMap(scope => scope.toLowerCase().split(/[^a-z0-9]+/)))
  return [
    'API Access',
    ...CAPABILITIES.filter(([, verbs]) => verbs.some(verb => words.has(verb))).map(([name]) => name),
    ...(all.some(scope => scope.startsWith('passes:')) ? ['Pass Management'] : []),
    ...(all.some(scope => scope.startsWith('activity:')) ? ['Activity Access'] : []),
  ]
}
