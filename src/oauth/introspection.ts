import { z } from 'zod'
import type { FoundToken } from '../access/found-token.ts'
import { confirmationOf } from '../access-tokens/certificate-binding.ts'
import { isAddressAllowed, normalAddress } from '../http/allow-lists.ts'
import { text } from '../http/validate.ts'
import { newId } from '../platform/uuid.ts'
import { endpointPath } from '../record/endpoint-path.ts'
import { API_REQUEST } from '../record/kinds.ts'
import type { Act, ActivityDraft, PassCheck } from '../record/record-batch.ts'
import { USER_AGENT_KEPT, userAgentKept } from '../record/user-agent.ts'
import type { OAuthRequest } from './exchange.ts'

/** What RFC 7662 section 2.2 lists, and this server's members: whose token it is, and for what it is good. */
export function presentIntrospection(
  token: FoundToken | undefined,
  context: IntrospectionContext,
  issuer: string,
): Record<string, unknown> {
  if (!token || whyKeptOut(token, context) !== undefined) return { active: false }
  const { pass } = token
  return {
    active: true,
    token_type: 'Bearer',
    client_id: pass.clientId,
    sub: pass.clientId,
    ...(token.scopes.length > 0 ? { scope: token.scopes.join(' ') } : {}),
    ...(token.audience === undefined ? {} : { aud: token.audience }),
    iss: issuer,
    jti: token.id,
    iat: Math.floor(token.issuedAt.getTime() / 1000),
    exp: Math.floor(token.expiresAt.getTime() / 1000),
    ...confirmationOf(token.certificate),
    agent_user_id: pass.agentUserId,
    pass_id: pass.passId,
    project_id: pass.projectId,
    permissions: pass.permissions,
    access_level: pass.accessLevel,
  }
}

/** A token of RFC 9110 section 5.6.2. */
const METHOD = /^[!#$%&'*+.^_`|~\w-]+$/
const METHOD_KEPT = 20

/** The parameters by which a resource server tells of a call. What its caller chose is cut: no length fails the check. */
export const contextParameters = z
  .object({
    endpoint: z.string().min(1, 'must not be empty').transform(endpointPath).pipe(text(2000)).optional(),
    http_method: z
      .string()
      .regex(METHOD, 'must be an HTTP method')
      .transform(method => method.toUpperCase().slice(0, METHOD_KEPT))
      .optional(),
    client_ip: z
      .union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' })
      .transform(normalAddress)
      .optional(),
    user_agent: z.string().transform(userAgentKept).pipe(text(USER_AGENT_KEPT).nullable()).optional(),
  })
  .refine(
    context => context.endpoint !== undefined || Object.values(context).every(value => value === undefined),
    { path: ['endpoint'], error: 'is needed with http_method, client_ip or user_agent' },
  )

/** What a resource server tells of the call that it checks a token for (RFC 7662 section 2.1 allows parameters). */
export type IntrospectionContext = z.output<typeof contextParameters>

/** Their names in a form. */
export const CONTEXT_NAMES = ['endpoint', 'http_method', 'client_ip', 'user_agent'] as const

/** Reads the context parameters of a form. @returns the context, or every fault in one line */
export function parseIntrospectionContext(
  form: URLSearchParams,
): { readonly context: IntrospectionContext } | { readonly faults: string } {
  const repeated = CONTEXT_NAMES.filter(name => form.getAll(name).length > 1)
  if (repeated.length > 0) return { faults: `${repeated.join(', ')} must not be provided twice` }
  const parsed = contextParameters.safeParse(
    Object.fromEntries(CONTEXT_NAMES.flatMap(name => (form.has(name) ? [[name, form.get(name)]] : []))),
  )
  if (parsed.success) return { context: parsed.data }
  return { faults: parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`).join('; ') }
}

/** Why a call is not to be let in: its token has ended, or its pass may not be used from where the call comes from. */
function whyKeptOut(token: FoundToken, { client_ip: address }: IntrospectionContext): string | undefined {
  if (!token.live) return 'the access token has ended'
  if (address === undefined || isAddressAllowed(token.pass.allowedIps, address)) return undefined
  return `this Sentinel Pass may not be used from the address ${address}`
}

/** What an answer about a token rests on. What has ended does not come back: that it has rests on nothing. */
export function restingOn(token: FoundToken | undefined): readonly PassCheck[] {
  return token?.live ? [{ passId: token.pass.id, version: token.pass.version, tokenId: token.id }] : []
}

/**
 * The row of a call that a resource server checks a token for: the token's pass made it, and it is let in (200) or
 * not (401), as long as the pass has not changed meanwhile. The duration is this server's own. Undefined when the
 * request tells of no call.
 */
export function observedCall(
  token: FoundToken,
  context: IntrospectionContext,
  request: OAuthRequest,
): Required<Pick<Act, 'checks' | 'events'>> | undefined {
  if (context.endpoint === undefined) return undefined
  const clientIp = context.client_ip ?? null
  const keptOut = whyKeptOut(token, context)
  const event: ActivityDraft = {
    id: newId(),
    agentUserId: token.pass.agentUserId,
    projectId: token.pass.projectId,
    activityType: API_REQUEST,
    endpoint: context.endpoint,
    httpMethod: context.http_method ?? null,
    statusCode: keptOut === undefined ? 200 : 401,
    success: keptOut === undefined,
    clientIp,
    userAgent: context.user_agent ?? null,
    startedAt: request.startedAt,
    startedAtMonotonic: request.startedAtMonotonic,
    errorMessage: keptOut ?? null,
    metadata: { observed: 'introspection', token_id: token.id, scopes: token.scopes },
  }
  return { checks: restingOn(token), events: [event] }
}
