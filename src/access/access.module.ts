import type { RateLimiting } from '../http/rate-limiting.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import { Authenticator } from './authenticate.ts'
import { createAuthorize, type ProjectLookup } from './authorize.ts'
import type { RouteName } from './rules.ts'

type Credentials = ConstructorParameters<typeof Authenticator>

/** Who calls, and what they may do: each kind of credential is found by the feature that gives it out. */
export function accessModule(parts: {
  readonly config: Pick<Config, 'apiBaseUrl' | 'organizationCreation'>
  readonly clock: Clock
  readonly database: Pick<Database, 'em'>
  readonly limits: RateLimiting | undefined
  readonly apiKeys: { readonly service: Credentials[0] }
  readonly accessTokens: { readonly store: Credentials[1] }
  readonly signIn: { readonly userTokens: Credentials[2] }
  readonly organizations: { readonly store: ProjectLookup }
  readonly takesQuery: (route: RouteName) => boolean
  readonly takesIfMatch: (route: RouteName) => boolean
}) {
  const { accessTokens, apiKeys, clock, config, database, limits, organizations, signIn } = parts
  const authenticator = new Authenticator(
    apiKeys.service,
    accessTokens.store,
    signIn.userTokens,
    config.apiBaseUrl,
  )
  return {
    authenticator,
    authorize: createAuthorize(
      authenticator,
      organizations.store,
      limits,
      parts.takesQuery,
      parts.takesIfMatch,
      database,
      clock,
      config.organizationCreation,
    ),
  }
}

export type AccessModule = ReturnType<typeof accessModule>
