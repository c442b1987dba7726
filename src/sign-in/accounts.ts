import type { User } from '../accounts/user.entity.ts'

/**
 * What the library knows a signed-in user by: the id, and the epoch that the password was checked under. It goes from
 * the sign-in into session, grant, code and token, so that all of them end when the epoch moves on, however close
 * together that and the making of one of them are.
 */
export function accountIdOf(user: Pick<User, 'id' | 'epoch'>): string {
  return `${user.id}.${user.epoch}`
}

/** The user of an account id: what clients know them by (`sub`). */
export function subjectOf(accountId: string): string {
  return accountId.split('.')[0] ?? ''
}

/** Whether an account id is the user's as they are now. */
export function isCurrent(accountId: string, user: Pick<User, 'id' | 'epoch'>): boolean {
  return accountId === accountIdOf(user)
}
