import { isAddressAllowed } from '../http/allow-lists.ts'
import type { Context, RequestState } from '../http/context.ts'
import { Problem } from '../http/problems.ts'
import { API_KEY_PREFIX, shownCredentials } from './credentials.ts'
import type { FoundToken } from './found-token.ts'
import {
  type ApiKeyPrincipal,
  actsByRole,
  type OrganizationKeyPrincipal,
  type PassPrincipal,
  type Principal,
  type UserPrincipal,
} from './principal.ts'

/** Who makes a request, and the pass's token that it showed. */
export interface Authentication {
  readonly principal: Principal
  readonly passToken: FoundToken | undefined
}

/** Called with the token of a known pass as soon as it is found, good or not, so that the call is on record. */
type OnPassToken = (token: FoundToken) => void

/** Finds whose an API key is; undefined for one that is not good at this moment. */
export interface ApiKeys {
  authenticate(key: string): Promise<ApiKeyPrincipal | OrganizationKeyPrincipal | undefined>
}

/** Finds a pass's access token, good or not. */
export interface PassTokens {
  find(value: string): Promise<FoundToken | undefined>
}

/** Finds the user of an access token that is good at this moment. */
export interface UserTokens {
  findUser(value: string): Promise<UserPrincipal | undefined>
}

/** Tells who makes a request, from its headers and what its connection says. */
export class Authenticator {
  readonly #apiKeys: ApiKeys
  readonly #tokens: PassTokens
  readonly #users: UserTokens
  readonly #apiBaseUrl: string

  constructor(apiKeys: ApiKeys, tokens: PassTokens, users: UserTokens, apiBaseUrl: string) {
    this.#apiKeys = apiKeys
    this.#tokens = tokens
    this.#users = users
    this.#apiBaseUrl = apiBaseUrl
  }

  /**
   * Accepts a signed-in user's access token, an API key (`Api-Key`, or as Bearer) or a pass's access token. When both
   * headers come, both must be good and agree on the project; who acts is the first of these three.
   * @throws Problem `unauthenticated` or `credentials_disagree`
   */
  async authenticate(
    { headers, state }: Pick<Context, 'headers' | 'state'>,
    onPassToken: OnPassToken,
  ): Promise<Authentication> {
    const shown = shownCredentials(headers)
    const bearerIsKey = shown.bearer?.startsWith(API_KEY_PREFIX) ?? false
    if (shown.apiKeyHeader === undefined && shown.bearer === undefined)
      throw new Problem(
        'unauthenticated',
        'Send an API key as Api-Key or as Authorization: Bearer, or the access token of a pass or of a signed-in user as Authorization: Bearer.',
      )
    // A pass's token is looked up first, so that its call is on record even when the key beside it is not good.
    const token =
      shown.bearer === undefined || bearerIsKey
        ? undefined
        : await this.#token(shown.bearer, state, onPassToken)
    const principals: Principal[] = token?.principal.kind === 'user' ? [token.principal] : []
    if (shown.apiKeyHeader !== undefined) principals.push(await this.#apiKey(shown.apiKeyHeader))
    if (bearerIsKey && shown.bearer !== undefined) principals.push(await this.#apiKey(shown.bearer))
    if (token?.principal.kind === 'pass') principals.push(token.principal)
    const [principal, other] = principals
    if (!principal)
      throw invalid('The access token is not known here, has ended, or is not meant for this API.')
    if (other && !agree(principal, other))
      throw new Problem(
        'credentials_disagree',
        'Api-Key and Authorization are credentials of different projects or organizations. Send one of them, or two that belong together.',
        undefined,
        { presented: true },
      )
    return { principal: narrowed(principal, other), passToken: token?.passToken }
  }

  async #apiKey(key: string): Promise<Principal> {
    const principal = await this.#apiKeys.authenticate(key)
    if (!principal)
      throw invalid('The API key is not known here, or has expired. Make a new one or check the copy.')
    return principal
  }

  async #token(
    value: string,
    { clientIp, certificate }: RequestState,
    onPassToken: OnPassToken,
  ): Promise<Authentication> {
    // No token was tried, so that none is called a bad one (RFC 6750 section 3.1).
    if (value === '')
      throw new Problem(
        'unauthenticated',
        'This Authorization is of no scheme that counts here: send Bearer.',
      )
    const token = await this.#tokens.find(value)
    const user = token ? undefined : await this.#users.findUser(value)
    if (user) return { principal: user, passToken: undefined }
    if (token) onPassToken(token)
    if (!token?.live) throw invalid('The access token is not known here, or has ended. Fetch a new one.')
    if (token.certificate !== undefined && token.certificate !== certificate)
      throw invalid(
        `The access token is bound to a client certificate (RFC 8705), and the request came with ${certificate === undefined ? 'none' : 'another one'}.`,
      )
    // Tokens for somebody else's API are not for this one (RFC 8707 section 2).
    if (token.audience !== undefined && token.audience !== this.#apiBaseUrl)
      throw invalid(
        `The access token is meant for ${token.audience}. Fetch one for the resource ${this.#apiBaseUrl}.`,
      )
    if (!isAddressAllowed(token.pass.allowedIps, clientIp))
      throw invalid(`The pass may not be used from the address ${clientIp}.`)
    return { principal: passPrincipal(token), passToken: token }
  }
}

function passPrincipal(token: FoundToken): PassPrincipal {
  return {
    kind: 'pass',
    id: token.pass.id,
    name: token.pass.title,
    projectId: token.pass.projectId,
    organizationId: token.pass.organizationId,
    agentUserId: token.pass.agentUserId,
    epoch: token.pass.epoch,
    tokenId: token.id,
    tokenScopes: new Set(token.scopes),
  }
}

/** Whether two credentials of one request belong together: of one project, or of it and of a user who reaches it. */
function agree(one: Principal, other: Principal): boolean {
  if (other.kind === 'user') return false
  if (one.kind === 'user') return one.roles.has(other.organizationId)
  if (one.kind === 'organization_key' || other.kind === 'organization_key')
    return one.organizationId === other.organizationId
  return one.projectId === other.projectId
}

/**
 * Who shows an API key as well acts where that is good alone: a user in its project or organization, an organization's
 * key in the project of what is beside it.
 */
function narrowed(principal: Principal, other: Principal | undefined): Principal {
  if (!actsByRole(principal) || !other || other.kind === 'user') return principal
  const only = other.kind === 'organization_key' ? {} : { onlyProjectId: other.projectId }
  if (principal.kind === 'organization_key') return { ...principal, ...only }
  const roles = new Map([...principal.roles].filter(([id]) => id === other.organizationId))
  return { ...principal, roles, formerRoles: new Map(), ownedInstance: undefined, ...only }
}

function invalid(detail: string): Problem {
  return new Problem('unauthenticated', detail, undefined, { presented: true })
}
