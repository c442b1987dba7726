import type Router from '@koa/router'
import type { Middleware, ParameterizedContext } from 'koa'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { User } from '../accounts/user.entity.ts'
import { readForm } from '../http/body.ts'
import { ConstantDocument } from '../http/constant-document.ts'
import type { RequestState } from '../http/context.ts'
import { Problem } from '../http/problems.ts'
import { publicPathOf } from '../http/public-path.ts'
import { rateLimitHeaders, waitHeaders } from '../http/rate-limit-headers.ts'
import { type RateLimiting, whyLimited } from '../http/rate-limiting.ts'
import { UNSUPPORTED_PARAMETERS } from '../oauth/library/library-features.ts'
import { createLibraryRun, replaceSigningKeys } from '../oauth/library/oidc-internals.ts'
import type { Logger } from '../platform/logger.ts'
import { hasSecret } from '../platform/masking.ts'
import type { PrivateJwk } from '../signing-keys/signing-keys.ts'
import { accountIdOf, subjectOf } from './accounts.ts'
import { cookieNamesOf } from './cookie-names.ts'
import { KNOWN_FOR_SECONDS, type KnownBrowsers } from './known-browsers.ts'
import type { SignInOutcome, SignInService } from './sign-in.service.ts'
import { createSignInPages, STYLE, STYLE_PATH } from './sign-in-pages.ts'
import { CONSOLE_CLIENT_ID, SIGN_IN_PAGE, SIGN_IN_ROUTES } from './sign-in-provider.ts'
import type { SignInTrail } from './sign-in-trail.ts'
import type { UserSessionStore } from './user-session.store.ts'

const STYLE_MAX_AGE_SECONDS = 3600
/** In characters: an ID token, addresses and what a client wants back. */
const LONGEST_QUERY = 2_500

type Context = ParameterizedContext<
  RequestState & {
    userAgent?: string
    signInFault?: unknown
    signedOut?: { readonly userId: string; readonly uid: string }
  }
>

/** Answers a token request with the code that a sign-in gave. */
export type CodeExchange = (ctx: Context, body: Buffer) => Promise<void>

export interface SignInDeps {
  readonly provider: Provider
  readonly signIn: SignInService
  readonly trail: Pick<SignInTrail, 'signedIn' | 'signedOut'>
  readonly sessions: Pick<UserSessionStore, 'forget'>
  readonly browsers: Pick<KnownBrowsers, 'remember'>
  readonly logger: Logger
  /** Undefined: nothing is limited. */
  readonly limits: Pick<RateLimiting, 'takeAuthorization'> | undefined
  readonly publicUrl: string
  /** The keys to sign ID tokens with, as they are now. */
  readonly signingKeys: () => Promise<readonly PrivateJwk[]>
}

/** Whether a form for the token endpoint is the console's, with the code of a sign-in (RFC 6749 section 4.1.3). */
export function isCodeExchange(body: Buffer): boolean {
  const form = new URLSearchParams(body.toString('utf8'))
  return form.get('client_id') === CONSOLE_CLIENT_ID && form.get('grant_type') === 'authorization_code'
}

