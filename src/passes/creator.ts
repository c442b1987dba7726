import type { Actor } from '../access/actor.ts'
import { Problem } from '../http/problems.ts'
import { validationFailed } from '../http/validate.ts'
import type { EntityManager } from '../platform/database.ts'
import { type ActsIn, actingPass, isAdmin } from './delegation.ts'
import type { Pass } from './pass.entity.ts'
import type { PassStore } from './pass.store.ts'
import type { PassChanges } from './pass-change.ts'
import { defaultEnd, isLater } from './pass-validity.ts'

/**
 * A pass gives no credential that outlasts it: whoever stops it could not stop what it made. Asked where it makes a
 * pass, gives one a secret or keys, or moves its end.
 * @throws Problem `scope_not_grantable`
 */
export async function assertOutlastsNot(
  em: EntityManager,
  { principal }: ActsIn,
  pass: Pick<Pass, 'validUntil'>,
  passes: Pick<PassStore, 'find'>,
): Promise<void> {
  if (principal.kind !== 'pass') return
  const { validUntil } = await actingPass(em, principal, passes)
  if (isLater(pass.validUntil, validUntil))
    throw new Problem(
      'scope_not_grantable',
      `A pass gives no access for longer than it lasts itself, which is until ${validUntil?.toISOString()}. An ADMIN or an API key of the project can.`,
    )
}

/**
 * The end of a new pass of which none was given: the usual one, and that of the pass which makes it where that is sooner.
 * @throws Problem `validation_failed` when it would begin after that
 */
export async function endOfNewPass(
  em: EntityManager,
  { principal }: ActsIn,
  validFrom: Date,
  now: Date,
  passes: Pick<PassStore, 'find'>,
): Promise<Date> {
  const usual = defaultEnd(validFrom, now)
  if (principal.kind !== 'pass') return usual
  const { validUntil } = await actingPass(em, principal, passes)
  if (!validUntil || validUntil >= usual) return usual
  if (validUntil <= validFrom)
    throw validationFailed([
      {
        pointer: '/sentinelPass/validFrom',
        detail: `must lie before ${validUntil.toISOString()}, when the pass that makes this one ends`,
      },
    ])
  return validUntil
}

/**
 * Settles whether a pass that a pass has made lasts no longer than that one. It does, unless an ADMIN or an API key
 * says otherwise: by `endsWithCreator`, or by an end that is later.
 * @param sent `endsWithCreator` of the body
 * @param creator null: the pass was made by somebody else, or its creator is gone
 * @throws Problem `validation_failed` where there is nothing to end with, `scope_not_grantable` for anybody else
 */
export function settleEndWithCreator(
  acting: ActsIn,
  pass: Pass,
  sent: boolean | undefined,
  creator: Pass | null,
): void {
  const isBeyond = !creator || isLater(pass.validUntil, creator.validUntil)
  if (sent && !pass.endsWithCreator && isBeyond)
    throw validationFailed([
      {
        pointer: '/sentinelPass/endsWithCreator',
        detail: creator
          ? `needs an end that is not after that of the pass which made this one, ${creator.validUntil?.toISOString()}`
          : 'is for a pass that was made by one which still exists',
      },
    ])
  const ends = (sent ?? pass.endsWithCreator) && !isBeyond
  if (pass.endsWithCreator && !ends && !isAdmin(acting))
    throw new Problem(
      'scope_not_grantable',
      'A pass that was made by a pass lasts no longer than that one. It takes an ADMIN or an API key of the project to say otherwise.',
    )
  pass.endsWithCreator = ends
}

/**
 * Has the passes that a pass has made, and that last no longer than it, end by the time that it does, and theirs too.
 * @param end of the pass that made them
 */
export async function endThoseMadeBy(
  em: EntityManager,
  passes: PassStore,
  changes: PassChanges,
  actor: Actor,
  creator: Pass,
  end: Date,
): Promise<void> {
  for (const pass of await passes.findEndingWith(em, creator, end)) {
    const before = { validUntil: pass.validUntil ?? null }
    pass.validUntil = end
    changes.moveOn(pass)
    changes.note(em, actor, pass, 'pass.end_with_creator', { before, after: { validUntil: end } })
    await endThoseMadeBy(em, passes, changes, actor, pass, end)
  }
}
