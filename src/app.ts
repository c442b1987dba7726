import type { RequestListener } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import type { AccessState } from './access/principal.ts'
import { DOCUMENT_PATH } from './contract/reference.routes.ts'
import type { Deps } from './deps.ts'
import { answersToCredentials } from './http/caching.ts'
import { clientCertificate } from './http/client-certificate.ts'
import { compressAnswers } from './http/compression.ts'
import type { RequestState } from './http/context.ts'
import { errorHandler, isCallerGone } from './http/error-handler.ts'
import { readableFromAnyOrigin } from './http/open-documents.ts'
import { publicLocations } from './http/public-path.ts'
import { limitFailures } from './http/rate-limiting.ts'
import { requestContext } from './http/request-context.ts'
import { traceRequests } from './http/trace-requests.ts'
import { OAUTH_ROUTES } from './oauth/endpoints.ts'
import { metadataPaths } from './oauth/metadata.ts'
import { operationsOperations } from './operations/operations.contract.ts'
import { recordCalls } from './record/record-calls.ts'

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
  const { authorize } = deps.access
  const { config, limits } = deps
  const certificate = deps.certificate && clientCertificate(deps.certificate)
  const operations = new Router<RequestState>()
  deps.operations.mount(operations)
  deps.contract.mount(operations)
  deps.consoleFiles.mount(operations)

  const people = new Router<RequestState>()
  deps.signIn.mount(people)
  deps.users.mountOneTime(people)

  const oauth = new Router<RequestState>()
  deps.oauth.mount(oauth)

  const api = new Router<AccessState>()
  if (certificate) api.use(certificate)
  api.use(answersToCredentials)
  api.use(compressAnswers())
  api.use(publicLocations(config.publicUrl))
  api.use(recordCalls(deps.record.recorder))
  if (limits) api.use(limitFailures(limits))
  deps.organizations.mount(api, authorize)
  deps.passes.mount(api, authorize)
  deps.accessTokens.mount(api, authorize)
  deps.apiKeys.mount(api, authorize)
  deps.resourceServers.mount(api, authorize)
  deps.audit.mount(api, authorize)
  deps.activity.mount(api, authorize)
  deps.users.mount(api, authorize)
  deps.signingKeys.mount(api, authorize)
  return { operations, oauth, people, api }
}

/** The server's application: the order of its middleware and what is mounted where. It never listens. */
export function createApp(deps: Deps): Koa {
  const app = newApp(deps)
  // The library signs its cookies with the keys of the application that it runs in.
  app.keys = deps.signIn.provider.keys ?? []
  const { operations, oauth, people, api } = createRouters(deps)
  app.use(readableFromAnyOrigin([...metadataPaths(deps.config.publicUrl), OAUTH_ROUTES.jwks, DOCUMENT_PATH]))
  // First what is asked most: each router that a request passes tries all its routes on it.
  mount(app, oauth)
  mount(app, operations)
  mount(app, people)
  mount(app, api)
  return app
}

/** What answers the requests of the server's port: the short way first, then everything else. It never listens. */
export function createListener(deps: Deps): RequestListener {
  const listener = createApp(deps).callback()
  return deps.oauth.shortWay?.before(listener) ?? listener
}

/** What listens on `METRICS_PORT`: the metrics and the health of the process, openly. */
export function createMetricsApp(deps: Deps): Koa {
  const app = newApp(deps)
  const router = new Router<RequestState>()
  deps.operations.mountApart(router)
  mount(app, router)
  return app
}

function newApp({ logger, requests, tracing }: Deps): Koa {
  const app = new Koa()
  app.on('error', error => {
    const level = isCallerGone(error) ? 'info' : 'error'
    logger[level]({ err: error }, 'an answer could not be sent')
  })
  if (tracing) app.use(traceRequests(tracing, UNTRACED))
  app.use(requestContext(requests))
  app.use(errorHandler(logger))
  return app
}

function mount<State extends RequestState>(app: Koa, router: Router<State>): void {
  app.use(router.routes())
  // Says what a path allows; the error handler makes the answer of it.
  app.use(router.allowedMethods())
}
