import type { Recorder } from '../activity/recorder.ts'
import type { Clock } from '../platform/clock.ts'
import { grantOf } from './acts.ts'
import type { JwtAccessTokens } from './jwt-access-tokens.ts'
import type { AccessTokenArtifacts } from './oidc-adapter.ts'
import { oauthError } from './oidc-internals.ts'
import { currentExchange } from './provider.ts'
import { type TokenStore, tokenEnd } from './token.store.ts'

/**
 * Access tokens as the library saves, finds and ends them. Saving is the commit of the whole grant: when it returns,
 * the token and its row are there; when the pass has changed meanwhile, neither is, and the exchange is stale.
 *
 * What is handed back to the library has no times: whether a token is live is decided here, once.
 */
export function createArtifacts(
  tokens: TokenStore,
  recorder: Recorder,
  jwts: JwtAccessTokens,
  clock: Clock,
): AccessTokenArtifacts {
  return {
    async save(value, payload, expiresInSeconds) {
      const exchange = currentExchange()
      const grant = await grantOf(exchange, jwts, value, payload, expiresInSeconds, clock.now())
      exchange.accessToken = grant.value
      if ((await recorder.commit(grant.act)) === 'committed') return
      exchange.stale = true
      throw oauthError(503, 'temporarily_unavailable', 'the Sentinel Pass is being changed; try again')
    },
    async find(value) {
      const exchange = currentExchange()
      exchange.token = await tokens.find(exchange.shownToken ?? value)
      return exchange.token?.live ? { ...exchange.token.payload, jti: value } : undefined
    },
    // Carried out by the commit that records the call.
    async destroy() {
      const { revocations, token } = currentExchange()
      if (token) revocations.push(tokenEnd(token))
    },
  }
}
