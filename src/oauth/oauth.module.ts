import type Router from '@koa/router'
import type { AccessModule } from '../access/access.module.ts'
import type { AccessTokensModule } from '../access-tokens/access-tokens.module.ts'
import { clientCertificate } from '../http/client-certificate.ts'
import type { RequestState } from '../http/context.ts'
import type { httpModule } from '../http/http.module.ts'
import { limitFailures } from '../http/rate-limiting.ts'
import type { Requests } from '../http/request-context.ts'
import type { PassesModule } from '../passes/passes.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import type { Tracing } from '../platform/tracing.ts'
import type { RecordModule } from '../record/record.module.ts'
import type { SigningKeysModule } from '../signing-keys/signing-keys.module.ts'
import { ClientStore } from './client.store.ts'
import { OAUTH_ROUTES } from './endpoints.ts'
import { createArtifacts } from './library/artifacts.ts'
import { Clients } from './library/clients.ts'
import { createLibraryRun } from './library/oidc-internals.ts'
import { createProvider } from './library/provider.ts'
import { isUnprovedRefusal, oauthRoutes, type PeopleAtTokenEndpoint } from './oauth.routes.ts'
import { oauthErrors } from './oauth-errors.ts'
import { PlainGrants } from './plain-grant.ts'
import { PlainIntrospections } from './plain-introspection.ts'
import { PlainRefusals } from './plain-refusal.ts'
import { ReplayStore } from './replay.store.ts'
import { ShortWay } from './short-way.ts'

/** The protocol: the library set up for passes, the short way past it, and the endpoints of both. */
export async function oauthModule(parts: {
  readonly access: Pick<AccessModule, 'authenticator'>
  readonly accessTokens: AccessTokensModule
  readonly certificate: ReturnType<typeof httpModule>['certificate']
  readonly clock: Clock
  readonly config: Pick<Config, 'apiBaseUrl' | 'plainGrants' | 'publicUrl'>
  readonly database: Database
  readonly limits: ReturnType<typeof httpModule>['limits']
  readonly logger: Logger
  readonly metrics: ServerMetrics
  readonly passes: Pick<PassesModule, 'secrets'>
  readonly record: Pick<RecordModule, 'recorder'>
  /** Undefined: requests have no traces. */
  readonly tracing: Tracing | undefined
  readonly requests: Requests
  readonly signIn: { readonly atTokenEndpoint: PeopleAtTokenEndpoint }
  readonly signingKeys: Pick<SigningKeysModule, 'store'>
}) {
  const { accessTokens, certificate, clock, config, database, limits, logger, metrics } = parts
  const { apiBaseUrl, publicUrl: issuer } = config
  const { authenticator } = parts.access
  const { recorder } = parts.record
  const { secrets } = parts.passes
  const { sealed, store: tokens } = accessTokens
  const signingKeys = parts.signingKeys.store
  const clients = new Clients(new ClientStore(database, apiBaseUrl))
  const replays = new ReplayStore(database, clock)
  const provider = createProvider({
    issuer,
    apiBaseUrl,
    signingKeys: await signingKeys.privateKeys('EdDSA'),
    artifacts: createArtifacts(tokens, recorder, accessTokens.tokens, clock),
    ...{ clients, secrets, replays, limits, clock },
  })
  const fresh = async (clientId: string) => (await clients.fresh(provider, clientId))?.snapshot
  const observeGrant = (outcome: string, accessLevel: string) =>
    metrics.grants.inc({ outcome, access_level: accessLevel })
  const plainDeps = { clients, secrets, recorder, clock, limits }
  const shortWay = config.plainGrants
    ? new ShortWay(
        [
          new PlainGrants({
            ...plainDeps,
            tokens: accessTokens.tokens,
            ...{ apiBaseUrl, fresh },
            refusals: new PlainRefusals({
              ...{ recorder, limits, logger, issuer },
              observe: observeGrant,
            }),
            observe: accessLevel => observeGrant('granted', accessLevel),
          }),
          new PlainIntrospections({
            ...{ ...plainDeps, sealed, issuer, apiBaseUrl },
            copyOf: async id => clients.cached(id)?.snapshot ?? (await fresh(id)),
            renew: fresh,
            observe: result => metrics.introspections.inc({ result }),
          }),
        ],
        parts,
      )
    : undefined
  const mount = (router: Router<RequestState>) => {
    router.use(oauthErrors(logger))
    if (limits) router.use(limitFailures(limits, isUnprovedRefusal))
    const { token, introspection, revocation } = OAUTH_ROUTES
    if (certificate) router.use([token, introspection, revocation], clientCertificate(certificate))
    oauthRoutes(router, {
      ...{ issuer, tokens, recorder, authenticator, limits, logger },
      run: createLibraryRun(provider),
      freshClient: fresh,
      passTokens: accessTokens.service,
      bindsTokens: certificate !== undefined,
      keySet: () => signingKeys.keySet(),
      observeCheck: {
        introspection: result => metrics.introspections.inc({ result }),
        revocation: result => metrics.revocations.inc({ result }),
      },
      people: parts.signIn.atTokenEndpoint,
      observeGrant,
    })
  }
  return { provider, clients, replays, shortWay, mount }
}

export type OAuthModule = Awaited<ReturnType<typeof oauthModule>>
