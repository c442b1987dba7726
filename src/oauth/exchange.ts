import type { FoundToken } from '../access/found-token.ts'
import type { RateDecision } from '../platform/rate-limiter.ts'
import type { TokenEnd } from '../record/token-end.ts'
import type { AssertionKeys } from './assertion-keys.ts'
import type { ClientSnapshot, ResourceOfClient } from './client.store.ts'

/** The request behind an exchange. */
export interface OAuthRequest {
  readonly endpoint: string
  readonly httpMethod: string
  readonly clientIp: string
  /** The SHA-256 thumbprint of the certificate that it came with. */
  readonly certificate: string | undefined
  readonly userAgent: string | null
  readonly referer: string
  readonly origin: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly startedAtMonotonic: number
  /** Whether it asks for a token: then `Referer` and `Origin` are checked. */
  readonly grants: boolean
  /** What the limit of its pass said, once it was counted. */
  rate?: RateDecision
  /** Assertions that this request has claimed: when it is run again, they are still its own. */
  readonly claimed: Set<string>
}

/** What a client has proved to be itself by: one of its secrets, or an assertion signed with one of its keys. */
export interface ProvedCredential {
  /** The secret's id; `NIL_UUID` for an assertion. */
  readonly id: string
  /** Only a secret that a rotation left behind has an end. */
  readonly expiresAt: Date | null
  /** The `kid` that an assertion named. */
  readonly assertionKey?: string | undefined
}

/**
 * What becomes known in one run of an OAuth request through the library: the hooks note it, the endpoint reads it.
 * A request that turns out to rest on an outdated copy of a pass is run again, with a new one of these.
 */
export interface Exchange {
  readonly request: OAuthRequest
  /** Whether a cached copy of the pass may be used. */
  readonly useCache: boolean
  /** The client id that was named, known or not. */
  clientId?: string
  client?: ClientSnapshot | undefined
  /** The keys to verify an assertion of the client that was named with: of nobody, where there is none. */
  assertionKeys?: AssertionKeys
  /** Whether `client` is a copy that this process kept; undefined where there is no client. */
  clientFromCache?: boolean
  /** Set once the client has proved to be it. */
  credential?: ProvedCredential | undefined
  /** The scopes to grant. */
  scopes?: readonly string[]
  /** The resource that the token is for; undefined: none was named. */
  target?: ResourceOfClient
  /** The access token to answer with, in the place of the one that the library made. */
  accessToken?: string
  /** The token that an introspection or a revocation shows, where the library would refuse its form. */
  shownToken?: string | undefined
  /** The token that an introspection or a revocation is about. */
  token?: FoundToken | undefined
  /** The tokens to end. */
  revocations: TokenEnd[]
  /** Whether it showed no credential at all. */
  showsNone?: boolean
  /** What the library answered with, and what was wrong. */
  error?: { readonly code: string; readonly detail: string }
  /** A fault of the server's own. */
  fault?: unknown
  /** The pass was no longer what this run was decided on; nothing was written. */
  stale?: boolean
}
