import { isAddressAllowed, isRefererAllowed } from '../http/allow-lists.ts'
import type { PassSecrets } from '../passes/pass-secret.ts'
import { whyUnusable } from '../passes/pass-validity.ts'
import type { ClientSnapshot } from './client.store.ts'
import type { Exchange, ProvedCredential } from './exchange.ts'

/** A refusal that only a caller who proved to be the client is told the reason of. */
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
  exchange.credential = undefined
  const secret = await secrets.verify(presented, client?.secrets ?? [], now)
  if (!client || !secret) return false
  acceptProved(exchange, client, secret, now)
  return true
}

/**
 * Notes what the client proved to be itself by, and decides whether it may be used now, from here.
 * @param now milliseconds since the epoch
 * @throws PassRefused when it may not
 */
export function acceptProved(
  exchange: Exchange,
  client: ClientSnapshot,
  credential: ProvedCredential,
  now: number,
): void {
  exchange.credential = credential
  const unusable = whyUnusable(client, now)
  if (unusable) throw new PassRefused(unusable)
  if (!isAddressAllowed(client.allowedIps, exchange.request.clientIp))
    throw new PassRefused(`this Sentinel Pass may not be used from the address ${exchange.request.clientIp}`)
  if (exchange.request.grants && !isRefererAllowed(client.allowedReferers, exchange.request))
    throw new PassRefused(
      'this Sentinel Pass needs a Referer or Origin that matches one of its allowedReferers',
    )
}
