import type { ParameterizedContext } from 'koa'
import type { RequestState } from '../http/context.ts'
import type { FoundToken } from '../tokens/token.store.ts'

/** A project's API key: all of its project's management and activity. */
export interface ApiKeyPrincipal {
  readonly kind: 'api_key'
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly organizationId: string
}

/** A pass, by its access token: what the token's scopes allow, in its own project. */
export interface PassPrincipal {
  readonly kind: 'pass'
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly organizationId: string
  readonly agentUserId: string
  /** What the token was granted. */
  readonly tokenScopes: ReadonlySet<string>
}

/** Who makes a request. */
export type Principal = ApiKeyPrincipal | PassPrincipal

/** The state of a request that has been authorized. */
export interface AccessState extends RequestState {
  /** Set by `authorize`, before any handler of a protected route runs. */
  principal: Principal
  /** The pass's token that the request showed, whoever else vouched for it: its calls are on record. */
  passToken?: FoundToken
}

export type AccessContext = ParameterizedContext<AccessState>