/** Makes the function that hands a request to the library's provider for people. */
export function createSignInRun({ provider, logger, publicUrl, signingKeys }: SignInDeps): CodeExchange {
  const run = createLibraryRun(provider)
  const { protocol, host } = new URL(publicUrl)
  provider.on('server_error', (ctx, error) => {
    ctx.state.signInFault = error
    logger.error({ err: error, requestId: ctx.state.requestId }, 'sign-in failed')
  })
  // The library emits this while it answers; noting whose session it was is all that happens here.
  provider.on('end_session.success', ctx => {
    const session = ctx.oidc.params?.logout ? ctx.oidc.session : undefined
    if (session?.accountId !== undefined)
      ctx.state.signedOut = { userId: subjectOf(session.accountId), uid: session.uid }
  })
  return async (ctx, body) => {
    // The library is shown no header that it has no use for.
    ctx.state.userAgent = ctx.get('user-agent')
    // Cookies and addresses are for where people reach this server, whatever stands between and the request says.
    const request = Object.create(ctx.request, {
      protocol: { value: protocol.slice(0, -1) },
      host: { value: host },
    })
    const derived: Context = Object.create(ctx, { request: { value: request } })
    if (ctx.path === SIGN_IN_ROUTES.token) {
      assertSupported(body)
      replaceSigningKeys(provider, await signingKeys())
    }
    await run(derived, body)
    // People are shown the library's page; for clients the endpoint says itself what a fault is, and what may pass.
    const { signInFault } = ctx.state
    if (signInFault !== undefined && ctx.path === SIGN_IN_ROUTES.token) throw signInFault
  }
}

/** @throws Problem where the exchange of a code asks for less than it would be given, which is not had here */
function assertSupported(body: Buffer): void {
  const form = new URLSearchParams(body.toString('utf8'))
  const unsupported = UNSUPPORTED_PARAMETERS.filter(name => form.has(name))
  if (unsupported.length > 0)
    throw new Problem('malformed_request', `${unsupported.join(', ')} is not supported for a code`)
}

/** Why a request is not kept until its sign-in is done, as each is, whoever sends it; undefined: nothing is wrong with it. */
function faultOfStored({ query, querystring }: Context): string | undefined {
  if (querystring.length > LONGEST_QUERY)
    return `The parameters have ${querystring.length} characters, and may have ${LONGEST_QUERY}.`
  // The database takes none.
  if (/%00|\0/.test(querystring)) return 'A parameter has a NUL in it.'
  const { id_token_hint: _hint, ...others } = query
  if (hasSecret(Object.values(others).join(' '))) return 'A parameter has a secret or a token in it.'
  return undefined
}

