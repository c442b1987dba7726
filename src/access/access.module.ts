import type { RateLimiting } from '../http/rate-limiting.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import { type ApiKeys, Authenticator, type PassTokens, type UserTokens } from './authenticate.ts'
import { createAuthorize, type ProjectLookup } from './authorize.ts'
import type { RouteName } from './rules.ts'
import type { Standing } from './standing.ts'

/** Who calls, and what they may do: each kind of credential is found by the feature that gives it out. */
export function accessModule(parts: {
  readonly config: Pick<Config, 'apiBaseUrl' | 'organizationCreation'>
  readonly database: Pick<Database, 'em'>
  readonly limits: RateLimiting | undefined
  readonly apiKeys: { readonly service: ApiKeys; readonly standing: Standing['ofKey'] }
  readonly accessTokens: { readonly store: PassTokens }
  readonly signIn: { readonly userTokens: UserTokens; readonly standing: Standing['ofUser'] }
  readonly passes: { readonly standing: Standing['ofPass'] }
  readonly organizations: { readonly store: ProjectLookup }
  readonly takesQuery: (route: RouteName) => boolean
  readonly takesIfMatch: (route: RouteName) => boolean
}) {
  const { accessTokens, apiKeys, config, database, limits, organizations, passes, signIn } = parts
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
      { ofKey: apiKeys.standing, ofPass: passes.standing, ofUser: signIn.standing },
      config.organizationCreation,
    ),
  }
}

export type AccessModule = ReturnType<typeof accessModule>
