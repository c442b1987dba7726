import { LockMode } from '@mikro-orm/core'
import type { PassPrincipal } from '../access/principal.ts'
import { hasScopesFor, type RouteName, RULES } from '../access/rules.ts'
import { credentialEnded, type HoldCredential } from '../access/standing.ts'
import { Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import { PassEntity } from './pass.entity.ts'
import { whyUnusable } from './pass-validity.ts'

/**
 * Holds a pass that acts by one of its tokens until the transaction ends. A token lives on when its pass is paused,
 * expires in the meantime or loses scopes; that is good enough to read by. To change anything, the pass has to be one
 * that is granted tokens now, and to hold now what the route asks for.
 * @throws Problem `unauthenticated` or `forbidden`
 */
export function holdPass(
  { id, epoch, tokenId, tokenScopes }: PassPrincipal,
  route: RouteName,
  clock: Clock,
): HoldCredential {
  return async em => {
    const pass = await em.findOne(PassEntity, { id, epoch }, { lockMode: LockMode.PESSIMISTIC_READ })
    if (!pass) throw credentialEnded()
    // Who ends a single token holds the pass meanwhile, so that it has been ended by now or will be after this act.
    const ended: unknown[] = await em.execute('select 1 from ended_tokens where id = ?', [tokenId])
    if (ended.length > 0) throw credentialEnded()
    const why = whyUnusable(pass, clock.now())
    if (why) throw new Problem('forbidden', `Its tokens change nothing: ${why}.`)
    if (!hasScopesFor(route, new Set(pass.scopes).intersection(tokenScopes)))
      throw new Problem(
        'forbidden',
        'The pass does not hold the scope any more that its token was granted: such a token only reads.',
        undefined,
        { scope: RULES[route].passScopes[0] },
      )
  }
}
