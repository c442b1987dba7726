import type { AccessTokens, IssuedToken } from '../access-tokens/access-tokens.ts'
import { Problem } from '../http/problems.ts'
import { NIL_UUID, newId } from '../platform/uuid.ts'
import { type ActivityType, API_REQUEST, ERROR, TOKEN_GENERATION } from '../record/kinds.ts'
import type { Act, ActivityDraft } from '../record/record-batch.ts'
import type { Exchange, OAuthRequest, ProvedCredential } from './exchange.ts'

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
 * Grants a token, bound to the certificate that it was asked for with (RFC 8705 section 3).
 * @param now milliseconds since the epoch
 */
export async function grantOf(
  exchange: Exchange,
  tokens: Pick<AccessTokens, 'issue'>,
  expiresInSeconds: number,
  now: number,
): Promise<Grant> {
  const { client, scopes = [], request, target } = exchange
  if (!client) throw new Error('A grant without a client')
  const { certificate } = request
  const id = newId()
  const claims = { id, scopes, target, certificate, issuedAt: now, expiresInSeconds }
  const token = await tokens.issue(client, claims)
  return { value: token.value, act: grantAct(exchange, token, id, now + expiresInSeconds * 1000) }
}

/**
 * The act of granting: the row, which is all that is kept of the token, and the use of the credential, on the condition
 * that the pass is unchanged.
 * @param id of the token and of its row
 * @param expiresAt milliseconds since the epoch
 */
function grantAct(exchange: Exchange, token: IssuedToken, id: string, expiresAt: number): Act {
  const { client, credential, scopes = [] } = exchange
  if (!client || !credential) throw new Error('A grant without an authenticated client')
  const { certificate } = exchange.request
  const metadata = {
    scopes,
    token_id: id,
    ...credentialMetadata(credential),
    ...(token.audience === undefined ? {} : { resource: token.audience }),
    ...(token.keyId === undefined ? {} : { signing_key: token.keyId }),
    ...(certificate === undefined ? {} : { certificate_thumbprint: certificate }),
    ...(credential.expiresAt ? { grace_secret: true } : {}),
  }
  return {
    checks: [{ passId: client.passId, version: client.version }],
    // The token is called by the id of the row that granted it.
    events: [
      {
        ...eventOf(exchange, TOKEN_GENERATION, 200, metadata, id),
        granted: { epoch: client.epoch, expiresAt },
      },
    ],
  }
}

/** The act of refusing a grant. For a client that does not exist it is nobody's, and costs the same. */
export function refusalAct(exchange: Exchange, statusCode: number): Act {
  const metadata = { error: exchange.error?.code, client_id: exchange.clientId }
  return { events: [eventOf(exchange, ERROR, statusCode, metadata)] }
}

/** A call of an authenticated pass to one of this server's OAuth endpoints. */
export function callAct(exchange: Exchange, statusCode: number, extra: readonly ActivityDraft[] = []): Act {
  const { client, credential } = exchange
  if (!client || !credential) throw new Error('A call without an authenticated client')
  return {
    checks: [{ passId: client.passId, version: client.version }],
    events: [eventOf(exchange, API_REQUEST, statusCode, credentialMetadata(credential)), ...extra],
    revocations: exchange.revocations,
  }
}

/** What a row says of the credential. */
function credentialMetadata({ id, assertionKey }: ProvedCredential): Record<string, string> {
  return id === NIL_UUID ? { assertion_key: assertionKey ?? '' } : { secret_id: id }
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
