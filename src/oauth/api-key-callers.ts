import type { Authenticator } from '../access/authenticate.ts'
import { API_KEY_PREFIX, shownCredentials } from '../access/credentials.ts'
import type { FoundToken } from '../access/found-token.ts'
import type { ApiKeyPrincipal } from '../access/principal.ts'
import type { PassTokenService } from '../access-tokens/pass-token.service.ts'
import type { TokenStore } from '../access-tokens/token.store.ts'
import { actorOfKey } from '../api-keys/api-key-standing.store.ts'
import type { Context } from '../http/context.ts'
import { Problem } from '../http/problems.ts'
import { applyLimit, type RateLimiting } from '../http/rate-limiting.ts'
import type { Recorder } from '../record/recorder.ts'
import { keepsChanging, MAX_RUNS } from './acts.ts'
import type { OAuthRequest } from './exchange.ts'
import { type IntrospectionContext, observedCall, type parseIntrospectionContext } from './introspection.ts'
import { answerOAuthError } from './oauth-errors.ts'

/** What answers callers of introspection and revocation that show an API key, where the library knows passes alone. */
export interface KeyCallerDeps {
  readonly tokens: TokenStore
  readonly recorder: Recorder
  readonly passTokens: Pick<PassTokenService, 'end'>
  readonly authenticator: Authenticator
  /** Undefined: nothing is limited. */
  readonly limits: Pick<RateLimiting, 'takeKey'> | undefined
}

/** Whether a request shows an API key, good or not. */
export function showsApiKey(ctx: Context): boolean {
  const shown = shownCredentials(ctx.headers)
  return shown.apiKeyHeader !== undefined || (shown.bearer?.startsWith(API_KEY_PREFIX) ?? false)
}

/** The API key of a request, counted against its limit; undefined when it is not good. @throws Problem `rate_limited` */
export async function apiKeyOf(
  { authenticator, limits }: KeyCallerDeps,
  ctx: Context,
): Promise<ApiKeyPrincipal | undefined> {
  try {
    const { principal } = await authenticator.authenticate(ctx, () => {})
    if (principal.kind !== 'api_key') return undefined
    if (limits) applyLimit(ctx, await limits.takeKey(principal.id))
    return principal
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return undefined
    throw error
  }
}

/**
 * Looks a token up for an API key, and records the call that the caller tells of: again where the token's pass has
 * changed before that was committed.
 * @returns undefined for a token that is not of the key's project
 * @throws Problem `service_unavailable`
 */
export async function checkForKey(
  { tokens, recorder }: KeyCallerDeps,
  key: ApiKeyPrincipal,
  value: string,
  context: IntrospectionContext,
  request: OAuthRequest,
): Promise<FoundToken | undefined> {
  for (let runs = 1; runs <= MAX_RUNS; runs += 1) {
    const token = ownToken(key, await tokens.find(value))
    const call = token && observedCall(token, context, request)
    if (!call || (await recorder.commit(call)) === 'committed') return token
  }
  throw keepsChanging()
}

/** Ends a token for an API key, which is on the audit trail; one that is not the key's, or has ended, stays as it is. */
export async function endForKey(
  { tokens, passTokens }: KeyCallerDeps,
  key: ApiKeyPrincipal,
  value: string,
  clientIp: string,
): Promise<void> {
  const token = ownToken(key, await tokens.find(value))
  if (!token?.live) return
  const { organizationId, projectId } = key
  const acting = {
    principal: key,
    actor: actorOfKey(key, clientIp),
    organizationId,
    projectId,
  }
  try {
    await passTokens.end(acting, token.pass.id, token.id)
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Problem && error.code === 'not_found')) throw error
  }
}

/** Answers a caller whose key, token or parameters are not good. */
export function answerKeyFault(
  ctx: Context,
  key: ApiKeyPrincipal | undefined,
  token: string | undefined,
  parsed?: ReturnType<typeof parseIntrospectionContext>,
): void {
  if (!key) {
    ctx.set('WWW-Authenticate', 'Bearer realm="sentinel-pass", error="invalid_token"')
    answerOAuthError(
      ctx,
      401,
      'invalid_client',
      'the API key is not known here, has expired, or is that of no project',
    )
  } else if (token === undefined) {
    answerOAuthError(
      ctx,
      400,
      'invalid_request',
      "missing required parameter 'token', or more than one of it",
    )
  } else {
    answerOAuthError(ctx, 400, 'invalid_request', parsed && 'faults' in parsed ? parsed.faults : '')
  }
}

function ownToken(key: ApiKeyPrincipal, token: FoundToken | undefined): FoundToken | undefined {
  return token?.pass.projectId === key.projectId ? token : undefined
}
