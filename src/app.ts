import Router from '@koa/router'
import Koa from 'koa'
import type { AccessState } from './access/principal.ts'
import { passTokenRoutes } from './access-tokens/pass-token.routes.ts'
import { activityRoutes } from './activity/activity.routes.ts'
import { apiKeyRoutes } from './api-keys/api-key.routes.ts'
import { auditRoutes } from './audit/audit.routes.ts'
import { consoleRoutes } from './console-files/console.routes.ts'
import { DOCUMENT_PATH, referenceRoutes } from './contract/reference.routes.ts'
import type { Deps } from './deps.ts'
import { answersToCredentials } from './http/caching.ts'
import { clientCertificate } from './http/client-certificate.ts'
import { compressAnswers } from './http/compression.ts'
import type { RequestState } from './http/context.ts'
import { errorHandler, isCallerGone } from './http/error-handler.ts'
import { readableFromAnyOrigin } from './http/open-documents.ts'
import { publicLocations } from './http/public-path.ts'
import { limitFailures } from './http/rate-limiting.ts'
import { clientAddress, requestContext } from './http/request-context.ts'
import { traceRequests } from './http/trace-requests.ts'
import { OAUTH_ROUTES } from './oauth/library/provider.ts'
import { metadataPaths } from './oauth/metadata.ts'
import { isUnprovedRefusal, oauthRoutes } from './oauth/oauth.routes.ts'
import { oauthErrors } from './oauth/oauth-errors.ts'
import { operationsOperations } from './operations/operations.contract.ts'
import { healthRoutes, metricsRoutes, readinessChecks } from './operations/operations.routes.ts'
import { organizationRoutes } from './organizations/organization.routes.ts'
import { passRoutes } from './passes/pass.routes.ts'
import { passOptionsRoutes } from './passes/pass-options.routes.ts'
import { passSecretRoutes } from './passes/pass-secret.routes.ts'
import { recordCalls } from './record/record-calls.ts'
import { resourceServerRoutes } from './resource-servers/resource-server.routes.ts'
import { createSignInRun, signInRoutes } from './sign-in/sign-in.routes.ts'
import { signingKeyRoutes } from './signing-keys/signing-key.routes.ts'
import { addressRoutes } from './users/address.routes.ts'
import { meRoutes } from './users/me.routes.ts'
import { memberRoutes } from './users/member.routes.ts'
import { oneTimeRoutes } from './users/one-time.routes.ts'

/** What machines ask every few seconds, and nobody looks for. */
const UNTRACED = new Set(Object.values(operationsOperations).map(({ path }) => path))

/** What the server serves, by who may call it. */
export type Routers = {
  /** Anybody, or whoever shows `METRICS_TOKEN`. */
  readonly operations: Router<RequestState>
  /** Clients that authenticate as the protocol has it. */
  readonly oauth: Router<RequestState>
  /** People who sign in, or whom the secret of a one-time link lets in. */
  readonly people: Router<RequestState>
  /** Principals that the authorization table allows. */
  readonly api: Router<AccessState>
}

