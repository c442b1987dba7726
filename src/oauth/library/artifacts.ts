import type { AccessTokens } from '../../access-tokens/access-tokens.ts'
import { type TokenStore, tokenEnd } from '../../access-tokens/token.store.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Recorder } from '../../record/recorder.ts'
import { grantOf } from '../acts.ts'
import type { AccessTokenArtifacts } from './oidc-adapter.ts'
import { oauthError } from './oidc-internals.ts'
import { currentExchange } from './provider.ts'

/**
 * Access tokens as the library saves, finds and ends them. Saving is the commit of the whole grant: when it returns,
 * its row is there; when the pass has changed meanwhile, it is not, and the exchange is stale. The value that the library
 * has made is not used: the exchange has the token.
 *
 * What is handed back to the library has no times: whether a token is live is decided here, once.
 */
export function createArtifacts(
  tokens: TokenStore,
  recorder: Recorder,
  accessTokens: Pick<AccessTokens, 'issue'>,
  clock: Clock,
): AccessTokenArtifacts {
  return {
    async save(_value, _payload, expiresInSeconds) {
      const exchange = currentExchange()
      const grant = await grantOf(exchange, accessTokens, expiresInSeconds, clock.now())
      exchange.accessToken = grant.value
      if ((await recorder.commit(grant.act)) === 'committed') return
      exchange.stale = true
      throw oauthError(503, 'temporarily_unavailable', 'the Sentinel Pass is being changed; try again')
    },
    async find(value) {
      const exchange = currentExchange()
      exchange.token = await tokens.find(exchange.shownToken ?? value)
      const { token } = exchange
      if (!token?.live) return undefined
      return { kind: 'ClientCredentials', clientId: token.pass.clientId, jti: value }
    },
    // Carried out by the commit that records the call.
    async destroy() {
      const { revocations, token } = currentExchange()
      if (token) revocations.push(tokenEnd(token))
    },
  }
}
