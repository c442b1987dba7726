import type Router from '@koa/router'
import type { ParameterizedContext } from 'koa'
import { shownCredentials } from '../access/credentials.ts'
import type { FoundToken } from '../access/found-token.ts'
import { readForm } from '../http/body.ts'
import { SettledDocument } from '../http/constant-document.ts'
import type { RequestState } from '../http/context.ts'
import { Problem } from '../http/problems.ts'
import { rateLimitHeaders } from '../http/rate-limit-headers.ts'
import type { Logger } from '../platform/logger.ts'
import { tokenCall } from '../record/record-calls.ts'
import type { Outcome } from '../record/recorder.ts'
import { JWKS_MAX_AGE_SECONDS } from '../signing-keys/signing-key-schedule.ts'
import { callAct, keepsChanging, MAX_RUNS, refusalAct } from './acts.ts'
import {
  answerKeyFault,
  apiKeyOf,
  checkForKey,
  endForKey,
  type KeyCallerDeps,
  showsApiKey,
} from './api-key-callers.ts'
import type { ClientSnapshot } from './client.store.ts'
import { OAUTH_ROUTES } from './endpoints.ts'
import type { Exchange, OAuthRequest } from './exchange.ts'
import { observedCall, parseIntrospectionContext, presentIntrospection, restingOn } from './introspection.ts'
import { metadataPaths, presentMetadata, type SignInMetadata } from './metadata.ts'
import { isBasic, namedClient } from './named-client.ts'
import {
  answerOAuthError,
  answerOtherScheme,
  answerUnauthenticated,
  presentOAuthError,
  whatCounts,
} from './oauth-errors.ts'
import {
  isActiveAnswer,
  type LibraryForm,
  readableByLibrary,
  requiredToken,
  withAccessToken,
  withAudienceAsResource,
} from './oauth-form.ts'
import { oauthRequestOf } from './oauth-request.ts'
import { assertNotFailed } from './short-way.ts'

/**
 * The answer to a revocation, which clients ignore (RFC 7009 section 2.2), but not all: simple-oauth2 throws for what is not
 * called JSON, and @badgateway/oauth2-client for what is and has no JSON in it.
 */
const REVOKED = {}

/** What an endpoint takes; a query that has anything else is the client's own affair (RFC 6749 section 3.2). */
const IN_BODY_ALONE = new Set([
  ...[
    'grant_type',
    'scope',
    'resource',
    'audience',
    'authorization_details',
    'assertion',
    'code',
    'code_verifier',
  ],
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'redirect_uri'],
  ...['token', 'token_type_hint', 'endpoint', 'http_method', 'client_ip', 'user_agent'],
])

type Context = ParameterizedContext<RequestState & { exchange?: Exchange }>

/** Told how each grant ended; for the operator's metrics. */
export type GrantObserver = (outcome: string, accessLevel: string) => void

/** Told how each introspection and each revocation ended. */
export interface CheckObserver {
  introspection(result: 'active' | 'inactive' | 'refused'): void
  revocation(result: 'accepted' | 'refused'): void
}

/** How people are answered who exchange the code of a sign-in, and what the metadata says of them. */
export interface PeopleAtTokenEndpoint {
  isCodeExchange(body: Buffer): boolean
  exchangeCode(ctx: ParameterizedContext<RequestState>, body: Buffer): Promise<void>
  readonly metadata: SignInMetadata
}

export interface OAuthDeps extends KeyCallerDeps {
  readonly issuer: string
  /** One run of a request through the library, with the body that was read before. */
  readonly run: (ctx: ParameterizedContext, body: Buffer) => Promise<void>
  /** A pass as it is now. */
  readonly freshClient: (clientId: string) => Promise<ClientSnapshot | undefined>
  readonly logger: Logger
  readonly observeGrant: GrantObserver
  readonly observeCheck: CheckObserver
  /** The keys that verifiers are to have. */
  readonly keySet: () => Promise<readonly object[]>
  /** Whether tokens are bound to the certificates that a proxy tells of. */
  readonly bindsTokens: boolean
  /** People, who share the token endpoint with passes. */
  readonly people: PeopleAtTokenEndpoint
}

