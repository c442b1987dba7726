import { Problem } from '../http/problems.ts'
import type { EntityManager } from '../platform/database.ts'
import type {
  ApiKeyPrincipal,
  OrganizationKeyPrincipal,
  PassPrincipal,
  Principal,
  UserPrincipal,
} from './principal.ts'
import type { RouteName } from './rules.ts'

/**
 * Holds what somebody acts by as it was when the request was let in, until the transaction ends: whoever ends it
 * waits for the act, and an act that comes after the end changes nothing. A single token that is ended, or whose key
 * is pulled, is looked at and not held.
 * @throws Problem `unauthenticated` when it has ended since, `forbidden` for a pass that may read and no longer write
 */
export type HoldCredential = (em: EntityManager) => Promise<void>

/** How each kind of credential is held: by the feature that gives it out. */
export interface Standing {
  readonly ofKey: (key: ApiKeyPrincipal | OrganizationKeyPrincipal) => HoldCredential
  readonly ofPass: (pass: PassPrincipal, route: RouteName) => HoldCredential
  /** @param organizationId of the request; a user's role there is held with the user */
  readonly ofUser: (user: UserPrincipal, organizationId: string | undefined) => HoldCredential
}

/** @param organizationId of the request */
export function holdOf(
  standing: Standing,
  principal: Principal,
  organizationId: string | undefined,
  route: RouteName,
): HoldCredential {
  if (principal.kind === 'user') return standing.ofUser(principal, organizationId)
  if (principal.kind === 'pass') return standing.ofPass(principal, route)
  return standing.ofKey(principal)
}

/** The refusal of an act whose credential has ended since the request was let in. */
export function credentialEnded(): Problem {
  return new Problem(
    'unauthenticated',
    'The credential has ended while this was being done. Nothing was changed.',
    undefined,
    { presented: true },
  )
}