/** Builds every route of the server. */
export function createRouters(deps: Deps): Routers {
  const { authorize, clock, config, limits, logger, metrics } = deps
  const certificate = config.trustProxy.length > 0 ? clientCertificate(config.trustProxy) : undefined
  const operations = new Router<RequestState>()
  healthRoutes(operations, readinessChecks(deps.database))
  if (config.metricsPort === undefined)
    metricsRoutes(operations, metrics, { open: false, token: config.metricsToken })
  referenceRoutes(operations, config.publicUrl)
  consoleRoutes(operations, config.publicUrl)

  const signInDeps = {
    provider: deps.signInProvider,
    signIn: deps.signIn,
    trail: deps.signInTrail,
    sessions: deps.sessions,
    browsers: deps.browsers,
    logger,
    limits,
    publicUrl: config.publicUrl,
    signingKeys: () => deps.signingKeys.privateKeys('EdDSA'),
  }
  const runSignIn = createSignInRun(signInDeps)
  const people = new Router<RequestState>()
  signInRoutes(people, signInDeps, runSignIn)
  const oneTime = new Router<RequestState>()
  // A secret that was made up is not found.
  if (limits) oneTime.use(limitFailures(limits, (_ctx, status) => status === 401 || status === 404))
  oneTimeRoutes(oneTime, deps.invitations, deps.accounts)
  people.use(oneTime.routes())

  const oauth = new Router<RequestState>()
  oauth.use(oauthErrors(logger))
  if (limits) oauth.use(limitFailures(limits, isUnprovedRefusal))
  const { token, introspection, revocation } = OAUTH_ROUTES
  if (certificate) oauth.use([token, introspection, revocation], certificate)
  oauthRoutes(oauth, {
    provider: deps.provider,
    clients: deps.clients,
    tokens: deps.tokens,
    recorder: deps.recorder,
    authenticator: deps.authenticator,
    limits,
    passTokens: deps.passTokens,
    logger,
    plainGrants: deps.plainGrants,
    plainIntrospections: deps.plainIntrospections,
    bindsTokens: certificate !== undefined,
    keySet: () => deps.signingKeys.keySet(),
    observeCheck: {
      introspection: result => metrics.introspections.inc({ result }),
      revocation: result => metrics.revocations.inc({ result }),
    },
    exchangeCode: runSignIn,
    observeGrant: (outcome, accessLevel) => metrics.grants.inc({ outcome, access_level: accessLevel }),
  })

  const api = new Router<AccessState>()
  if (certificate) api.use(certificate)
  api.use(answersToCredentials)
  api.use(compressAnswers())
  api.use(publicLocations(config.publicUrl))
  api.use(recordCalls(deps.recorder))
  if (limits) api.use(limitFailures(limits))
  organizationRoutes(api, authorize, deps.organizations)
  passRoutes(api, authorize, deps.passes, deps.passUpdates, deps.idempotency, clock)
  passSecretRoutes(api, authorize, deps.passSecrets, deps.idempotency, clock)
  passOptionsRoutes(api, authorize, deps.resourceServerStore)
  passTokenRoutes(api, authorize, deps.passTokens)
  apiKeyRoutes(api, authorize, deps.apiKeys, deps.idempotency)
  resourceServerRoutes(api, authorize, deps.resourceServers, deps.idempotency)
  auditRoutes(api, authorize, deps.auditStore, deps.reads, clock)
  activityRoutes(api, authorize, deps.activity, deps.activityMetrics, deps.reads, clock)
  memberRoutes(api, authorize, deps.members, deps.invitations, deps.auditStore, deps.reads)
  meRoutes(api, authorize, deps)
  addressRoutes(api, authorize, deps.accounts)
  signingKeyRoutes(api, authorize, deps.signingKeys, deps.organizationStore, deps.audit)
  return { operations, oauth, people, api }
}

/** The server's application: the order of its middleware and what is mounted where. It never listens. */
export function createApp(deps: Deps): Koa {
  const app = newApp(deps)
  // The library signs its cookies with the keys of the application that it runs in.
  app.keys = deps.signInProvider.keys ?? []
  const { operations, oauth, people, api } = createRouters(deps)
  app.use(readableFromAnyOrigin([...metadataPaths(deps.config.publicUrl), OAUTH_ROUTES.jwks, DOCUMENT_PATH]))
  // First what is asked most: each router that a request passes tries all its routes on it.
  mount(app, oauth)
  mount(app, operations)
  mount(app, people)
  mount(app, api)
  return app
}

/** What listens on `METRICS_PORT`: the metrics and the health of the process, openly. */
export function createMetricsApp(deps: Deps): Koa {
  const app = newApp(deps)
  const router = new Router<RequestState>()
  metricsRoutes(router, deps.metrics, { open: true })
  healthRoutes(router, readinessChecks(deps.database))
  mount(app, router)
  return app
}

function newApp({ clock, config, logger, metrics, tracing }: Deps): Koa {
  const app = new Koa()
  app.on('error', error => {
    const level = isCallerGone(error) ? 'info' : 'error'
    logger[level]({ err: error }, 'an answer could not be sent')
  })
  const observe = (method: string, route: string, status: number, seconds: number) =>
    metrics.requestSeconds.observe({ method, route, status }, seconds)
  if (tracing) app.use(traceRequests(tracing, UNTRACED))
  app.use(requestContext(clock, logger, clientAddress(config.trustProxy), observe))
  app.use(errorHandler(logger))
  return app
}

function mount<State extends RequestState>(app: Koa, router: Router<State>): void {
  app.use(router.routes())
  // Says what a path allows; the error handler makes the answer of it.
  app.use(router.allowedMethods())
}
