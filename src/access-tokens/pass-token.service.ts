import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Page } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import { assertMayChange } from '../passes/delegation.ts'
import type { PassStore } from '../passes/pass.store.ts'
import type { Acting } from '../passes/pass-change.ts'
import type { Database } from '../platform/database.ts'
import type { LiveToken, LiveTokenStore } from './live-token.store.ts'

/** The live tokens of a pass, for those who manage it. */
export class PassTokenService {
  readonly #database: Database
  readonly #passes: PassStore
  readonly #tokens: LiveTokenStore
  readonly #audit: AuditTrail

  constructor(database: Database, passes: PassStore, tokens: LiveTokenStore, audit: AuditTrail) {
    this.#database = database
    this.#passes = passes
    this.#tokens = tokens
    this.#audit = audit
  }

  /** @param id UUID or `passId` @throws Problem `not_found` */
  async list(projectId: string, id: string, page: number, perPage: number): Promise<Page<LiveToken>> {
    const view = await this.#passes.view(projectId, id)
    if (!view) throw notFound()
    return this.#tokens.list(view.pass, page, perPage)
  }

  /** Ends one token of a pass: it is refused everywhere from the answer on. @throws Problem `not_found` or `forbidden` */
  async end(acting: Acting, id: string, tokenId: string): Promise<void> {
    const view = await this.#passes.view(acting.projectId, id)
    const token = view && (await this.#tokens.find(view.pass, tokenId))
    if (!token) throw notFound()
    await this.#database.em().transactional(async em => {
      await acting.actor.hold?.(em)
      const pass = await this.#passes.findLocked(em, acting.projectId, id)
      if (!pass) throw notFound()
      await assertMayChange(em, acting, pass, this.#passes)
      await this.#tokens.end(em, { id: token.id, expiresAt: token.grantedUntil.getTime() })
      this.#audit.note(em, acting.projectId, acting.actor, {
        action: 'pass.end_token',
        targetType: 'pass',
        targetId: pass.id,
        targetName: pass.title,
        before: { liveToken: tokenId },
        after: { liveToken: null },
      })
    })
  }
}
