import type { AdapterPayload } from 'oidc-provider'
import { type ActivityType, API_REQUEST, ERROR, TOKEN_GENERATION } from '../activity/kinds.ts'
import type { Act, ActivityDraft } from '../activity/record-batch.ts'
import { NIL_UUID, newId } from '../platform/uuid.ts'
import type { Exchange, OAuthRequest } from './exchange.ts'
import { tokenHash } from './token.store.ts'

/** The act of granting: the token, its row, the use of the secret, all on the condition that the pass is unchanged. */
export function grantAct(
  exchange: Exchange,
  value: string,
  payload: AdapterPayload,
  expiresInSeconds: number,
  now: number,
): Act {
  const { client, secret, scopes = [] } = exchange
  if (!client || !secret) throw new Error('A grant without an authenticated client')
  const id = newId()
  const { jti: _jti, iat: _iat, exp: _exp, ...stored } = payload
  const metadata = {
    scopes,
    token_id: id,
    secret_id: secret.id,
    ...(stored.aud === undefined ? {} : { resource: stored.aud }),
    // Only the secret that a rotation left behind has an end.
    ...(secret.expiresAt ? { grace_secret: true } : {}),
  }
  return {
    check: { passId: client.passId, version: client.version },
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
    uses: [secretUse(exchange, client.agentUserId, secret.id)],
  }
}

/** The act of refusing a grant. For a client that does not exist it is nobody's, and costs the same. */
export function refusalAct(exchange: Exchange, statusCode: number): Act {
  const metadata = { error: exchange.error?.code, client_id: exchange.clientId }
  return { events: [eventOf(exchange, ERROR, statusCode, metadata)], uses: [] }
}

/** A call of an authenticated pass to one of this server's OAuth endpoints. */
export function callAct(exchange: Exchange, statusCode: number, extra: readonly ActivityDraft[] = []): Act {
  const { client, secret } = exchange
  if (!client || !secret) throw new Error('A call without an authenticated client')
  const succeeded = statusCode < 400
  return {
    check: { passId: client.passId, version: client.version },
    events: [eventOf(exchange, API_REQUEST, statusCode, { secret_id: secret.id }), ...extra],
    uses: succeeded ? [secretUse(exchange, client.agentUserId, secret.id)] : [],
    revocations: exchange.revocations,
  }
}

function secretUse({ request }: Exchange, agentUserId: string, credentialId: string) {
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