/** Where people sign in and out: the library's protocol, and the pages of this server. */
export function signInRoutes(router: Router<RequestState>, deps: SignInDeps, run: CodeExchange): void {
  const { provider, signIn, trail } = deps
  const pages = createSignInPages(publicPathOf(deps.publicUrl))
  const browserCookie = cookieNamesOf(deps.publicUrl).browser
  const style = new ConstantDocument('text/css; charset=utf-8', STYLE)
  const library: Middleware<RequestState> = async ctx => {
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD'
    const fault = faultOfStored(ctx)
    if (fault !== undefined) {
      ctx.status = 400
      pages.error(ctx, { error: 'invalid_request', error_description: fault })
      return
    }
    // Redirects have a line of HTML as well; pages of this server say what else they need.
    ctx.set('Content-Security-Policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
    ctx.set('Referrer-Policy', 'no-referrer')
    await run(ctx, reads ? Buffer.alloc(0) : await readForm(ctx))
  }
  const { authorization, end_session: endSession } = SIGN_IN_ROUTES
  const limited: Middleware<RequestState> = async (ctx, next) => {
    // What is asked for is kept for an hour, whoever asks.
    const decision = await deps.limits?.takeAuthorization(ctx.state.clientIp)
    if (decision) ctx.set(rateLimitHeaders(decision))
    if (decision?.allowed !== false) return next()
    ctx.status = 429
    pages.error(ctx, { error: 'slow_down', error_description: whyLimited(decision) })
  }
  router.get(authorization, limited, library)
  router.get(`${authorization}/:uid`, library)
  router.get(endSession, limited, library)
  router.post(`${endSession}/confirm`, async (ctx: Context) => {
    await run(ctx, await readForm(ctx))
    const { clientIp, signedOut } = ctx.state
    if (!signedOut) return
    await deps.sessions.forget(signedOut.uid)
    await trail.signedOut(signedOut.userId, clientIp)
  })
  router.get(`${endSession}/success`, library)

  router.get(STYLE_PATH, async ctx => {
    ctx.set('Cache-Control', `public, max-age=${STYLE_MAX_AGE_SECONDS}`)
    await style.answer(ctx)
  })

  router.get(`${SIGN_IN_PAGE}/:uid`, async ctx => {
    const interaction = await interactionOf(ctx)
    if (!interaction) return
    const { login_hint: hint, redirect_uri: redirectUri } = interaction.params
    pages.signIn(ctx, {
      email: typeof hint === 'string' ? hint : '',
      problem: undefined,
      formTargets: targetsOf(redirectUri),
    })
  })

  router.post(`${SIGN_IN_PAGE}/:uid`, async ctx => {
    const form = new URLSearchParams((await readForm(ctx)).toString('utf8'))
    const interaction = await interactionOf(ctx)
    if (!interaction) return
    const [email, password, code] = ['email', 'password', 'code'].map(name => form.get(name) ?? '')
    const { clientIp } = ctx.state
    const proof = {
      email: email ?? '',
      password: password ?? '',
      code: code ?? '',
      clientIp,
      browser: browserOf(ctx),
    }
    const outcome = await signIn.judge(proof)
    if (outcome.kind === 'proved') {
      const login = { accountId: accountIdOf(outcome.user), amr: proof.code ? ['pwd', 'otp'] : ['pwd'] }
      const options = { mergeWithLastSubmission: false }
      await trail.signedIn(outcome.user, clientIp)
      remember(ctx, outcome.user)
      ctx.status = 303
      ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login }, options))
      return
    }
    deps.logger.warn({ clientIp, requestId: ctx.state.requestId }, `sign-in ${outcome.kind}`)
    ctx.status = outcome.kind === 'slowed' ? 429 : 401
    if (outcome.kind === 'slowed') ctx.set(waitHeaders('sign_ins', outcome.retryAfterSeconds))
    pages.signIn(ctx, {
      email: proof.email,
      problem: problemOf(outcome),
      formTargets: targetsOf(interaction.params.redirect_uri),
    })
  })

  /** The cookie by which a browser is known. */
  function browserOf(ctx: Context): string {
    return ctx.cookies.get(browserCookie, { signed: false }) ?? ''
  }

  function remember(ctx: Context, user: User): void {
    const secure = deps.publicUrl.startsWith('https:')
    // What connection the cookie goes over is said by PUBLIC_URL, not by that from the proxy.
    ctx.cookies.secure = secure
    ctx.cookies.set(browserCookie, deps.browsers.remember(browserOf(ctx), user), {
      ...{ httpOnly: true, sameSite: 'lax', signed: false, overwrite: true, secure },
      path: publicPathOf(deps.publicUrl) || '/',
      maxAge: KNOWN_FOR_SECONDS * 1000,
    })
  }

  /** The interaction of the page and of this browser's cookie; answers itself where there is none. */
  async function interactionOf(ctx: Context) {
    try {
      const interaction = await provider.interactionDetails(ctx.req, ctx.res)
      if (interaction.uid === ctx.params.uid) return interaction
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error
    }
    ctx.status = 400
    pages.error(ctx, {
      error: 'session_not_found',
      error_description: 'This sign-in is no longer open in this browser.',
    })
    return undefined
  }

  /** A console elsewhere would be another origin; the one of this server needs no mention. */
  function targetsOf(redirectUri: unknown): string[] {
    const target = typeof redirectUri === 'string' ? URL.parse(redirectUri) : null
    return target && target.origin !== new URL(deps.publicUrl).origin ? [target.origin] : []
  }
}

function problemOf(outcome: Exclude<SignInOutcome, { kind: 'proved' }>): string {
  if (outcome.kind === 'refused')
    return 'That is not right. Check the email, the password, and the one-time code if you have set one up.'
  return `There were too many failed attempts. Try again in ${outcome.retryAfterSeconds} seconds.`
}
