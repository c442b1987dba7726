import type { Role } from '../../access/role.ts'

const TITLES: Readonly<Record<Role, string>> = {
  VIEWER: 'Viewer',
  MEMBER: 'Member',
  ADMIN: 'Admin',
  OWNER: 'Owner',
}

/** What a role is called, and what it allows. */
export const ROLE_NOTES: Readonly<Record<Role, string>> = {
  VIEWER: 'sees passes, activity and members, changes nothing',
  MEMBER: 'makes and edits passes too',
  ADMIN: 'rotates, pauses and deletes passes, manages API keys and projects, and reads the audit too',
  OWNER: 'manages members too',
}

/** From least to most. */
export const ROLE_OPTIONS: readonly { readonly value: Role; readonly label: string }[] = [
  { value: 'VIEWER', label: TITLES.VIEWER },
  { value: 'MEMBER', label: TITLES.MEMBER },
  { value: 'ADMIN', label: TITLES.ADMIN },
  { value: 'OWNER', label: TITLES.OWNER },
]

export function roleTitle(role: Role): string {
  return TITLES[role]
}
