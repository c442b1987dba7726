import { decodeProtectedHeader } from 'jose'
import Provider, { errors } from 'oidc-provider'
import type { RateLimiting } from '../../http/rate-limiting.ts'
import type { PassSecrets } from '../../passes/pass-secret.ts'
import { ASSERTION_ALGORITHMS } from '../../passes/public-key.ts'
import type { Clock } from '../../platform/clock.ts'
import { SIGNING_ALGORITHMS } from '../../platform/config.ts'
import { NIL_UUID } from '../../platform/uuid.ts'
import type { PrivateJwk } from '../../signing-keys/signing-keys.ts'
import type { ClientSnapshot } from '../client.store.ts'
import { CLOCK_LEEWAY_SECONDS, whyRefused } from '../client-assertion.ts'
import { acceptProved, authenticateBySecret, PassRefused } from '../client-authentication.ts'
import { isClientId } from '../client-id.ts'
import { OAUTH_ROUTES } from '../endpoints.ts'
import type { Exchange, ProvedCredential } from '../exchange.ts'
import { grantedScopes, NotGranted, targetOf, tokenTtlSeconds } from '../grant-rules.ts'
import type { ReplayGuard } from '../replay.store.ts'
import { assertWithinLimit } from './assert-within-limit.ts'
import type { Clients } from './clients.ts'
import { featuresFor, fetchNothing } from './library-features.ts'
import { type AccessTokenArtifacts, createAdapterFactory } from './oidc-adapter.ts'
import {
  LACKS_CLIENT_AUTHENTICATION,
  oauthError,
  overrideClientLookup,
  overrideReplayDetection,
  overrideSecretComparison,
  registerClientCredentials,
} from './oidc-internals.ts'

/** Characters of the `kid` of an assertion that go on record: as many as a registered key's may have. */
const KID_KEPT = 200

/** The exchange that the library is working on, wherever in it the call comes from. */
export function currentExchange(): Exchange {
  const exchange: Exchange | undefined = Provider.ctx?.state.exchange
  if (!exchange) throw new Error('The library was called outside of an OAuth endpoint')
  return exchange
}

