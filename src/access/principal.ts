import type { ParameterizedContext } from 'koa'
import type { FoundToken } from '../access-tokens/token.store.ts'
import type { RequestState } from '../http/context.ts'
import type { Role } from '../users/role.ts'

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
  /** Of the pass: raised by whatever ends all of its tokens. */
  readonly epoch: number
  /** Of the token; never its value. */
  readonly tokenId: string
  /** What the token was granted. */
  readonly tokenScopes: ReadonlySet<string>
}

/** A signed-in user: what their role in an organization allows, in all of its projects. */
export interface UserPrincipal {
  readonly kind: 'user'
  readonly id: string
  /** Raised by whatever ends all tokens of the user. */
  readonly epoch: number
  /** What the sign-in gave, which ends with the session. */
  readonly grantId: string
  /** The email. */
  readonly name: string
  /** The role in each of their organizations, by its id. */
  readonly roles: ReadonlyMap<string, Role>
  /** The one project that the request can be about: that of an API key which was shown as well. */
  readonly onlyProjectId?: string
}

/** Who makes a request. */
export type Principal = ApiKeyPrincipal | PassPrincipal | UserPrincipal

/** The organization and project that a request is about; undefined where its path names none and a user asks. */
export interface Place {
  readonly organizationId: string | undefined
  readonly projectId: string | undefined
}

/** The state of a request that has been authorized. */
export interface AccessState extends RequestState {
  /** Set by `authorize`, before any handler of a protected route runs. */
  principal: Principal
  /** Set with it: those of the path, which are the principal's; else those that an API key or a pass belongs to. */
  place: Place
  /** The pass's token that the request showed, whoever else vouched for it: its calls are on record. */
  passToken?: FoundToken
}

export type AccessContext = ParameterizedContext<AccessState>
