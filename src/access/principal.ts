import type { ParameterizedContext } from 'koa'
import type { RequestState } from '../http/context.ts'
import type { FoundToken } from './found-token.ts'
import type { KeyRole, Role } from './role.ts'
import type { HoldCredential } from './standing.ts'

/** A project's API key: all of its project's management and activity. */
export interface ApiKeyPrincipal {
  readonly kind: 'api_key'
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly organizationId: string
  /** null: never. */
  readonly expiresAt: Date | null
}

/** An organization's API key: what its role allows, in all of the organization's projects. */
export interface OrganizationKeyPrincipal {
  readonly kind: 'organization_key'
  readonly id: string
  readonly name: string
  readonly organizationId: string
  readonly role: KeyRole
  /** null: never. */
  readonly expiresAt: Date | null
  /** The one project that the request can be about: that of another credential which was shown as well. */
  readonly onlyProjectId?: string
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
  readonly sessionId: string
  /** The email. */
  readonly name: string
  /** The role in each of their organizations, by its id. */
  readonly roles: ReadonlyMap<string, Role>
  /** The same of those that require one-time codes, which they have not set up: all but leaving waits for that. */
  readonly withheld: ReadonlyMap<string, Role>
  /** What they were in organizations that are deleted, and whose record they read as that. */
  readonly formerRoles: ReadonlyMap<string, Role>
  /** The id of the first organization, where they are an owner of it, and with that of the instance. */
  readonly ownedInstance: string | undefined
  /** The one project that the request can be about: that of an API key which was shown as well. */
  readonly onlyProjectId?: string
}

/** Who makes a request. */
export type Principal = ApiKeyPrincipal | OrganizationKeyPrincipal | PassPrincipal | UserPrincipal

/** Who reaches all projects of an organization, as far as a role goes. */
export type RolePrincipal = OrganizationKeyPrincipal | UserPrincipal

/** Whether somebody acts by a role, and not in one project that they belong to. */
export function actsByRole(principal: Principal): principal is RolePrincipal {
  return principal.kind === 'user' || principal.kind === 'organization_key'
}

/**
 * The role that somebody has in an organization; undefined: none.
 * @param onRecord whether the role that they had in one that was deleted counts
 */
export function roleIn(
  principal: RolePrincipal,
  organizationId: string | undefined,
  onRecord = false,
): Role | undefined {
  if (organizationId === undefined) return undefined
  if (principal.kind === 'organization_key')
    return principal.organizationId === organizationId ? principal.role : undefined
  const former = onRecord ? principal.formerRoles.get(organizationId) : undefined
  return principal.roles.get(organizationId) ?? former
}

/** The id of the first organization, for its owners, who own the instance. */
export function ownedInstanceOf(principal: RolePrincipal): string | undefined {
  return principal.kind === 'user' ? principal.ownedInstance : undefined
}

/** The organizations that somebody reaches. */
export function organizationsOf(principal: Principal): string[] {
  return principal.kind === 'user' ? [...principal.roles.keys()] : [principal.organizationId]
}

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
  /** Set with them: what an act calls in its transaction before it changes anything. */
  hold: HoldCredential
  /** The pass's token that the request showed, whoever else vouched for it: its calls are on record. */
  passToken?: FoundToken
}

export type AccessContext = ParameterizedContext<AccessState>
