import { errors, type ResourceServer } from 'oidc-provider'
import { settledTokenTtl } from '../platform/config.ts'
import type { ClientSnapshot } from './client.store.ts'

/** A scope that a pass which holds it is granted only when it asks for it by name. */
const ASKED_BY_NAME = 'a2a'

/**
 * The one place where the scopes of a grant are decided (RFC 6749 section 3.3): those asked for or, when none is
 * named, all of the pass's but the one that has to be.
 *
 * @param requested the `scope` parameter
 * @throws InvalidScope when one of them is not the pass's; nothing is dropped silently
 */
export function grantedScopes(requested: string | undefined, held: readonly string[]): readonly string[] {
  if (requested === undefined || requested === '') return held.filter(scope => scope !== ASKED_BY_NAME)
  const asked = [...new Set(requested.split(' '))]
  const refused = asked.filter(scope => !held.includes(scope))
  if (refused.length > 0)
    throw new errors.InvalidScope(
      `this Sentinel Pass does not hold ${refused.join(' ')}; it holds ${held.join(' ') || 'no scope'}`,
      refused.join(' '),
    )
  return asked
}

/**
 * How long a token lives, in seconds: the pass's own setting or its access level's longest, and never longer than
 * the pass.
 * @param now milliseconds since the epoch
 */
export function tokenTtlSeconds(client: ClientSnapshot, now: number): number {
  const set = settledTokenTtl(client)
  if (!client.validUntil) return set
  return Math.max(1, Math.min(set, Math.floor((client.validUntil.getTime() - now) / 1000)))
}

/**
 * The resource server that a grant is for (RFC 8707): one that the pass may name, or this server's own API.
 * @throws InvalidTarget for any other
 */
export function resourceServer(
  client: ClientSnapshot,
  scopes: readonly string[],
  resource: string,
  apiBaseUrl: string,
): ResourceServer {
  if (resource !== apiBaseUrl && !client.resources.includes(resource))
    throw new errors.InvalidTarget(`this Sentinel Pass may not name the resource ${resource}`)
  return { scope: scopes.join(' '), audience: resource, accessTokenFormat: 'opaque' }
}