/** oidc-provider set up for machine clients: its rules for requests; ours for clients, secrets, scopes and time. */
export function createProvider(options: {
  readonly issuer: string
  readonly apiBaseUrl: string
  readonly signingKeys: readonly PrivateJwk[]
  readonly artifacts: AccessTokenArtifacts
  readonly clients: Clients
  readonly secrets: PassSecrets
  readonly replays: ReplayGuard
  readonly limits: RateLimiting | undefined
  readonly clock: Clock
}): Provider {
  const { apiBaseUrl, clients, clock, limits, replays, secrets } = options
  const provider = new Provider(options.issuer, {
    adapter: createAdapterFactory(options.artifacts),
    jwks: { keys: [...options.signingKeys] },
    routes: OAUTH_ROUTES,
    scopes: [],
    responseTypes: [],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING_ALGORITHMS],
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
    },
    ttl: {
      ClientCredentials: () => tokenTtlSeconds(provedClient(), currentExchange().target, clock.now()),
    },
    clockTolerance: CLOCK_LEEWAY_SECONDS,
    // Asked once the signature is good: who reads the reason holds the key.
    assertJwtClientAuthClaimsAndHeader: (ctx, claims, header) => {
      const audiences = ctx.oidc.clientJwtAuthExpectedAudience()
      const why =
        whyRefused(claims, audiences, options.issuer, Math.floor(Date.now() / 1000)) ??
        currentExchange().assertionKeys?.faultOfName(String(header.alg), header.kid)
      if (why !== undefined) throw oauthError(401, 'invalid_client', why)
    },
    // `Origin` is judged by the pass's allowedReferers, once the secret is proved. The library would judge it before,
    // and its refusal names the client.
    clientBasedCORS: () => true,
    renderError: (ctx, out) => {
      ctx.body = out
    },
    fetch: fetchNothing,
    features: featuresFor('machines', {
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: () => currentExchange().token?.pass.projectId === provedClient().projectId,
      },
      revocation: {
        enabled: true,
        allowedPolicy: () => currentExchange().token?.pass.id === provedClient().passId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        getResourceServerInfo: (_ctx, resource) => {
          const exchange = currentExchange()
          exchange.target = granting(() => targetOf(provedClient(), resource, apiBaseUrl))
          const { resource: audience } = exchange.target
          return { scope: exchange.scopes?.join(' ') ?? '', audience, accessTokenFormat: 'opaque' }
        },
      },
    }),
  })

  overrideClientLookup(provider, async clientId => {
    const exchange = currentExchange()
    exchange.clientId = isClientId(clientId) ? clientId : 'malformed'
    // An assertion is judged by the keys as they are now: by a copy it would be judged twice where it is refused, which
    // takes longer than a client that does not exist.
    const cached = exchange.useCache && !showsAssertion() ? clients.cached(clientId) : undefined
    const known = cached ?? (await clients.fresh(provider, clientId))
    if (known) {
      exchange.client = known.snapshot
      exchange.clientFromCache = cached !== undefined
    }
    const { client, asserting, keys } = known ?? (await clients.nobody(provider, clientId))
    exchange.assertionKeys = keys
    return showsAssertion() ? asserting : client
  })

  overrideSecretComparison(provider, async (_client, presented) => {
    const exchange = currentExchange()
    const authenticate = async () => {
      if (!(await authenticateBySecret(secrets, exchange, presented, clock.now()))) return false
      await assertWithinLimit(limits, exchange)
      return true
    }
    try {
      // A copy of the pass may be too old to know this secret, or that the pass was activated: before it refuses,
      // it is read again. An unknown client has the same work done for it.
      if (exchange.clientFromCache !== false && (await authenticate().catch(refusedByCopy))) return true
      const fresh = exchange.clientFromCache
        ? await clients.fresh(provider, exchange.clientId ?? '')
        : undefined
      if (exchange.clientFromCache) exchange.client = fresh?.snapshot
      exchange.clientFromCache = false
      return await authenticate()
    } catch (error) {
      throw await refusal(limits, error)
    }
  })

  overrideReplayDetection(provider, async (jti, expiresAt) => {
    const exchange = currentExchange()
    const { client } = exchange
    const seconds = expiresAt - Math.floor(Date.now() / 1000)
    if (!client) return false
    const assertion = `${client.clientId} ${jti}`
    const { claimed } = exchange.request
    if (!claimed.has(assertion) && !(await replays.claim(assertion, seconds))) return false
    claimed.add(assertion)
    try {
      acceptProved(exchange, client, assertionCredential(), clock.now())
    } catch (error) {
      throw await refusal(limits, error)
    }
    await assertWithinLimit(limits, exchange)
    return true
  })

  registerClientCredentials(provider, ctx => {
    const exchange = currentExchange()
    // It would narrow what is granted: passed over, it would be granted whole (RFC 9396 section 5).
    if (ctx.oidc.body?.authorization_details !== undefined)
      throw oauthError(
        400,
        'invalid_authorization_details',
        'authorization_details are not supported: ask for scopes',
      )
    exchange.scopes = granting(() => grantedScopes(ctx.oidc.params.scope, provedClient().scopes))
    return exchange.scopes
  })

  // The library emits these while it answers; noting them is all that happens here, and it cannot fail.
  const note = (_ctx: unknown, error: Error) => noteError(currentExchange(), error)
  provider.on('grant.error', note)
  provider.on('introspection.error', note)
  provider.on('revocation.error', note)
  provider.on('server_error', (_ctx, error) => {
    currentExchange().fault = error
  })
  return provider
}

/** Whether the client authenticates by an assertion (RFC 7523): it is then looked up as one that signs. */
function showsAssertion(): boolean {
  return Provider.ctx?.oidc.params?.client_assertion !== undefined
}

function assertionCredential(): ProvedCredential {
  const assertion = Provider.ctx?.oidc.params?.client_assertion
  const kid: unknown = typeof assertion === 'string' ? decodeProtectedHeader(assertion).kid : undefined
  const assertionKey = typeof kid === 'string' ? kid.slice(0, KID_KEPT) : undefined
  return { id: NIL_UUID, expiresAt: null, assertionKey }
}

/** The error to answer with. Who proved to be a pass that may not be used is counted against its limit like any other. */
async function refusal(limits: RateLimiting | undefined, error: unknown): Promise<unknown> {
  if (!(error instanceof PassRefused)) return error
  await assertWithinLimit(limits, currentExchange())
  return oauthError(401, 'invalid_client', error.message)
}

function refusedByCopy(error: unknown): false {
  if (error instanceof PassRefused) return false
  throw error
}

/** What a rule of grants decides, or the library's error for what it refuses. */
function granting<Decided>(decide: () => Decided): Decided {
  try {
    return decide()
  } catch (error) {
    if (!(error instanceof NotGranted)) throw error
    throw error.code === 'invalid_scope'
      ? new errors.InvalidScope(error.message, error.scope ?? '')
      : new errors.InvalidTarget(error.message)
  }
}

/** The client of the exchange, once it has proved to be it. */
function provedClient(): ClientSnapshot {
  const { client, credential } = currentExchange()
  if (!client || !credential) throw new Error('The client has not been authenticated')
  return client
}

function noteError(exchange: Exchange, error: Error): void {
  if (!(error instanceof errors.OIDCProviderError)) return
  const detail = [error.error_description, error.error_detail].filter(Boolean).join(': ')
  exchange.error = { code: error.error, detail }
  exchange.showsNone = detail === LACKS_CLIENT_AUTHENTICATION
}