/** The OAuth endpoints: the library's protocol, and around it the record of what was done. */
export function oauthRoutes(router: Router<RequestState>, deps: OAuthDeps): void {
  const { issuer, people, recorder, run } = deps
  const metadata = new SettledDocument('application/json; charset=utf-8')
  const keySet = new SettledDocument('application/jwk-set+json')

  router.post(OAUTH_ROUTES.token, async ctx => {
    const body = await readParameters(ctx)
    const request = requestOf(ctx, true)
    if (people.isCodeExchange(body)) return people.exchangeCode(ctx, body)
    if (await refusesScheme(ctx, body, false)) return
    const exchange = await settle(ctx, { readable: withAudienceAsResource(body) }, request, async current => {
      // A grant is committed by the library's own saving of the token; what is left is to record a refusal.
      if (ctx.status < 400) {
        if (current.accessToken !== undefined) ctx.body = withAccessToken(ctx.body, current.accessToken)
        return 'committed'
      }
      const named = current.clientId === undefined ? namedClient(ctx.headers, body) : undefined
      if (named !== undefined) {
        current.clientId = named
        current.client = await deps.freshClient(named)
      }
      return current.clientId === undefined ? 'committed' : recorder.commit(refusalAct(current, ctx.status))
    })
    deps.observeGrant(exchange.error?.code ?? 'granted', exchange.client?.accessLevel ?? 'unknown')
    const { clientId, client } = exchange
    // After the answer, whose time is not to tell that there is a line more.
    if (clientId !== undefined && !client)
      ctx.res.once('close', () =>
        deps.logger.warn({ clientId, clientIp: ctx.state.clientIp }, 'grant for an unknown client'),
      )
  })

  router.use(OAUTH_ROUTES.introspection, async (ctx, next) => {
    await next()
    const refused = ctx.status >= 400
    deps.observeCheck.introspection(refused ? 'refused' : isActiveAnswer(ctx.body) ? 'active' : 'inactive')
  })

  router.use(OAUTH_ROUTES.revocation, async (ctx, next) => {
    await next()
    deps.observeCheck.revocation(ctx.status >= 400 ? 'refused' : 'accepted')
  })

  router.post(OAUTH_ROUTES.introspection, async ctx => {
    const body = await readParameters(ctx)
    const request = requestOf(ctx, false)
    const form = new URLSearchParams(body.toString('utf8'))
    const parsed = parseIntrospectionContext(form)
    const value = requiredToken(form)
    if (showsApiKey(ctx)) {
      const key = await apiKeyOf(deps, ctx)
      if (!key || value === undefined || 'faults' in parsed) return answerKeyFault(ctx, key, value, parsed)
      const token = await checkForKey(deps, key, value, parsed.context, request)
      ctx.set('Cache-Control', 'no-store')
      ctx.body = presentIntrospection(token, parsed.context, issuer)
      return
    }
    if (await refusesScheme(ctx, body, true)) return
    await settle(ctx, readableByLibrary(body, value), request, async current => {
      if (ctx.status < 400 && 'faults' in parsed) {
        current.error = { code: 'invalid_request', detail: parsed.faults }
        answerOAuthError(ctx, 400, 'invalid_request', parsed.faults)
      }
      if (!current.client || !current.credential) return 'committed'
      const token = visibleTo(current)
      const call =
        token && 'context' in parsed ? observedCall(token, parsed.context, current.request) : undefined
      if (ctx.status < 400 && 'context' in parsed)
        ctx.body = presentIntrospection(token, parsed.context, issuer)
      const act = callAct(current, ctx.status)
      if (ctx.status >= 400) return recorder.commit(act)
      return recorder.commit({
        checks: [...(act.checks ?? []), ...restingOn(token)],
        events: [...act.events, ...(call?.events ?? [])],
      })
    })
  })

  router.post(OAUTH_ROUTES.revocation, async ctx => {
    const body = await readParameters(ctx)
    const value = requiredToken(new URLSearchParams(body.toString('utf8')))
    if (showsApiKey(ctx)) {
      const key = await apiKeyOf(deps, ctx)
      if (!key || value === undefined) return answerKeyFault(ctx, key, value)
      await endForKey(deps, key, value, ctx.state.clientIp)
      ctx.set('Cache-Control', 'no-store')
      ctx.body = REVOKED
      return
    }
    if (await refusesScheme(ctx, body, true)) return
    await settle(ctx, readableByLibrary(body, value), requestOf(ctx, false), async current =>
      current.client && current.credential ? recorder.commit(callAct(current, ctx.status)) : 'committed',
    )
    if (ctx.status < 400) ctx.body = REVOKED
  })

  router.get(metadataPaths(issuer), async ctx => {
    ctx.set('Cache-Control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
    await metadata.answer(ctx, presentMetadata(issuer, people.metadata, deps.bindsTokens))
  })

  router.get(OAUTH_ROUTES.jwks, async ctx => {
    ctx.set('Cache-Control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
    await keySet.answer(ctx, { keys: await deps.keySet() })
  })

  /**
   * Refuses an `Authorization` that is of no scheme for clients; a pass's token in it puts the call on the pass's record.
   * @param keys whether an API key would have been one
   * @returns whether it did
   */
  async function refusesScheme(ctx: Context, body: Buffer, keys: boolean): Promise<boolean> {
    const { authorization } = ctx.headers
    if (!authorization || isBasic(authorization)) return false
    const form = new URLSearchParams(body.toString('utf8'))
    // Two credentials at once are the library's to refuse.
    if (form.has('client_secret') || form.has('client_assertion')) return false
    const { bearer } = shownCredentials(ctx.headers)
    const token = bearer ? await deps.tokens.find(bearer) : undefined
    if (token)
      await recorder.commit({
        events: [tokenCall(ctx, token, 401, `invalid_client: ${whatCounts(keys)}`)],
      })
    answerOtherScheme(ctx, issuer, keys)
    return true
  }

  /**
   * Runs a request through the library and records it, again where it rested on an outdated copy of the pass: when
   * the commit says so, or when it was refused by a copy, which the pass as it is now might not refuse.
   */
  async function settle(
    ctx: Context,
    { readable, shownToken }: LibraryForm,
    request: OAuthRequest,
    record: (exchange: Exchange) => Promise<Outcome>,
  ): Promise<Exchange> {
    for (let runs = 1; ; runs += 1) {
      const exchange: Exchange = { request, useCache: runs === 1, shownToken, revocations: [] }
      ctx.state.exchange = exchange
      ctx.remove('WWW-Authenticate')
      // What the library does not set when it succeeds, and an earlier run may have set when it did not.
      ctx.status = 200
      await run(ctx, readable)
      if (exchange.showsNone) answerUnauthenticated(ctx, issuer)
      if (ctx.status >= 400) ctx.body = presentOAuthError(ctx.body)
      ctx.set('Cache-Control', 'no-store')
      // The library lets pages of any origin read the answer; nobody's page has a pass's secret to send.
      ctx.remove('Access-Control-Allow-Origin')
      ctx.remove('Access-Control-Expose-Headers')
      ctx.remove('Vary')
      const mayBeOutdated = ctx.status >= 400 && exchange.clientFromCache === true
      if (exchange.fault === undefined && !exchange.stale && !mayBeOutdated) {
        if ((await record(exchange)) === 'committed') {
          // An outdated copy may have counted one who turns out to have proved nothing: the limit is not theirs to see.
          if (exchange.credential) showLimit(ctx, request)
          return exchange
        }
      }
      if (exchange.fault !== undefined) throw exchange.fault
      if (runs === MAX_RUNS) throw keepsChanging()
    }
  }
}

/** Whether a request was refused before it proved to be anybody's: also one that did not try to. */
export function isUnprovedRefusal(ctx: Context, status: number): boolean {
  const { exchange } = ctx.state
  // The library was not asked: somebody showed an API key, or is a person.
  if (!exchange) return status === 401
  return !exchange.credential && status >= 400 && status < 500
}

function showLimit(ctx: Context, { rate }: OAuthRequest): void {
  if (rate) ctx.set(rateLimitHeaders(rate))
}

/** The token of an introspection, where the caller may know of it: it is one of its own project. */
function visibleTo(exchange: Exchange): FoundToken | undefined {
  const { token, client } = exchange
  return token && token.pass.projectId === client?.projectId ? token : undefined
}

/** The form of a request. One that has parameters in its URL instead would be granted what it did not ask for. */
async function readParameters(ctx: Context): Promise<Buffer> {
  const misplaced = Object.keys(ctx.query).filter(name => IN_BODY_ALONE.has(name))
  if (misplaced.length > 0)
    throw new Problem(
      'malformed_request',
      `${misplaced.join(', ')} must be sent in the body as a form, never in the URL`,
    )
  assertNotFailed(ctx.req)
  return readForm(ctx)
}

function requestOf(ctx: Context, grants: boolean): OAuthRequest {
  return oauthRequestOf(ctx.req, ctx.state, ctx.path, grants)
}
