import ipaddr from 'ipaddr.js'
import type { PassSecrets } from '../passes/pass-secret.ts'
import { whyUnusable } from '../passes/pass-validity.ts'
import type { Exchange } from './exchange.ts'

/** A refusal that only a caller who proved the secret is told the reason of. */
export class PassRefused extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'PassRefused'
  }
}

/**
 * Authenticates a pass by its secret and decides whether it may be used now, from here (RFC 6749 section 2.3).
 *
 * @param now milliseconds since the epoch
 * @returns whether the secret is the client's
 * @throws PassRefused when it is, and the pass still may not be used
 */
export async function authenticateBySecret(
  secrets: PassSecrets,
  exchange: Exchange,
  presented: string,
  now: number,
): Promise<boolean> {
  const { client } = exchange
  exchange.secret = undefined
  const secret = await secrets.verify(presented, client?.secrets ?? [], now)
  if (!client || !secret) return false
  exchange.secret = secret
  const unusable = whyUnusable(client, now)
  if (unusable) throw new PassRefused(unusable)
  if (!isAddressAllowed(client.allowedIps, exchange.request.clientIp))
    throw new PassRefused(`this Sentinel Pass may not be used from the address ${exchange.request.clientIp}`)
  if (exchange.request.checksReferer && !isRefererAllowed(client.allowedReferers, exchange.request))
    throw new PassRefused(
      'this Sentinel Pass needs a Referer or Origin that matches one of its allowedReferers',
    )
  return true
}

/** Whether an address is among the allowed ones and ranges; an empty list allows all. */
export function isAddressAllowed(allowed: readonly string[], address: string): boolean {
  if (allowed.length === 0) return true
  if (!ipaddr.isValid(address)) return false
  const actual = ipaddr.process(address)
  return allowed.some(entry => {
    const [network, length] = ipaddr.parseCIDR(
      entry.includes('/') ? entry : `${entry}/${entry.includes(':') ? 128 : 32}`,
    )
    return network.kind() === actual.kind() && actual.match(network, length)
  })
}

/** Whether `Referer` or `Origin` matches one of the patterns; an empty list allows all. */
export function isRefererAllowed(
  patterns: readonly string[],
  headers: { readonly referer: string; readonly origin: string },
): boolean {
  if (patterns.length === 0) return true
  // A pattern for a whole site, with or without a path, also matches the bare origin that browsers send.
  const values = [headers.referer, headers.origin, headers.origin && `${headers.origin}/`].filter(Boolean)
  return patterns.some(pattern => values.some(value => matchesPattern(pattern, value)))
}

/** Matches `*` against any characters, in time linear in the value for each `*`. */
function matchesPattern(pattern: string, value: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return value === first
  if (!value.startsWith(first)) return false
  let position = first.length
  for (const part of rest) {
    const found = value.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return value.length - last.length >= position && value.endsWith(last)
}
