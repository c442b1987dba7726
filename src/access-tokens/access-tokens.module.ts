import type { MountApi } from '../access/authorize.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { PassesModule } from '../passes/passes.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { SigningKeysModule } from '../signing-keys/signing-keys.module.ts'
import { AccessTokens } from './access-tokens.ts'
import { JwtAccessTokens } from './jwt-access-tokens.ts'
import { LiveTokenStore } from './live-token.store.ts'
import { passTokenRoutes } from './pass-token.routes.ts'
import { PassTokenService } from './pass-token.service.ts'
import { SealedTokens } from './sealed-token.ts'
import { SignedTokens } from './signed-token.ts'
import { TokenStore } from './token.store.ts'

/** Access tokens, sealed and signed: made, read again, judged, listed and ended. */
export function accessTokensModule(parts: {
  readonly audit: Pick<AuditModule, 'trail'>
  readonly clock: Clock
  readonly config: Pick<Config, 'apiBaseUrl' | 'defaultSigningAlg' | 'publicUrl' | 'secretKeys'>
  readonly database: Database
  readonly passes: Pick<PassesModule, 'store'>
  readonly signingKeys: Pick<SigningKeysModule, 'store'>
}) {
  const { audit, clock, config, database, passes, signingKeys } = parts
  const { apiBaseUrl, publicUrl } = config
  const sealed = new SealedTokens(config.secretKeys)
  const tokens = new AccessTokens(
    sealed,
    new SignedTokens(publicUrl, kid => signingKeys.store.verifier(kid)),
    new JwtAccessTokens(publicUrl, apiBaseUrl, config.defaultSigningAlg, alg =>
      signingKeys.store.signer(alg),
    ),
    () => clock.now(),
  )
  const live = new LiveTokenStore(database, clock, apiBaseUrl)
  const service = new PassTokenService(database, passes.store, live, audit.trail)
  const mount: MountApi = (api, authorize) => passTokenRoutes(api, authorize, service)
  return {
    /** Makes and reads them. */
    tokens,
    sealed,
    /** Says which are good. */
    store: new TokenStore(database, clock, value => tokens.open(value), apiBaseUrl),
    /** The tokens of a pass, for those who manage it. */
    service,
    mount,
  }
}

export type AccessTokensModule = ReturnType<typeof accessTokensModule>
