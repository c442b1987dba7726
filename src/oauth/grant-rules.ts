import { settledTokenTtl } from '../platform/config.ts'
import { parseResourceUri } from '../resource-servers/resource-uri.ts'
import { type ClientSnapshot, ownResource, type ResourceOfClient } from './client.store.ts'

/** What is asked for and cannot be granted, as the protocol calls it (RFC 6749 section 5.2, RFC 8707 section 2). */
export class NotGranted extends Error {
  readonly code: 'invalid_scope' | 'invalid_target'
  /** The scopes that were refused. */
  readonly scope: string | undefined

  constructor(code: NotGranted['code'], message: string, scope?: string) {
    super(message)
    this.name = 'NotGranted'
    this.code = code
    this.scope = scope
  }
}

/** A scope that a pass which holds it is granted only when it asks for it by name. */
const ASKED_BY_NAME = 'a2a'
/** So many resources a refusal names. */
const NAMED_MAX = 10

/**
 * The one place where the scopes of a grant are decided (RFC 6749 section 3.3): those asked for or, when none is
 * named, all of the pass's but the one that has to be.
 *
 * @param requested the `scope` parameter
 * @throws NotGranted `invalid_scope` when one of them is not the pass's; nothing is dropped silently
 */
export function grantedScopes(requested: string | undefined, held: readonly string[]): readonly string[] {
  if (requested === undefined || requested === '') return held.filter(scope => scope !== ASKED_BY_NAME)
  const asked = [...new Set(requested.split(' '))]
  const refused = asked.filter(scope => !held.includes(scope))
  if (refused.length > 0)
    throw new NotGranted(
      'invalid_scope',
      `this Sentinel Pass does not hold ${refused.join(' ')}; it holds ${held.join(' ') || 'no scope'}`,
      refused.join(' '),
    )
  return asked
}

/**
 * How long a token lives, in seconds: the pass's own setting or its access level's longest, never longer than its
 * resource server wants, nor than the pass.
 * @param target that it is for; undefined: none was named
 * @param now milliseconds since the epoch
 */
export function tokenTtlSeconds(
  client: ClientSnapshot,
  target: ResourceOfClient | undefined,
  now: number,
): number {
  const set = Math.min(settledTokenTtl(client), target?.maxTokenTtl ?? Number.POSITIVE_INFINITY)
  if (!client.validUntil) return set
  return Math.max(1, Math.min(set, Math.floor((client.validUntil.getTime() - now) / 1000)))
}

/**
 * The one place where it is decided which resource a token is for (RFC 8707): one that the pass lists and whose owner is
 * known, or this server's own API.
 * @param resource as it was asked for, in any spelling
 * @throws NotGranted `invalid_target` for any other, which names what may be asked for
 */
export function targetOf(client: ClientSnapshot, resource: string, apiBaseUrl: string): ResourceOfClient {
  const known = [...client.resources, ownResource(apiBaseUrl)]
  const uri = parseResourceUri(resource)?.uri
  const found = known.find(candidate => candidate.uri === uri)
  if (found?.verified) return found
  const names = known.filter(({ verified }) => verified).map(printable)
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : ''
  const why = found
    ? `${printable(found)} is not verified yet: its owner has to verify the resource server first`
    : 'this Sentinel Pass may not name that resource'
  throw new NotGranted('invalid_target', `${why}; it may name ${names.slice(0, NAMED_MAX).join(', ')}${more}`)
}

/** What an error may say (RFC 6749 section 5.2): printable ASCII. */
function printable({ resource, uri }: ResourceOfClient): string {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(resource) ? resource : uri
}
