import type Router from '@koa/router'
import type { AccountsModule } from '../accounts/accounts.module.ts'
import type { RequestState } from '../http/context.ts'
import type { RateLimiting } from '../http/rate-limiting.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { RateLimiter } from '../platform/rate-limiter.ts'
import type { RedisConnection } from '../platform/redis.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import type { SigningKeysModule } from '../signing-keys/signing-keys.module.ts'
import { KnownBrowsers } from './known-browsers.ts'
import { SessionArtifactStore } from './session-artifact.store.ts'
import { createSignInRun, isCodeExchange, signInRoutes } from './sign-in.routes.ts'
import { ATTEMPTS_PER_ADDRESS, SignInService } from './sign-in.service.ts'
import { SignInAttemptsStore } from './sign-in-attempts.store.ts'
import { createSignInProvider, RESPONSE_MODE, SIGN_IN_ROUTES, SIGN_IN_SCOPES } from './sign-in-provider.ts'
import { SignInTrail } from './sign-in-trail.ts'
import { UserSessionStore } from './user-session.store.ts'
import { holdUser } from './user-standing.store.ts'
import { UserTokenStore } from './user-token.store.ts'

/** People who sign in. `trail` notes beside answers, and is to be drained before the database is closed. */
export async function signInModule(parts: {
  readonly accounts: AccountsModule
  readonly clock: Clock
  readonly config: Pick<Config, 'publicUrl' | 'sessions'>
  readonly database: Database
  readonly keys: SecretKeys
  readonly limits: RateLimiting | undefined
  readonly logger: Logger
  readonly redis: RedisConnection | undefined
  readonly signingKeys: Pick<SigningKeysModule, 'store'>
}) {
  const { accounts, clock, config, database, keys, limits, logger, redis } = parts
  const { publicUrl } = config
  const { passwords, users } = accounts
  const trail = new SignInTrail(database, users, accounts.audit, logger)
  const attempts = new SignInAttemptsStore(database)
  const addresses = new RateLimiter('sign_ins', ATTEMPTS_PER_ADDRESS, redis)
  const browsers = new KnownBrowsers(keys, clock)
  const service = new SignInService(users, attempts, passwords, keys, clock, trail, addresses, browsers)
  const sessions = new UserSessionStore(database, clock, config.sessions)
  const artifacts = new SessionArtifactStore(database, clock)
  const signingKeys = () => parts.signingKeys.store.privateKeys('EdDSA')
  const provider = createSignInProvider({
    issuer: publicUrl,
    signingKeys: await signingKeys(),
    cookieKeys: keys.digests('cookies'),
    artifacts,
    sessions,
    sessionLimits: config.sessions,
    users,
  })
  const deps = {
    provider,
    signIn: service,
    trail,
    sessions,
    browsers,
    logger,
    limits,
    publicUrl,
    signingKeys,
  }
  const exchangeCode = createSignInRun(deps)
  return {
    service,
    trail,
    attempts,
    sessions,
    artifacts,
    provider,
    /** Who shows the access token of a sign-in. */
    userTokens: new UserTokenStore(database, clock),
    standing: holdUser,
    /** People at the token endpoint, which they share with passes. */
    atTokenEndpoint: {
      isCodeExchange,
      exchangeCode,
      metadata: { routes: SIGN_IN_ROUTES, responseMode: RESPONSE_MODE, scopes: SIGN_IN_SCOPES },
    },
    mount: (people: Router<RequestState>) => signInRoutes(people, deps, exchangeCode),
  }
}

export type SignInModule = Awaited<ReturnType<typeof signInModule>>
