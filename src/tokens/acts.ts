import type { AdapterPayload } from 'oidc-provider'
import { type ActivityType, API_REQUEST, ERROR, TOKEN_GENERATION } from '../activity/kinds.ts'
import type { Act, ActivityDraft } from '../activity/record-batch.ts'
import { Problem } from '../http/problems.ts'
import { NIL_UUID, newId } from '../platform/uuid.ts'
import type { Exchange, OAuthRequest, ProvedCredential } from './exchange.ts'
import type { JwtAccessTokens } from './jwt-access-tokens.ts'
import { tokenHash } from './token.store.ts'

/** Runs of one request while the pass that it rests on keeps changing. */
export const MAX_RUNS = 5

export function keepsChanging(): Problem {
  return new Problem('service_unavailable', 'The Sentinel Pass keeps being changed. Try again shortly.')
}

/** A token that is granted, and the act that has to be committed before it is handed out. */
export interface Grant {
  readonly value: string
  readonly act: Act
}

/**
 * Grants a token in the form that its resource server or its pass has chosen, bound to the certificate that it was asked
 * for with (RFC 8705 section 3).
 * @param opaque the value of a token that is not signed
 * @param now milliseconds since the epoch
 */
export async function grantOf(
  exchange: Exchange,
  jwts: JwtAccessTokens,
  opaque: string,
  payload: AdapterPayload,
  expiresInSeconds: number,
  now: number,
): Promise<Grant> {
  const { client, scopes = [], request } = exchange
  if (!client) throw new Error('A grant without a client')
  const { certificate } = request
  const bound = certificate === undefined ? payload : { ...payload, 'x5t#S256': certificate }
  const id = newId()
  const resource = typeof payload.aud === 'string' ? payload.aud : undefined
  if (!jwts.isWanted(client, resource))
    return { value: opaque, act: grantAct(exchange, opaque, bound, expiresInSeconds, now, id) }
  const claims = { id, scopes, resource, certificate, issuedAt: now, expiresInSeconds }
  const { value, audience, kid } = await jwts.sign(client, claims)
  const stored = { ...bound, aud: audience, kid }
  return { value, act: grantAct(exchange, value, stored, expiresInSeconds, now, id) }
}

/**
 * The act of granting: the token, its row, the use of the credential, all on the condition that the pass is unchanged.
 * @param id of the token and of its row
 */
function grantAct(
  exchange: Exchange,
  value: string,
  payload: AdapterPayload,
  expiresInSeconds: number,
  now: number,
  id: string,
): Act {
  const { client, credential, scopes = [] } = exchange
  if (!client || !credential) throw new Error('A grant without an authenticated client')
  const { certificate } = exchange.request
  const { jti: _jti, iat: _iat, exp: _exp, ...stored } = payload
  const metadata = {
    scopes,
    token_id: id,
    ...credentialMetadata(credential),
    ...(stored.aud === undefined ? {} : { resource: stored.aud }),
    ...(certificate === undefined ? {} : { certificate_thumbprint: certificate }),
    ...(credential.expiresAt ? { grace_secret: true } : {}),
  }
  return {
    checks: [{ passId: client.passId, version: client.version }],
    token: {
      hash: tokenHash(value),
      id,
      passId: client.passId,
      epoch: client.epoch,
      payload: stored,
      issuedAt: now,
      expiresAt: now + expiresInSeconds * 1000,
    },
    // The token is called by the id of the row that granted it.
    events: [eventOf(exchange, TOKEN_GENERATION, 200, metadata, id)],
    uses: [credentialUse(exchange, client.agentUserId, credential.id)],
  }
}

/** The act of refusing a grant. For a client that does not exist it is nobody's, and costs the same. */
export function refusalAct(exchange: Exchange, statusCode: number): Act {
  const metadata = { error: exchange.error?.code, client_id: exchange.clientId }
  return { events: [eventOf(exchange, ERROR, statusCode, metadata)], uses: [] }
}

/** A call of an authenticated pass to one of this server's OAuth endpoints. */
export function callAct(exchange: Exchange, statusCode: number, extra: readonly ActivityDraft[] = []): Act {
  const { client, credential } = exchange
  if (!client || !credential) throw new Error('A call without an authenticated client')
  return {
    checks: [{ passId: client.passId, version: client.version }],
    events: [eventOf(exchange, API_REQUEST, statusCode, credentialMetadata(credential)), ...extra],
    // Refused or not: it was used. With 401 it was not let in.
    uses: statusCode === 401 ? [] : [credentialUse(exchange, client.agentUserId, credential.id)],
    revocations: exchange.revocations,
  }
}

/** What a row says of the credential. */
function credentialMetadata({ id, assertionKey }: ProvedCredential): Record<string, string> {
  return id === NIL_UUID ? { assertion_key: assertionKey ?? '' } : { secret_id: id }
}

function credentialUse({ request }: Exchange, agentUserId: string, credentialId: string) {
  return { agentUserId, credentialId, clientIp: request.clientIp }
}

function eventOf(
  exchange: Exchange,
  activityType: ActivityType,
  statusCode: number,
  metadata: Readonly<Record<string, unknown>>,
  id = newId(),
): ActivityDraft {
  const { request, client, error } = exchange
  return {
    ...requestFields(request),
    id,
    agentUserId: client?.agentUserId ?? NIL_UUID,
    projectId: client?.projectId ?? null,
    activityType,
    statusCode,
    success: statusCode < 400,
    errorMessage: error ? `${error.code}: ${error.detail}` : null,
    metadata,
  }
}

function requestFields(request: OAuthRequest) {
  const { endpoint, httpMethod, clientIp, userAgent, startedAt, startedAtMonotonic } = request
  return { endpoint, httpMethod, clientIp, userAgent, startedAt, startedAtMonotonic }
}
