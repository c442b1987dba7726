import Router from '@koa/router'
import Koa from 'koa'
import type { AccessState } from './access/principal.ts'
import { activityRoutes } from './activity/activity.routes.ts'
import { recordCalls } from './activity/record-calls.ts'
import { apiKeyRoutes } from './api-keys/api-key.routes.ts'
import { auditRoutes } from './audit/audit.routes.ts'
import { referenceRoutes } from './contract/reference.routes.ts'
import type { Deps } from './deps.ts'
import type { RequestState } from './http/context.ts'
import { errorHandler } from './http/error-handler.ts'
import { clientAddress, requestContext } from './http/request-context.ts'
import { databaseChecks, healthRoutes, metricsRoutes } from './operations/operations.routes.ts'
import { organizationRoutes } from './organizations/organization.routes.ts'
import { passRoutes } from './passes/pass.routes.ts'
import { oauthErrors, oauthRoutes } from './tokens/oauth.routes.ts'

/** What the server serves, by who may call it. */
export type Routers = {
  /** Anybody, or whoever shows `METRICS_TOKEN`. */
  readonly operations: Router<RequestState>
  /** Clients that authenticate as the protocol has it. */
  readonly oauth: Router<RequestState>
  /** Principals that the authorization table allows. */
  readonly api: Router<AccessState>
}

/** Builds every route of the server. */
export function createRouters(deps: Deps): Routers {
  const { authorize, clock, config, logger, metrics } = deps
  const operations = new Router<RequestState>()
  healthRoutes(operations, databaseChecks(deps.database))
  if (config.metricsPort === undefined)
    metricsRoutes(operations, metrics, { open: false, token: config.metricsToken })
  referenceRoutes(operations, config.publicUrl)

  const oauth = new Router<RequestState>()
  oauth.use(oauthErrors(logger))
  oauthRoutes(oauth, {
    provider: deps.provider,
    tokens: deps.tokens,
    recorder: deps.recorder,
    authenticator: deps.authenticator,
    logger,
    plainGrants: deps.plainGrants,
    observeGrant: (outcome, accessLevel) => metrics.grants.inc({ outcome, access_level: accessLevel }),
  })

  const api = new Router<AccessState>()
  api.use(recordCalls(deps.recorder))
  organizationRoutes(api, authorize, deps.organizations)
  passRoutes(api, authorize, deps.passes, deps.idempotency, clock)
  apiKeyRoutes(api, authorize, deps.apiKeys, deps.idempotency)
  auditRoutes(api, authorize, deps.audit)
  activityRoutes(api, authorize, deps.activity, deps.activityMetrics, clock)
  return { operations, oauth, api }
}

/** The server's application: the order of its middleware and what is mounted where. It never listens. */
export function createApp(deps: Deps): Koa {
  const app = newApp(deps)
  const { operations, oauth, api } = createRouters(deps)
  mount(app, operations)
  mount(app, oauth)
  mount(app, api)
  return app
}

/** What listens on `METRICS_PORT`: the metrics and the health of the process, openly. */
export function createMetricsApp(deps: Deps): Koa {
  const app = newApp(deps)
  const router = new Router<RequestState>()
  metricsRoutes(router, deps.metrics, { open: true })
  healthRoutes(router, databaseChecks(deps.database))
  mount(app, router)
  return app
}

function newApp({ clock, config, logger, metrics }: Deps): Koa {
  const app = new Koa()
  app.on('error', error => logger.error({ err: error }, 'an answer could not be sent'))
  const observe = (method: string, route: string, status: number, seconds: number) =>
    metrics.requestSeconds.observe({ method, route, status }, seconds)
  app.use(requestContext(clock, logger, clientAddress(config.trustProxy), observe))
  app.use(errorHandler(logger))
  return app
}

function mount<State extends RequestState>(app: Koa, router: Router<State>): void {
  app.use(router.routes())
  // Says what a path allows; the error handler makes the answer of it.
  app.use(router.allowedMethods())
}
