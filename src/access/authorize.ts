import type Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { isUuid } from '../http/ids.ts'
import { notFound, Problem } from '../http/problems.ts'
import { applyLimit, type RateLimiting } from '../http/rate-limiting.ts'
import { parseQuery } from '../http/validate.ts'
import type { Database } from '../platform/database.ts'
import type { RateDecision } from '../platform/rate-limiter.ts'
import type { Authenticator } from './authenticate.ts'
import type { FoundToken } from './found-token.ts'
import {
  type AccessState,
  actsByRole,
  ownedInstanceOf,
  type Place,
  type Principal,
  roleIn,
} from './principal.ts'
import {
  isAllowed,
  isForAnyMember,
  isForInstanceOwners,
  isForPeople,
  isOnRecord,
  type OrganizationCreation,
  type RouteName,
  RULES,
} from './rules.ts'
import { holdOf, type Standing } from './standing.ts'

export type Authorize = (route: RouteName) => Middleware<AccessState>

/** Adds the protected routes of a feature to the router of them all. */
export type MountApi = (api: Router<AccessState>, authorize: Authorize) => void

/** The query of a route that describes none. */
const NO_PARAMETERS = z.strictObject({})

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Tells whether an organization has a project, or had one. */
export interface ProjectLookup {
  hasProject(organizationId: string, projectId: string): Promise<boolean>
  hasOrHadProject(organizationId: string, projectId: string): Promise<boolean>
}

/**
 * Makes the middleware that every protected route starts with: who is it (401), is the organization and project
 * of the path its own (404), does the table allow it (403). Each call counts against the limit of who makes it (429). A pass
 * that would change something is looked at once more: what its token was granted may be more than it has now.
 *
 * @param takesQuery tells which routes parse their query; of the others every parameter is refused (400)
 * @param takesIfMatch tells which routes compare `If-Match`; what the others change has no ETag, so that none matches (412)
 */
export function createAuthorize(
  authenticator: Authenticator,
  projects: ProjectLookup,
  limits: RateLimiting | undefined,
  takesQuery: (route: RouteName) => boolean,
  takesIfMatch: (route: RouteName) => boolean,
  database: Pick<Database, 'em'>,
  standing: Standing,
  creation: OrganizationCreation,
): Authorize {
  return route => async (ctx, next) => {
    const { principal: found, passToken } = await authenticator.authenticate(ctx, token => {
      ctx.state.passToken = token
    })
    if (limits) applyLimit(ctx, await takeCall(limits, found, passToken))
    const named = namedIn(ctx.params)
    const principal = admitted(route, found, named.orgId)
    const place = await placeOf(route, principal, named, projects)
    if (!isAllowed(route, principal, place.organizationId, creation)) throw forbidden(route, principal)
    if (!takesQuery(route)) parseQuery(NO_PARAMETERS, ctx.query)
    if (!SAFE_METHODS.has(ctx.method) && !takesIfMatch(route)) assertMatchesNothing(ctx.get('if-match'))
    const hold = holdOf(standing, principal, place.organizationId, route)
    // Here too, and not in the act alone: a repeated request is answered without one, and no work is done in vain.
    if (principal.kind === 'pass' && !SAFE_METHODS.has(ctx.method)) await database.em().transactional(hold)
    ctx.state.principal = principal
    ctx.state.place = place
    ctx.state.hold = hold
    await next()
  }
}

/** Of what has no ETag, `If-Match` is true for `*` alone (RFC 9110 section 13.1.1). @throws Problem `precondition_failed` */
function assertMatchesNothing(ifMatch: string): void {
  if (ifMatch === '' || ifMatch.trim() === '*') return
  throw new Problem(
    'precondition_failed',
    'This has no ETag that If-Match could name, so nothing was changed. Leave the header out, or send *.',
  )
}

/** Counts a call for who makes it. */
function takeCall(
  limits: RateLimiting,
  { kind, id }: Principal,
  passToken: FoundToken | undefined,
): Promise<RateDecision> {
  if (kind === 'user') return limits.takePerson(id)
  return kind === 'pass' && passToken ? limits.takeCall(id, passToken.pass.accessLevel) : limits.takeKey(id)
}

/** Ids are stored in lower case, and UUIDs are the same in any (RFC 9562 section 4). */
function namedIn({ orgId, projectId }: { readonly orgId?: string; readonly projectId?: string }) {
  return { orgId: orgId?.toLowerCase(), projectId: projectId?.toLowerCase() }
}

/**
 * Whoever asks, as they may act on a route: without one-time codes a member does nothing in an organization that
 * requires them, but where the table lets them. @throws Problem `totp_required`
 */
function admitted(route: RouteName, principal: Principal, orgId: string | undefined): Principal {
  if (principal.kind !== 'user' || orgId === undefined || !principal.withheld.has(orgId)) return principal
  if (isForAnyMember(route))
    return { ...principal, roles: new Map([...principal.roles, ...principal.withheld]) }
  throw new Problem(
    'totp_required',
    'The organization requires one-time codes of its members. Set them up for your account; until then you can do nothing in it but leave.',
  )
}

/** Where a request acts. @throws Problem `not_found` for a place that is not the principal's, or is none */
async function placeOf(
  route: RouteName,
  principal: Principal,
  path: ReturnType<typeof namedIn>,
  projects: ProjectLookup,
): Promise<Place> {
  if (!actsByRole(principal)) {
    const { organizationId, projectId } = principal
    if (path.orgId !== undefined && path.orgId !== organizationId) throw notFound()
    if (path.projectId !== undefined && path.projectId !== projectId) throw notFound()
    return { organizationId, projectId }
  }
  if (isForInstanceOwners(route)) return { organizationId: ownedInstanceOf(principal), projectId: undefined }
  const { orgId: organizationId, projectId } = path
  const { onlyProjectId = projectId } = principal
  const onRecord = isOnRecord(route)
  const role = roleIn(principal, organizationId, onRecord)
  if (organizationId !== undefined && role === undefined) throw notFound()
  if (projectId !== undefined) {
    if (!isUuid(projectId) || organizationId === undefined || projectId !== onlyProjectId) throw notFound()
    const isOwn = onRecord
      ? await projects.hasOrHadProject(organizationId, projectId)
      : await projects.hasProject(organizationId, projectId)
    if (!isOwn) throw notFound()
  }
  return { organizationId, projectId }
}

function forbidden(route: RouteName, principal: Principal): Problem {
  const { apiKey, passScopes, user } = RULES[route]
  if (principal.kind === 'organization_key' && !isForPeople(route))
    return new Problem(
      'forbidden',
      `This needs the role ${user} or one above it, and the API key has the role ${principal.role}.`,
    )
  const needed = passScopes.map(scopes => scopes.replaceAll(' ', ' and ')).join(' or ')
  if (principal.kind === 'user' && user === 'founder')
    return new Problem(
      'forbidden',
      'Organizations are made by the owners of this server (ORGANIZATION_CREATION). Ask one of them.',
    )
  if (principal.kind === 'user' && user === 'instance owner')
    return new Problem(
      'forbidden',
      'This is for the owners of the first organization, whose own the server is.',
    )
  if (principal.kind === 'user')
    return new Problem('forbidden', `This needs the role ${user} or one above it.`)
  if (principal.kind === 'pass' && needed)
    return new Problem('forbidden', `The access token would need the scope ${needed}.`, undefined, {
      scope: passScopes[0],
    })
  if (!apiKey)
    return new Problem('forbidden', 'This is for people: it needs the access token of a signed-in user.')
  return new Problem('forbidden', 'This needs an API key of the project; a pass is not allowed to do it.')
}
