/**
 * All that reaches into oidc-provider 9.13.3 beyond its documented interface. `test/oauth/library/oidc-internals.test.ts` holds
 * each part against the installed version; nothing else in the project knows the library's insides.
 */
import type { JsonWebKey } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { ParameterizedContext } from 'koa'
import compose from 'koa-compose'
import Provider, { type ClientMetadata, errors, type TokenEndpointGrantContext } from 'oidc-provider'
import { handler as clientCredentialsHandler } from 'oidc-provider/lib/actions/grants/client_credentials.js'
import addClient from 'oidc-provider/lib/helpers/add_client.js'
import * as grantHelpers from 'oidc-provider/lib/helpers/grants.js'
import initializeKeystore from 'oidc-provider/lib/helpers/initialize_keystore.js'
import internalsOf from 'oidc-provider/lib/helpers/weak_cache.js'
import { publicPathOf } from '../../http/public-path.ts'
import type { PrivateJwk } from '../../signing-keys/signing-keys.ts'

export type Client = InstanceType<Provider['Client']>

/** Replaces where the library finds its clients: the stock way re-reads, hashes and validates on every request. */
export function overrideClientLookup(
  provider: Provider,
  find: (clientId: string) => Promise<Client | undefined>,
): void {
  Object.defineProperty(provider.Client, 'find', {
    value: async (id: unknown) => (typeof id === 'string' && id !== '' ? find(id) : undefined),
  })
}

/** Replaces how the library compares a client's secret; it awaits the answer. */
export function overrideSecretComparison(
  provider: Provider,
  compare: (client: Client, presented: string) => Promise<boolean>,
): void {
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    value(this: Client, presented: string) {
      return compare(this, presented)
    },
  })
}

/**
 * Replaces how the library remembers assertions: it reads first and writes then, and two at once both pass. It is the
 * last thing that the library asks of an assertion, when all else of it is good.
 * @param unique given the `jti` and until when the assertion could be used, in seconds since the epoch
 */
export function overrideReplayDetection(
  provider: Provider,
  unique: (jti: string, expiresAt: number) => Promise<boolean>,
): void {
  Object.defineProperty(provider.ReplayDetection, 'unique', {
    value: (_issuer: string, jti: string, expiresAt: number) => unique(jti, expiresAt),
  })
}

/** Gives the library other keys to sign ID tokens with, the first one first; it takes them once, when it is made. */
export function replaceSigningKeys(provider: Provider, keys: readonly PrivateJwk[]): void {
  initializeKeystore.call(provider, { keys: [...keys] })
}

/** Leaves the library these ways to answer an authorization request: it has others that no option switches off. */
export function keepResponseModes(provider: Provider, kept: readonly string[]): void {
  const { responseModes } = internalsOf(provider)
  for (const mode of [...responseModes.keys()]) if (!kept.includes(mode)) responseModes.delete(mode)
}

/** Builds a client that the library has validated, without storing it. */
export async function buildClient(provider: Provider, metadata: ClientMetadata): Promise<Client> {
  return addClient(provider, metadata)
}

/** The keys that the library tries on an assertion, in this order, until one has verified it. */
export interface VerifyingKeys {
  candidates(alg: string, kid: unknown): JsonWebKey[]
}

/**
 * Another client, which differs from one that the library has validated in its id and its keys alone. To have each validated
 * costs as much as a grant, and would tell a client that a process has not seen before from one that does not exist.
 */
export function deriveClient(template: Client, clientId: string, keys: VerifyingKeys): Client {
  const keystore = {
    selectForVerify: ({ alg, kid }: { alg: string; kid?: unknown }) => keys.candidates(alg, kid),
    getKeyObject: (key: JsonWebKey) => key,
  }
  return Object.create(template, {
    clientId: { value: clientId, enumerable: true },
    asymmetricKeyStore: { value: keystore },
  })
}

/**
 * Registers the library's own client_credentials grant with another rule for the scopes: theirs limits only scopes
 * that are in the static configuration, and drops the others without a word.
 */
export function registerClientCredentials(
  provider: Provider,
  grantedScopes: (ctx: TokenEndpointGrantContext) => readonly string[],
): void {
  const helpers = Object.fromEntries(
    Object.entries(grantHelpers).map(([name, helper]) => [name, helper.bind(undefined, provider)]),
  )
  provider.registerGrantType(
    'client_credentials',
    async ctx => {
      const scopes = new Set(grantedScopes(ctx))
      await clientCredentialsHandler(provider, { ...helpers, validateClientScope: () => scopes }, ctx)
    },
    ['scope', 'resource'],
    ['resource'],
  )
}

/** One run of a request through the library, on a context of its own, with the body that was read before. */
export type RunLibrary = (ctx: ParameterizedContext, body: Buffer) => Promise<void>

/**
 * Makes the function that hands a request to the library.
 *
 * The library fixes its state to the context and reads the body from the request's stream, so one context passes
 * through it once. Each run gets a context derived from the real one, and the body as a stream would give it: then a
 * request can be run again.
 */
export function createLibraryRun(provider: Provider): RunLibrary {
  const run = compose(provider.middleware)
  const baseUrl = publicPathOf(provider.issuer)
  return async (ctx, body) => {
    // All that the library uses of the request's stream to read a body, and of its connection to set a cookie; a real
    // stream costs a tenth of a grant.
    const { method, socket, url } = ctx.req
    const stream = { readable: true, readableEncoding: null, iterator: () => [body] }
    const req = { ...stream, method, url, headers: headersFor(ctx.req.headers, body), socket, baseUrl }
    // The library takes its own addresses, which an assertion has to name, from the request: the path below which it is
    // reached from `baseUrl`, the rest from `href`; `Host` is anybody's to set.
    const href = new URL(ctx.url, provider.issuer).href
    const request = Object.create(ctx.request, { req: { value: req } })
    const derived: ParameterizedContext = Object.create(ctx, {
      req: { value: req },
      request: { value: request },
      href: { value: href },
    })
    await run(derived, async () => {})
  }
}

/** What the library has to know of a request. Others, such as `DPoP`, would switch on what this server has not. */
const HEADERS = [
  ...[
    'accept',
    'authorization',
    'content-length',
    'content-type',
    'cookie',
    'host',
    'origin',
    'transfer-encoding',
  ],
] as const

function headersFor(headers: IncomingHttpHeaders, body: Buffer): IncomingHttpHeaders {
  const known: IncomingHttpHeaders = Object.fromEntries(HEADERS.map(name => [name, headers[name]]))
  // It takes one space behind the scheme; any number may stand there (RFC 9110 section 11.4).
  // The body may be another one than was sent.
  if (known['content-length'] !== undefined) known['content-length'] = String(body.length)
  return { ...known, authorization: headers.authorization?.replace(/^(\S+) +/, '$1 ') }
}

/** How the library describes a request that shows no credential of a client; it answers 400. */
export const LACKS_CLIENT_AUTHENTICATION = 'no client authentication mechanism provided'

/** An error of the OAuth protocol that the library answers as it is, with this status. */
export function oauthError(status: number, code: string, description: string): errors.OIDCProviderError {
  const error = new errors.OIDCProviderError(status, code)
  // The library shows 4xx only; a 503 is meant to be read as well.
  return Object.assign(error, { error_description: description, expose: true })
}
