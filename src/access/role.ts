/** What a member may do in an organization, from least to most. */
export const ROLES = ['VIEWER', 'MEMBER', 'ADMIN', 'OWNER'] as const
export type Role = (typeof ROLES)[number]

/** What an organization's API key may be: machines own nothing. */
export const KEY_ROLES = ['VIEWER', 'MEMBER', 'ADMIN'] as const satisfies readonly Role[]
export type KeyRole = (typeof KEY_ROLES)[number]

/** Whether a role is the needed one or one above it. */
export function reaches(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
